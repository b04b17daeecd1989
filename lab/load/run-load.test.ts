import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLoadOptions, type LoadOptions } from './load-options.ts';
import { type LoadResult, runLoad } from './run-load.ts';
import { startScriptedServer } from './scripted-server.ts';
import { prepareWorkload } from './service-orders.ts';

const quick: Partial<LoadOptions> = {
  skus: ['mug'],
  connections: 4,
  warmupSeconds: 0,
  seconds: 0.25,
  drainSeconds: 1,
};

async function load(given: Partial<LoadOptions>): Promise<LoadResult> {
  const options = checkLoadOptions({ ...quick, ...given });
  return runLoad({ ...options, ...(await prepareWorkload(options)) });
}

const ok = { status: 200, body: 'ok' };
const placed = { status: 201, body: '{"order_id":"o-1","confirmation_url":"/orders/o-1?key=k"}' };

test('every answered order is counted once', async () => {
  await using server = await startScriptedServer(() => placed);
  const result = await load({ url: server.url, scenarioName: 'orders' });
  assert.equal(result.ordersPlaced, server.requests());
  assert.deepEqual(result.statuses, { 201: server.requests() });
  assert.deepEqual([result.unexpected, result.errors, result.ordersUnknown], [{}, {}, 0]);
  assert.ok(result.answered > 10 && result.answered <= result.ordersPlaced);
  // Besides those that were under way when the window closed, one of each connection at the most.
  const underWay = result.latency.count - result.answered;
  assert.ok(underWay >= 0 && underWay <= result.options.connections, `${underWay}`);
});

test('the pipeline reads the page of the very order it placed, key and all', async () => {
  const pages = new Set<string>();
  let orders = 0;
  await using server = await startScriptedServer((request) => {
    if (request.method === 'GET') {
      pages.add(`${request.url} ${request.headers.accept}`);
      return ok;
    }
    orders += 1;
    return {
      status: 201,
      body: `{"order_id":"o-${orders}","confirmation_url":"/orders/o-${orders}?key=k${orders}"}`,
    };
  });
  const result = await load({ url: server.url, scenarioName: 'pipeline' });
  assert.equal(result.ordersPlaced, orders);
  assert.equal(result.statuses['200'], pages.size);
  for (let i = 1; i <= pages.size - 4; i += 1)
    assert.ok(pages.has(`/orders/o-${i}?key=k${i} text/html`), `page ${i}`);
  // Journeys in flight when sending ends are not carried on.
  assert.ok(orders - pages.size <= 4);
});

test('reads go to pages of orders placed before', async () => {
  await using server = await startScriptedServer(({ method }) => (method === 'GET' ? ok : placed));
  const result = await load({ url: server.url, scenarioName: 'reads', readOrders: 20 });
  assert.ok(result.ordersPlaced >= 20 && result.ordersPlaced < 40);
  assert.equal(result.statuses['200'], server.requests() - result.ordersPlaced);
});

test('what goes wrong is counted by kind, and orders without an answer are unknown', async () => {
  await using server = await startScriptedServer((_request, serial) => {
    if (serial % 10 === 3) return { status: 503, body: 'busy' };
    if (serial % 10 === 6) return { ...placed, fault: 'reset' };
    if (serial === 8) return { ...placed, fault: 'silence' };
    return placed;
  });
  // Long enough that only the silent one is given up, also on a machine that stalls for a moment.
  const result = await load({ url: server.url, scenarioName: 'orders', timeoutMs: 700 });
  const { errors, unexpected, statuses, ordersPlaced, ordersUnknown } = result;
  assert.equal(unexpected['POST /api/v1/orders 503'], statuses['503']);
  assert.ok((statuses['503'] ?? 0) >= 1);
  assert.equal(errors['timeout'], 1);
  assert.equal(ordersPlaced + ordersUnknown + (statuses['503'] ?? 0), server.requests());
  assert.equal(
    ordersUnknown,
    Object.values(errors).reduce((sum, count) => sum + count, 0),
  );
});

test('nobody listening ends in time, with the reason', async () => {
  const server = await startScriptedServer(() => ok);
  await server[Symbol.asyncDispose]();
  const result = await load({ url: server.url, scenarioName: 'health', seconds: 0.1, openWaitMs: 100 });
  assert.ok((result.errors['ECONNREFUSED'] ?? 0) > 0, JSON.stringify(result.errors));
  assert.deepEqual(result.voidReasons, ['nothing was answered']);
});

