/** Alerts, dashboard and runbook name only metrics that the service really has. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { anOrder, get, postOrder } from '../journeys/shop-client.ts';
import { runCli, startService } from '../service.ts';
import { alertExpressions, alertNames, dashboardExpressions, readFromRoot as read } from './expressions.ts';
import { askedBy } from './promql.ts';

const rules = read('deploy/prometheus/alerts.yml');
const runbook = read('docs/RUNBOOK.md');

/** Label names by the name of a sample. */
const exported = new Map<string, Set<string>>();

/** Prometheus adds these itself. `le` is a histogram's. */
const everywhere = ['job', 'instance', '__name__'];

function addSamples(exposition: string): void {
  for (const line of exposition.split('\n')) {
    const [, name, labels = ''] = /^([a-z0-9_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = exported.get(name) ?? new Set(everywhere);
    for (const [, label = ''] of labels.matchAll(/([a-z_]+)="/g)) known.add(label);
    exported.set(name, known);
  }
}

function seriesOfAlertTests(): string[] {
  return Array.from(
    read('deploy/prometheus/alerts.test.yml').matchAll(/series: '([^']+)'/g),
    ([, series = '']) => series,
  );
}

const alerts = alertNames();

/** Made by Prometheus for each target. */
const ofPrometheus = new Map([['up', new Set(everywhere)]]);

function assertExported(expression: string): void {
  const asked = askedBy(expression);
  assert.ok(asked.length > 0, expression);
  for (const { metric, labels } of asked) {
    const known = exported.get(metric) ?? ofPrometheus.get(metric);
    assert.ok(known, `nothing exports ${metric}: ${expression}`);
    for (const label of labels) assert.ok(known.has(label), `${metric} has no label ${label}: ${expression}`);
  }
}

describe('what is measured', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-metrics-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(async () => {
    const places = {
      LAKE_URL: `file:${join(folder, 'lake')}`,
      BIGQUERY_DATASET: 'my-project.shop',
      // Where nothing answers: its metrics are there all the same.
      BIGQUERY_EMULATOR_HOST: '127.0.0.1:1',
    };
    await using service = await startService({ env: places });
    assert.equal((await postOrder(service.url, anOrder())).status, 201);
    await get(`${service.url}/`);
    const created = ['keys', 'create', '--name', 'erp', '--scopes', 'keys:write', '--expires-in-days', '3'];
    const key = (await runCli(created, { dir: service.dir })).stdout.trim();
    const listed = await get(`${service.url}/api/v1/api-keys`, { authorization: `Bearer ${key}` });
    assert.equal(listed.status, 200, listed.text);
    addSamples((await get(`${service.url}/metrics`)).text);
    const textfile = join(folder, 'nozama.prom');
    const { code, output } = await runCli(
      ['backup', '--to', join(folder, 'backups'), '--textfile', textfile],
      {
        dir: service.dir,
      },
    );
    assert.equal(code, 0, output);
    addSamples(readFileSync(textfile, 'utf8'));
  });

  test('is all that alerts ask for', () => {
    const expressions = alertExpressions();
    assert.equal(expressions.length, alerts.length);
    for (const expression of expressions) assertExported(expression);
  });

  test('is all that the dashboard asks for', () => {
    const expressions = dashboardExpressions('1m');
    assert.ok(expressions.length > 30, `${expressions.length}`);
    for (const expression of expressions) assertExported(expression);
  });

  test('is all that the tests of the alerts pretend to be there', () => {
    const series = seriesOfAlertTests();
    assert.ok(series.length > alerts.length, `${series.length}`);
    for (const one of series) assertExported(one);
  });

  test('stands in the runbook, and nothing else does', () => {
    const table = runbook.slice(runbook.indexOf('| Metric | Labels |'));
    const documented = new Map<string, readonly string[]>();
    for (const row of table.split('\n').filter((line) => line.startsWith('| `'))) {
      // Those of backups have no labels, and no column for them.
      const [, names = '', ...cells] = row.split('|');
      const labels = cells.length > 2 ? (cells[0] ?? '') : '';
      const words = (cell: string) => Array.from(cell.matchAll(/`([a-z_]+)`/g), ([, word = '']) => word);
      for (const name of words(names)) documented.set(name, words(labels).sort());
    }
    const families = new Map<string, readonly string[]>();
    for (const [sample, labels] of exported) {
      if (!sample.startsWith('nozama_')) continue;
      const own = [...labels].filter((label) => !everywhere.includes(label) && label !== 'le');
      families.set(sample.replace(/_(bucket|sum|count)$/, ''), own.sort());
    }
    assert.deepEqual(new Map([...documented].sort()), new Map([...families].sort()));
  });
});

describe('the runbook', () => {
  const sections = Array.from(runbook.matchAll(/^## (Nozama\w+)$/gm), ([, name]) => name);

  test('has a section for each alert, and for nothing else', () => {
    assert.deepEqual(sections, alerts);
    assert.equal(new Set(alerts).size, alerts.length);
  });

  test('is where each alert leads to', () => {
    const links = Array.from(rules.matchAll(/runbook_url: (\S+)/g), ([, url]) => url);
    assert.deepEqual(
      links,
      alerts.map((name) => `docs/RUNBOOK.md#${name.toLowerCase()}`),
    );
  });
});
