import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { confirmationPage, driveHost, get, order, pause } from '../scenarios/requests.ts';
import type { RequestStep, Task } from '../scenarios/scenario.ts';
import { targetOf } from './client-socket.ts';
import { scenarioTraffic } from './journeys.ts';
import { createLoadEngine, type LoadEngineOptions } from './load-engine.ts';
import { createLoadRecorder, type FailureRecord, type LoadRecorder } from './load-recorder.ts';
import { createClosedLoop } from './pacing.ts';
import { startScriptedServer } from './scripted-server.ts';

const ok = { status: 200, body: 'ok' };
const placed = { status: 201, body: '{"order_id":"o-1","confirmation_url":"/orders/o-1?key=k"}' };
const products = [{ sku: 'mug', priceCents: 900, onHand: 5 }];

interface Ran {
  readonly recorder: LoadRecorder;
  readonly failures: readonly FailureRecord[];
  readonly orders: readonly {
    readonly key: string | undefined;
    readonly status: number;
    readonly body: string;
  }[];
}

/** Two users, closed loop, everything measured. */
async function run(
  url: string,
  task: Task['run'],
  given: Partial<LoadEngineOptions> & {
    readonly ms?: number;
    readonly during?: (cut: () => void) => Promise<void>;
  } = {},
): Promise<Ran> {
  driveHost(new URL(url).host);
  const recorder = createLoadRecorder(() => 'wait');
  recorder.openWindow(0);
  const orders: Ran['orders'][number][] = [];
  const scenario = { title: 'Test', about: 'A test.', tasks: [{ weight: 1, run: task }] };
  const engine = createLoadEngine({
    targets: [targetOf(url)],
    traffic: scenarioTraffic(scenario, { seed: 1, products }),
    recorder,
    orders: {
      wrote: ({ order: sent }: RequestStep, status, body) =>
        orders.push({ key: sent?.key, status, body: body.toString() }),
    },
    connectsEachTime: false,
    timeoutMs: 5_000,
    firstUserId: 0,
    userIdStep: 1,
    ...given,
  });
  engine.pace((pool, startMs) =>
    createClosedLoop(pool, { users: 2, spawnPerSecond: 1e6, spawnedAtStart: 1, startMs }),
  );
  await (given.during?.(engine.cutConnections) ?? sleep(given.ms ?? 150));
  engine.stop();
  for (let waited = 0; !engine.isQuiet() && waited < 2_000; waited += 5) await sleep(5);
  engine.end();
  assert.deepEqual([engine.crowd.onJourney, engine.crowd.outstanding], [0, 0]);
  return { recorder, failures: recorder.failures(), orders };
}

const requestsOf = ({ recorder }: Ran, route: string) => recorder.route(route).measured.requests;

test('a journey carries what one answer said into the next request, over one connection', async () => {
  const connections = new Set<unknown>();
  const pages = new Set<string | undefined>();
  await using server = await startScriptedServer(({ method, url, socket, headers }) => {
    connections.add(socket);
    assert.equal(headers.host, new URL(server.url).host);
    if (method === 'POST') return placed;
    pages.add(url);
    return ok;
  });
  const ran = await run(server.url, function* ({ random }) {
    const answer = yield order(random, { sku: 'mug' });
    yield confirmationPage(answer);
  });
  assert.deepEqual([ran.failures, Array.from(pages)], [[], ['/orders/o-1?key=k']]);
  assert.equal(
    requestsOf(ran, 'POST /api/v1/orders') + requestsOf(ran, 'GET /orders/{id}'),
    server.requests(),
  );
  assert.equal(connections.size, 2);
  assert.equal(new Set(ran.orders.map(({ key }) => key)).size, requestsOf(ran, 'POST /api/v1/orders'));
  assert.ok(ran.orders.every(({ status, body }) => status === 201 && body === placed.body));
});

test('each request can have a connection of its own, whose making is part of its time', async () => {
  const connections = new Set<unknown>();
  await using server = await startScriptedServer(({ socket }) => {
    connections.add(socket);
    return ok;
  });
  const ran = await run(
    server.url,
    function* () {
      yield get('/');
    },
    { connectsEachTime: true },
  );
  assert.deepEqual(ran.failures, []);
  assert.ok(server.requests() > 2);
  assert.equal(connections.size, server.requests());
});