test('a closed loop hides a stall, an open loop shows it', async () => {
  const stallMs = 500;
  for (const mode of ['closed', 'open'] as const) {
    let stallEndsAtMs = 0;
    await using server = await startScriptedServer((_request, serial) => {
      if (serial === 60) stallEndsAtMs = performance.now() + stallMs;
      return { ...ok, delayMs: Math.max(2, stallEndsAtMs - performance.now()) };
    });
    const result = await load({
      url: server.url,
      scenarioName: 'health',
      mode,
      ratePerSecond: 400,
      seconds: 1.2,
    });
    const { latency, openLoop } = result;
    assert.ok(latency.maxMs >= stallMs * 0.95, `${mode} max ${latency.maxMs}`);
    if (mode === 'closed') {
      // One request on each of the four connections met the stall; thousands of others never knew.
      assert.ok(latency.p90Ms < stallMs / 2, `closed p90 ${latency.p90Ms}`);
      assert.equal(openLoop, null);
    } else {
      // A third of the time was stalled, and with it a third of what was due.
      assert.ok(latency.p90Ms > stallMs / 2, `open p90 ${latency.p90Ms}`);
      assert.ok(latency.p99Ms > stallMs * 0.8, `open p99 ${latency.p99Ms}`);
      assert.ok((openLoop?.backlogHighest ?? 0) > 50, `backlog ${openLoop?.backlogHighest}`);
      assert.ok(Math.abs(result.answered - 480) < 150, `answered ${result.answered}`);
    }
  }
});

test('an open loop sends everything it owes, and says what it dropped', async () => {
  await using server = await startScriptedServer(() => ({ ...ok, delayMs: 40 }));
  const given = {
    url: server.url,
    scenarioName: 'health',
    mode: 'open',
    arrivals: 'even',
    ratePerSecond: 300,
  } as const;
  const patient = await load(given);
  assert.equal(patient.openLoop?.journeysDue, server.requests());
  // What was due in the moment before the window opened is sent and not measured.
  assert.ok(server.requests() - patient.latency.count <= 10);
  // Four connections serve 100 requests/s; 300 are due, so the last wait for half a second.
  assert.ok(patient.latency.maxMs > 250, `max ${patient.latency.maxMs}`);
  assert.deepEqual(patient.errors, {});

  const bounded = await load({ ...given, backlogMax: 10 });
  const dropped = bounded.openLoop?.journeysDropped ?? 0;
  assert.ok(dropped > 10);
  assert.ok(bounded.voidReasons.some((reason) => reason.startsWith(`${dropped} journeys dropped`)));
});

test('what has no answer at the end counts as having taken at least that long', async () => {
  await using server = await startScriptedServer(() => ({ ...ok, fault: 'silence' }));
  const result = await load({
    url: server.url,
    scenarioName: 'health',
    mode: 'open',
    ratePerSecond: 50,
    seconds: 0.3,
    drainSeconds: 0.2,
  });
  assert.equal(result.errors['unanswered_at_end'], 4);
  assert.ok((result.errors['never_sent'] ?? 0) > 0);
  assert.ok(result.latency.maxMs >= 200);
});

test('options name every mistake, and other machines are refused', () => {
  assert.throws(
    () => checkLoadOptions({ url: 'http://example.com', connections: 0, seconds: 1e9 }),
    /connections is 0.*seconds is 1000000000.*not on this machine/,
  );
  assert.equal(checkLoadOptions({ url: 'http://127.0.0.1:1' }).scenarioName, 'pipeline');
});

test('a service that sends the generator to another machine is not followed there', async () => {
  await using elsewhere = await startScriptedServer(() => placed);
  const headers = { location: elsewhere.url };
  await using server = await startScriptedServer(() => ({ status: 307, body: '', headers }));
  await assert.rejects(load({ url: server.url, skus: [] }), /GET \/api\/v1\/products answered 307/);
  await assert.rejects(
    load({ url: server.url, scenarioName: 'reads' }),
    /POST \/api\/v1\/orders answered 307/,
  );
  assert.equal(elsewhere.requests(), 0);
});
