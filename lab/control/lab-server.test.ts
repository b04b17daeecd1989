import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runtimeUnderTest } from '../../test/service.ts';
import { type ScriptedServer, startScriptedServer } from '../load/scripted-server.ts';
import { type LabClient, labClient, rawStatus } from './lab-client.testing.ts';
import { type LabDesk, openLab } from './lab-desk.ts';
import { type LabPages, type LabServer, startLabServer } from './lab-server.ts';
import type { LabView, LiveSample, RunSummary, RunView } from './live.ts';
import type { RunMessage } from './live-run.ts';

const pages: LabPages = {
  answer: (path) =>
    path === '/' ? { contentType: 'text/html; charset=utf-8', body: '<h1>The lab</h1>' } : null,
  renderReport: ({ id }) => `<h1>${id}</h1>`,
};
const service = {
  engine: 'sqlite',
  isOnSmallDisk: false,
  runtime: runtimeUnderTest(),
  stock: 1_000_000,
} as const;

interface OpenLab extends AsyncDisposable {
  readonly desk: LabDesk;
  readonly server: LabServer;
  readonly client: LabClient;
}

async function openLabAt(plan: unknown): Promise<OpenLab> {
  const resultsFolder = mkdtempSync(join(tmpdir(), 'lab-results-'));
  const desk = await openLab({ plan, service, resultsFolder, warn: assert.fail });
  const server = await startLabServer({ desk, pages, port: 0 });
  return {
    desk,
    server,
    client: labClient(server.url.replace('localhost', '127.0.0.1')),
    async [Symbol.asyncDispose]() {
      await desk.close();
      await server.close();
      rmSync(resultsFolder, { recursive: true, force: true });
    },
  };
}

const isOver = ({ state }: RunView) => state === 'ended' || state === 'failed';

function samplesOf(messages: readonly RunMessage[]): readonly LiveSample[] {
  return messages.flatMap((message) => (message.name === 'sample' ? [message.data] : []));
}

