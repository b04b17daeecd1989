/** Alerts and dashboard with a real Prometheus, node exporter and service. PROMETHEUS, PROMTOOL and NODE_EXPORTER name the programs: scripts/test-monitoring.sh. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { findFreePort } from '../../lab/service/free-port.ts';
import { until } from '../journeys/behind-the-service.ts';
import { anOrder, postOrder } from '../journeys/shop-client.ts';
import { runCli, startService } from '../service.ts';
import { alertExpressions, alertNames, dashboardExpressions, readFromRoot, root } from './expressions.ts';

const prometheus = process.env['PROMETHEUS'] ?? '';
const promtool = process.env['PROMTOOL'] ?? '';
const nodeExporter = process.env['NODE_EXPORTER'] ?? '';
const skip =
  [prometheus, promtool, nodeExporter].includes('') &&
  'PROMETHEUS, PROMTOOL and NODE_EXPORTER name no programs';

interface RunningPrometheus extends AsyncDisposable {
  /** The data of an answer. */
  ask(path: string, query?: Readonly<Record<string, string>>): Promise<Result>;
}

interface Result {
  readonly result?: readonly { readonly value: readonly [number, string] }[];
  readonly alerts?: readonly { readonly labels: Readonly<Record<string, string>>; readonly state: string }[];
  readonly groups?: readonly {
    readonly rules: readonly {
      readonly name: string;
      readonly health: string;
      readonly lastError?: string;
    }[];
  }[];
}

/** The rules as they are, except that an alert waits for a second only. */
async function startPrometheus(target: number, exporter: number): Promise<RunningPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-prometheus-'));
  const hasty = readFromRoot('deploy/prometheus/alerts.yml').replaceAll(/for: \w+/g, 'for: 1s');
  const config = readFromRoot('deploy/prometheus/prometheus.yml')
    .replace('nozama:5000', `127.0.0.1:${target}`)
    .replace('node-exporter:9100', `127.0.0.1:${exporter}`)
    .replace('scrape_timeout: 10s', 'scrape_timeout: 1s')
    .replaceAll('15s', '1s');
  writeFileSync(join(folder, 'alerts.yml'), hasty);
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const port = await findFreePort();
  const child: ChildProcess = spawn(
    prometheus,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  await until(
    () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => assert.equal(child.exitCode, null, said) ?? false,
      ),
    'Prometheus',
    20_000,
  );
  return {
    async ask(path, query = {}) {
      const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(query)}`);
      const { status, error, data } = (await response.json()) as {
        status: string;
        error?: string;
        data: Result;
      };
      assert.equal(status, 'success', `${error}: ${query['query']}`);
      return data;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As compose.yaml runs it, on a folder. @returns its port */
async function startNodeExporter(folder: string): Promise<AsyncDisposable & { readonly port: number }> {
  const { services } = parse(readFromRoot('compose.yaml')) as {
    readonly services: { readonly 'node-exporter': { readonly command: readonly string[] } };
  };
  const options = services['node-exporter'].command.map((one) => one.replace('/metrics', folder));
  const port = await findFreePort();
  const child = spawn(nodeExporter, [...options, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: 'ignore',
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('Prometheus', { skip }, () => {
  test('takes the configuration, and each alert fires when it has to', () => {
    const run = (...args: string[]) =>
      execFileSync(promtool, args, { cwd: join(root, 'deploy/prometheus'), encoding: 'utf8', stdio: 'pipe' });
    run('check', 'config', 'prometheus.yml');
    run('test', 'rules', 'alerts.test.yml');
    const tested = readFromRoot('deploy/prometheus/alerts.test.yml');
    for (const alert of alertNames()) {
      const firings = tested.split(`alertname: ${alert}`).slice(1);
      assert.ok(
        firings.some((rest) => /^\s+exp_alerts:\s+- exp_labels/.test(rest)),
        `no test lets ${alert} fire`,
      );
    }
  });

  test('reads a real service, fills the dashboard, and tells when it is gone', async () => {
    await using service = await startService({ env: { LAKE_URL: 'file:./lake' } });
    const textfiles = join(service.dir, 'metrics');
    mkdirSync(textfiles);
    await using exporter = await startNodeExporter(textfiles);
    await using prom = await startPrometheus(service.port, exporter.port);
    const placing = Array.from({ length: 20 }, () => postOrder(service.url, anOrder()));
    for (const { status } of await Promise.all(placing)) assert.equal(status, 201);
    const placed = async () => {
      const { result } = await prom.ask('query', { query: 'nozama_orders_total{outcome="placed"}' });
      return result?.[0]?.value[1] === '20';
    };
    await until(placed, 'the count of orders', 15_000);

    const shown = dashboardExpressions('4s');
    for (const query of [...alertExpressions(), ...shown]) await prom.ask('query', { query });
    // These can be empty: there was no backup yet, no key is in use, and no request was an error.
    const mayBeEmpty = /nozama_backup_|nozama_api_key_|4xx\|5xx/;
    for (const query of shown.filter((one) => !mayBeEmpty.test(one))) {
      const filled = async () => ((await prom.ask('query', { query })).result?.length ?? 0) > 0;
      await until(filled, `an answer to ${query}`, 15_000);
    }
    const { groups = [] } = await prom.ask('rules');
    for (const { name, health, lastError } of groups.flatMap(({ rules }) => rules)) {
      assert.ok(health !== 'err', `${name}: ${lastError}`);
    }
    const firing = async () => {
      const { alerts = [] } = await prom.ask('alerts');
      return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname']);
    };
    // A test machine's disk may really be nearly full.
    const roomAside = (names: readonly (string | undefined)[]) =>
      names.filter((name) => name !== 'NozamaDiskNearlyFull');
    await until(async () => (await firing()).includes('NozamaBackupMissing'), 'the alert', 20_000);
    const backUp = ['backup', '--to', join(service.dir, 'backups')];
    const { code, output } = await runCli(
      [...backUp, '--textfile', join(textfiles, 'nozama-backup.prom')],
      service,
    );
    assert.equal(code, 0, output);
    await until(async () => roomAside(await firing()).length === 0, 'no alert', 20_000);

    service.kill('SIGKILL');
    await service.exited;
    await until(async () => (await firing()).includes('NozamaDown'), 'the alert', 20_000);
  });
});