test('a journey that throws is a failure with its message; one that was failing already is not counted twice', async () => {
  await using server = await startScriptedServer(({ url }) =>
    url === '/bad' ? { status: 503, body: 'too busy' } : ok,
  );
  const ran = await run(server.url, function* ({ random }) {
    yield get('/good');
    if (random.fraction() < 0.5) throw new Error('the cart is empty');
    const answer = yield get('/bad', { keepsBody: true });
    answer.json();
  });
  const kinds = ran.failures.map(({ route, reason, example }) => `${route} ${reason} ${example}`).sort();
  assert.deepEqual(kinds, ['GET /bad 503 too busy', 'GET /good journey_failed the cart is empty']);
  const thrown = ran.failures.find(({ reason }) => reason === 'journey_failed')?.count ?? 0;
  assert.equal(thrown + requestsOf(ran, 'GET /bad'), requestsOf(ran, 'GET /good'));
});

test('a task that does nothing, or throws at once, does not spin', async () => {
  await using server = await startScriptedServer(() => ok);
  let begun = 0;
  const ran = await run(
    server.url,
    // biome-ignore lint/correctness/useYield: this is what is tested
    function* () {
      begun += 1;
      if (begun % 2 === 0) throw new Error('nothing to do');
    },
    { ms: 250 },
  );
  assert.ok(begun >= 2 && begun <= 8, `${begun}`);
  assert.equal(ran.failures[0]?.example, 'nothing to do');
});

test('a request without an answer gives status 0, and can be sent again with its key', async () => {
  let serial = 0;
  const keys: unknown[] = [];
  await using server = await startScriptedServer(({ headers }) => {
    serial += 1;
    keys.push(headers['idempotency-key']);
    return serial % 2 === 1 ? { ...placed, fault: 'reset' } : placed;
  });
  const statuses: number[] = [];
  const ran = await run(server.url, function* ({ random }) {
    const step = order(random, { sku: 'mug' });
    const first = yield step;
    const second = yield step;
    statuses.push(first.status, second.status);
    yield pause(1_000_000 / 2);
  });
  assert.equal(statuses.filter((status) => status === 0).length, 2);
  assert.equal(new Set(keys).size, 2);
  assert.deepEqual(ran.orders.map(({ status }) => status).sort(), [0, 0, 201, 201]);
  assert.equal(ran.recorder.route('POST /api/v1/orders').unanswered, 2);
});

test('a cut tears what is outstanding, and only that', async () => {
  await using server = await startScriptedServer(() => ({ ...placed, delayMs: 2_000 }));
  const ran = await run(
    server.url,
    function* ({ random }) {
      yield order(random, { sku: 'mug' });
      yield pause(60_000);
    },
    {
      async during(cut) {
        while (server.requests() < 2) await sleep(5);
        cut();
        await sleep(20);
      },
    },
  );
  assert.deepEqual(
    ran.failures.map(({ reason, count }) => [reason, count]),
    [['connection_cut', 2]],
  );
  assert.deepEqual(
    ran.orders.map(({ status }) => status),
    [0, 0],
  );
});

test('a timeout counts as having taken that long, also while connecting to nobody who answers', async () => {
  await using server = await startScriptedServer(() => ({ ...ok, fault: 'silence' }));
  const ran = await run(
    server.url,
    function* () {
      yield get('/');
      yield pause(60_000);
    },
    { timeoutMs: 100, ms: 300 },
  );
  const { measured } = ran.recorder.route('GET /');
  assert.deepEqual([ran.failures[0]?.reason, measured.requests, measured.failures], ['timeout', 2, 2]);
  assert.ok(measured.latency.getValueAtPercentile(50) >= 99_000);
});

test('orders that could not be sent are in no ledger, and a service that is down is not hammered', async () => {
  const server = await startScriptedServer(() => ok);
  await server[Symbol.asyncDispose]();
  const ran = await run(
    server.url,
    function* ({ random }) {
      yield order(random, { sku: 'mug' });
    },
    { ms: 400 },
  );
  assert.deepEqual(ran.orders, []);
  assert.equal(ran.failures[0]?.reason, 'ECONNREFUSED');
  assert.ok((ran.failures[0]?.count ?? 0) <= 16, `${ran.failures[0]?.count}`);
  assert.equal(ran.recorder.route('POST /api/v1/orders').unanswered, 0);
});

test('a slow client sends its bytes at its pace', async () => {
  const arrivedMs: number[] = [];
  let bytes = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      arrivedMs.push(performance.now());
      if (chunk.toString().endsWith('\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const ran = await run(
    `http://127.0.0.1:${port}`,
    function* () {
      yield get('/', { bytesPerSecond: 200 });
      yield pause(60_000);
    },
    { ms: 600 },
  );
  server.close();
  assert.deepEqual(ran.failures, []);
  const step = get('/');
  assert.equal(bytes, 2 * step.bytes.length);
  const tookMs = ran.recorder.route('GET /').measured.latency.getValueAtPercentile(1) / 1_000;
  // The first tenth of a second's bytes goes at once.
  assert.ok(tookMs >= (step.bytes.length / 200) * 1_000 - 200, `${tookMs} ms`);
});