describe('the lab over HTTP', () => {
  let target: ScriptedServer;
  let lab: OpenLab;
  const few = { kind: 'users', users: 3, spawnPerSecond: 100 };
  before(async () => {
    target = await startScriptedServer(() => ({ status: 200, body: 'ok', delayMs: 5 }));
    lab = await openLabAt({ host: target.url });
  });
  after(async () => {
    await lab[Symbol.asyncDispose]();
    await target[Symbol.asyncDispose]();
  });

  it('tells what there is before anything has run', async () => {
    const view = (await lab.client.get('/api/lab')).json() as LabView;
    assert.ok(view.scenarios.some(({ name }) => name === 'order-pipeline'));
    assert.equal(view.plan.host, target.url);
    assert.equal(view.service, null);
    for (const { isPossible } of view.faults) assert.match(String(isPossible), /started itself/);
    const none = await lab.client.get('/api/run');
    assert.equal(none.status, 404);
    assert.match(String((none.json() as { message: string }).message), /Nothing has run yet/);
    assert.deepEqual((await lab.client.get('/api/runs')).json(), []);
  });

  it('runs one at a time, changes its pace, shows it to all, and keeps it', async () => {
    const { client } = lab;
    const started = await client.send('POST', '/api/run', {
      plan: { host: target.url, seconds: null, pace: few },
    });
    assert.equal(started.status, 201, started.text);
    const { id } = started.json() as RunView;
    const first = await client.watch();
    const second = await client.watch();
    assert.equal((await client.send('POST', '/api/run', { plan: { host: target.url } })).status, 409);
    await second.until((messages) => samplesOf(messages).length >= 4);
    first.close();

    const more = { kind: 'users', users: 6, spawnPerSecond: 100 };
    assert.equal((await client.send('PUT', '/api/run/pace', { pace: { ...more, users: 0 } })).status, 422);
    const changed = await client.send('PUT', '/api/run/pace', { pace: more });
    assert.deepEqual([changed.status, changed.json()], [200, { pace: more }]);
    const open = { kind: 'arrivals', profile: { shape: 'constant', perSecond: 10 } };
    assert.equal((await client.send('PUT', '/api/run/pace', { pace: open })).status, 409);
    await second.until((messages) => samplesOf(messages).some(({ users }) => users === 6));
    assert.equal((await client.send('POST', '/api/run/faults', { name: 'kill' })).status, 409);
    assert.equal((await client.send('POST', '/api/run/faults', { name: 'rain' })).status, 422);

    assert.equal((await client.send('POST', '/api/run/stop', {})).status, 202);
    const view = await client.runUntil(isOver);
    assert.equal(view.state, 'ended', view.problem ?? '');
    assert.equal(view.truth?.kind, 'nothing');
    assert.equal(view.totals?.failures, 0);
    assert.ok((view.totals?.requests ?? 0) > 100);
    assert.deepEqual(
      view.events.flatMap(({ kind, text }) => (kind === 'change' ? [text] : [])),
      ['6 users, 100 more each second.'],
    );
    assert.equal((await client.send('POST', '/api/run/stop', {})).status, 409);

    await second.until((messages) =>
      messages.some(({ name, data }) => name === 'run' && isOver(data as RunView)),
    );
    const seen = samplesOf(second.messages);
    assert.deepEqual(
      seen,
      view.samples.slice(-seen.length),
      'a stream misses samples, or has them out of order',
    );
    assert.deepEqual(
      view.samples,
      view.samples.toSorted((a, b) => a.atSecond - b.atSecond),
    );
    assert.ok(second.messages.some(({ name }) => name === 'routes'));
    second.close();

    const [summary] = (await client.get('/api/runs')).json() as RunSummary[];
    assert.equal(summary?.id, id);
    assert.equal(summary?.requests, view.totals?.requests);
    assert.deepEqual((await client.get(`/api/runs/${id}`)).json(), view);
  });

  it('hands out a run as report, table and JSON', async () => {
    const [summary] = (await lab.client.get('/api/runs')).json() as RunSummary[];
    const id = summary?.id ?? '';
    for (const [file, type] of [
      ['report.html', 'text/html; charset=utf-8'],
      ['samples.csv', 'text/csv; charset=utf-8'],
      ['run.json', 'application/json'],
    ]) {
      const answer = await lab.client.get(`/api/runs/${id}/${file}`);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), type);
      assert.equal(
        answer.headers.get('content-disposition'),
        `attachment; filename="${id}.${file?.split('.').at(-1)}"`,
      );
    }
    const view = (await lab.client.get(`/api/runs/${id}/run.json`)).json() as RunView;
    const lines = (await lab.client.get(`/api/runs/${id}/samples.csv`)).text.trimEnd().split('\r\n');
    assert.equal(lines.length, view.samples.length + 1);
    for (const file of ['run.exe', 'constructor', '__proto__'])
      assert.equal((await lab.client.get(`/api/runs/${id}/${file}`)).status, 404, file);
    assert.equal((await lab.client.get('/api/runs/..%2f..%2fpackage')).status, 404);
  });

  it('refuses a plan with every mistake by its field', async () => {
    const plan = { scenario: 'helth', host: 'http://shop.example', pace: few, seconds: 5 };
    const answer = await lab.client.send('POST', '/api/run', { plan });
    assert.equal(answer.status, 422);
    const { mistakes } = answer.json() as { mistakes: { field: string; message: string }[] };
    assert.deepEqual(mistakes.map(({ field }) => field).sort(), ['host', 'scenario']);
    assert.match(JSON.stringify(mistakes), /health-check.*/);
    for (const body of [[], null, 'x']) {
      assert.equal((await lab.client.send('POST', '/api/run', JSON.stringify(body))).status, 400);
    }
    assert.equal((await lab.client.send('POST', '/api/run', '{"plan":')).status, 400);
    assert.equal((await lab.client.send('POST', '/api/run', `"${'x'.repeat(70_000)}"`)).status, 413);
    assert.equal((await lab.client.send('POST', '/api/run', {})).status, 422);
  });

  it('lets nobody but a page of its own, or a program here, tell it what to do', async () => {
    const { client, server } = lab;
    const stop = (headers: Record<string, string>) => client.send('POST', '/api/run/stop', {}, headers);
    for (const origin of ['http://shop.example', 'null', 'http://localhost:1', 'https://127.0.0.1']) {
      assert.equal((await stop({ origin })).status, 403, origin);
    }
    const { port } = new URL(server.url);
    // 409: it would, if anything ran.
    assert.equal((await stop({ origin: `http://127.0.0.1:${port}` })).status, 409);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      assert.equal((await stop({ 'content-type': type })).status, 415, type);
    }
    const url = `http://127.0.0.1:${port}`;
    for (const path of ['/', '/api/lab', '/api/events']) {
      for (const host of [`rebound.example:${port}`, `evil@localhost:${port}`])
        assert.equal(await rawStatus(url, path, { host }), 403, `${host} ${path}`);
    }
    assert.equal(await rawStatus(url, '/', { host: `localhost:${port}` }), 200);
  });

  it('serves its page with headers that keep others out, and nothing else', async () => {
    const page = await lab.client.get('/');
    assert.equal(page.text, '<h1>The lab</h1>');
    assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self'/);
    assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
    for (const path of ['/none', '/assets/none.js', '/api/none', '/api/runs/none']) {
      assert.equal((await lab.client.get(path)).status, 404, path);
    }
    const wrong = await lab.client.send('POST', '/api/lab', {});
    assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'GET']);
  });

  it('says in one sentence that its port is in use', async () => {
    const port = Number(new URL(lab.server.url).port);
    await assert.rejects(startLabServer({ desk: lab.desk, pages, port }), {
      message: `Port ${port} is in use: please end the program that listens there, or set LAB_PORT to another port.`,
    });
  });

  it('lives on when the host does not answer, and when it ends under load', async () => {
    const { client } = lab;
    const gone = createServer((_, response) => response.end('ok'));
    await new Promise<void>((done) => gone.listen(0, '127.0.0.1', done));
    const host = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await client.send('POST', '/api/run', { plan: { host, pace: few, seconds: null, timeoutMs: 500 } });
    await client.runUntil(({ samples }) => samples.length > 2);
    gone.close();
    gone.closeAllConnections();
    await client.runUntil(({ events }) => events.some(({ kind }) => kind === 'down'));
    await new Promise<void>((done) => gone.listen(Number(new URL(host).port), '127.0.0.1', done));
    await client.runUntil(({ events }) => events.some(({ kind }) => kind === 'up'));
    await client.send('POST', '/api/run/stop', {});
    const view = await client.runUntil(isOver);
    assert.equal(view.state, 'ended', view.problem ?? '');
    assert.ok((view.totals?.failures ?? 0) > 0);
    gone.close();
    gone.closeAllConnections();

    await client.send('POST', '/api/run', { plan: { host, pace: few, seconds: 1 } });
    const failed = await client.runUntil(isOver);
    assert.equal(failed.state, 'failed');
    assert.match(failed.problem ?? '', /does not answer \(.+\): please start the service there/);
  });
});

describe('the lab on a service of its own', () => {
  it('kills it under load, sees it come back, and proves that nothing is lost', async () => {
    await using lab = await openLabAt({ scenario: 'order-pipeline' });
    const { client } = lab;
    const { service: own, faults } = (await client.get('/api/lab')).json() as LabView;
    assert.equal(own?.isRunning, true);
    assert.equal(faults.find(({ name }) => name === 'kill')?.isPossible, true);
    const plan = {
      scenario: 'order-pipeline',
      pace: { kind: 'users', users: 4, spawnPerSecond: 100 },
      seconds: null,
      timeoutMs: 5_000,
    };
    assert.equal((await client.send('POST', '/api/run', { plan })).status, 201);
    await client.runUntil(({ state, samples }) => state === 'running' && samples.length > 2);
    const killed = await client.send('POST', '/api/run/faults', { name: 'kill', durationMs: 500 });
    assert.equal(killed.status, 202, killed.text);
    assert.equal((await client.send('POST', '/api/run/faults', { name: 'kill' })).status, 409);
    const back = await client.runUntil(({ events }) => events.some(({ kind }) => kind === 'up'));
    assert.ok(back.events.some(({ kind }) => kind === 'fault'));
    assert.ok(back.events.some(({ kind }) => kind === 'down'));
    const { samples } = back;
    await client.runUntil((view) => view.samples.length > samples.length + 2);
    await client.send('POST', '/api/run/stop', {});
    const view = await client.runUntil(isOver);
    assert.equal(view.truth?.kind, 'kept', view.truth?.sentence);
    assert.ok((view.truth?.acknowledged ?? 0) > 0);
    assert.ok(view.samples.some((sample) => (sample.service?.batchSize ?? 0) >= 1));
  });
});
