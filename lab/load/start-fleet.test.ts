import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { repeatWhenDisturbed } from '../../test/tries.ts';
import type { Pace, RunPlan } from '../control/run-plan.ts';
import type { Fleet, FleetSample, FleetTotals } from './fleet.ts';
import { createFleetFigures } from './fleet-figures.ts';
import { type ScriptedAnswer, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { startFleet } from './start-fleet.ts';
import type { WorkerReport } from './worker-messages.ts';
import { startWorker } from './worker-process.ts';

const ok = { status: 200, body: 'ok' };
const list = {
  status: 200,
  body: '{"products":[{"sku":"mug","active":true,"num_in_stock":9,"price":{"amount":900}},{"sku":"old","active":false}],"next_cursor":null}',
};
const users = (count: number): Pace => ({ kind: 'users', users: count, spawnPerSecond: 10_000 });
const arrivals = (perSecond: number, usersMax = 1_000): Pace => ({
  kind: 'arrivals',
  profile: { shape: 'constant', perSecond },
  usersMax,
});

function planOf(given: Partial<RunPlan>): RunPlan {
  return {
    scenario: 'health-check',
    host: null,
    hostIsMine: false,
    pace: users(4),
    seconds: 0.6,
    warmupSeconds: 0,
    connections: 'keep-alive',
    workers: 1,
    seed: 1,
    timeoutMs: 5_000,
    objective: { p99MsMax: null, failureShareMax: null, requestsPerSecondMin: null },
    ...given,
  };
}

interface Ran {
  readonly totals: FleetTotals;
  readonly samples: readonly FleetSample[];
}

/** That a worker stood still for so long, or that its clock was late so often; null when neither was. */
function stall({ stallMaxMs = 0, latenessP99Ms }: FleetTotals, msMax: number): string | null {
  return stallMaxMs > msMax || (latenessP99Ms ?? 0) > msMax
    ? `a worker stood still for ${stallMaxMs} ms`
    : null;
}

async function load(
  { url }: Pick<ScriptedServer, 'url'>,
  given: Partial<RunPlan>,
  during: (fleet: Fleet) => Promise<void> = async () => {},
  ledgerFolder: string | null = null,
): Promise<Ran> {
  const samples: FleetSample[] = [];
  const fleet = await startFleet({
    plan: planOf(given),
    url,
    ledgerFolder,
    onSample: (sample) => samples.push(sample),
  });
  await during(fleet);
  return { totals: await fleet.ended, samples };
}

const listing =
  (answer: () => ScriptedAnswer) =>
  ({ url }: { readonly url?: string | undefined }) =>
    url?.startsWith('/api/v1/products') === true ? { ...ok, status: 404 } : answer();

test('percentiles are those the server measured itself, to 2 %', () =>
  repeatWhenDisturbed(async (tell) => {
    const delaysMs: number[] = [];
    let serial = 0;
    const server = createServer((request, response) => {
      if (request.url !== '/health_check') {
        response.writeHead(404).end();
        return;
      }
      serial += 1;
      const beganMs = performance.now();
      // Far apart, so that which request is the percentile does not depend on how many there were.
      const nominalMs = serial % 20 === 0 ? 1_800 : serial % 5 === 0 ? 1_000 : 500;
      setTimeout(() => {
        response.end('ok');
        delaysMs.push(performance.now() - beganMs);
      }, nominalMs);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const url = `http://127.0.0.1:${port}`;
    const { totals } = await load({ url }, { pace: users(100), seconds: 4, workers: 2 });
    server.close();
    // Half of what the percentiles may be off by.
    tell(stall(totals, 0.01 * 500));
    delaysMs.sort((a, b) => a - b);
    const truth = (share: number) => delaysMs[Math.floor(share * delaysMs.length)] ?? 0;
    const { p50Ms, p99Ms } = totals.latency;
    const p90Ms = totals.percentiles.find(([percentile]) => percentile >= 90)?.[1] ?? 0;
    for (const [found, share] of [
      [p50Ms, 0.5],
      [p90Ms, 0.9],
      [p99Ms, 0.99],
    ] as const) {
      assert.ok(
        Math.abs((found ?? 0) / truth(share) - 1) < 0.02,
        `${share}: ${found} ms, not ${truth(share)}`,
      );
    }
    assert.equal(totals.workers, 2);
    assert.equal(totals.latency.count, totals.requests);
  }));

test('a stall of a second shows in an open loop, and hides in a closed one', () =>
  repeatWhenDisturbed(async (tell) => {
    async function stalled(pace: Pace): Promise<FleetTotals> {
      let stallEndsMs = 0;
      let beganMs = 0;
      await using server = await startScriptedServer(
        listing(() => {
          const nowMs = performance.now();
          if (beganMs === 0) beganMs = nowMs;
          if (stallEndsMs === 0 && nowMs - beganMs > 1_000) stallEndsMs = nowMs + 1_000;
          return { ...ok, delayMs: Math.max(2, stallEndsMs - nowMs) };
        }),
      );
      return (await load(server, { pace, seconds: 3 })).totals;
    }
    const [open, closed] = await Promise.all([stalled(arrivals(200)), stalled(users(4))]);
    tell(stall(open, 50) ?? stall(closed, 50));
    // A third of all requests was due in the stall, evenly spread over it; the quickest tenth of them waited
    // less than 100 ms.
    const waited = open.percentiles.find(([, ms]) => ms > 100)?.[0] ?? 100;
    assert.ok(Math.abs(waited - 70) < 6, `open: ${waited} % were quicker than 100 ms`);
    assert.ok((open.latency.p99Ms ?? 0) > 900, `open p99 ${open.latency.p99Ms}`);
    assert.ok(Math.abs(open.requests - 600) < 120, `open: ${open.requests}`);
    assert.ok((closed.latency.maxMs ?? 0) > 900, `closed max ${closed.latency.maxMs}`);
    assert.ok((closed.latency.p95Ms ?? 0) < 500, `closed p95 ${closed.latency.p95Ms}`);
  }));

test('samples add up to the totals, users are spawned at their rate, and the pace can be changed', () =>
  repeatWhenDisturbed(async (tell) => {
    await using server = await startScriptedServer(listing(() => ({ ...ok, delayMs: 5 })));
    const { totals, samples } = await load(
      server,
      {
        pace: { kind: 'users', users: 40, spawnPerSecond: 40 },
        seconds: null,
        warmupSeconds: 0.3,
        workers: 2,
      },
      async (fleet) => {
        await sleep(1_400);
        fleet.setPace(arrivals(300));
        await sleep(700);
        fleet.stop();
      },
    );
    tell(stall(totals, 50));
    const counted = (phase: string) =>
      samples.filter((sample) => sample.phase === phase).reduce((sum, { requests }) => sum + requests, 0);
    // One test server request is for the list of products.
    assert.equal(counted('warm-up') + counted('measuring') + counted('draining'), server.requests() - 1);
    assert.ok(counted('measuring') >= totals.requests * 0.9);
    assert.equal(totals.failures, 0, JSON.stringify(totals.failuresByKind));
    const spawned = samples.find(({ atSecond }) => atSecond >= 0.9);
    assert.ok(spawned !== undefined && spawned.users >= 20 && spawned.users <= 41, `${spawned?.users} users`);
    assert.equal(spawned.intendedPerSecond, null);
    const { intendedPerSecond } = samples.filter(({ phase }) => phase === 'measuring').at(-1) ?? {};
    assert.equal(intendedPerSecond, 300);
    assert.ok(samples.every(({ seconds }) => seconds < 2));
  }));

test('a pace that is changed while the last answers are awaited begins no new load', async () => {
  const slowMs = 1_500;
  await using server = await startScriptedServer(listing(() => ({ ...ok, delayMs: slowMs })));
  let isDraining = () => {};
  const draining = new Promise<void>((resolve) => {
    isDraining = resolve;
  });
  const fleet = await startFleet({
    plan: planOf({ seconds: 0.5 }),
    url: server.url,
    ledgerFolder: null,
    onSample: ({ phase }) => phase === 'draining' && isDraining(),
  });
  await draining;
  const sentBefore = server.requests();
  fleet.setPace(arrivals(500));
  const { latency, requests } = await fleet.ended;
  assert.equal(server.requests(), sentBefore);
  assert.equal(requests, 4);
  assert.ok((latency.maxMs ?? 0) >= slowMs);
});

test('orders of all workers are in their ledgers, those that were cut too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  let serial = 0;
  await using server = await startScriptedServer(({ method, url }) => {
    if (url?.startsWith('/api/v1/products') === true) return list;
    if (method === 'GET') return ok;
    serial += 1;
    const body = `{"order_id":"o-${serial}","confirmation_url":"/orders/o-${serial}?key=k"}`;
    return { status: 201, body, delayMs: 20 };
  });
  try {
    const given = { scenario: 'order-pipeline', workers: 2, pace: users(6) };
    const { totals } = await load(
      server,
      given,
      async (fleet) => {
        await sleep(250);
        fleet.cutConnections();
      },
      folder,
    );
    assert.deepEqual(readdirSync(folder).sort(), ['ledger-0.tsv', 'ledger-1.tsv']);
    const lines = readdirSync(folder).flatMap((file) =>
      readFileSync(join(folder, file), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')),
    );
    const placed = lines.filter(([, status]) => status === '201');
    const unknown = lines.filter(([, status]) => status === '0');
    assert.equal(lines.length, serial);
    assert.deepEqual([placed.length, unknown.length], [totals.ordersPlaced, totals.ordersUnknown]);
    assert.ok(unknown.length > 0 && placed.length > unknown.length);
    assert.equal(new Set(placed.map(([, , path]) => path)).size, placed.length);
    assert.equal(new Set(lines.map(([key]) => key)).size, lines.length);
    assert.ok(
      lines.every(
        (line) => (JSON.parse(line[4] ?? '') as { lines: [{ sku: string }] }).lines[0].sku === 'mug',
      ),
    );
    assert.ok(totals.failuresByKind.some(({ reason, count }) => reason === 'connection_cut' && count > 0));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a request that waits and is then cut off has taken as long as it waited', async () => {
  await using server = await startScriptedServer(listing(() => ({ ...ok, fault: 'reset', delayMs: 300 })));
  const { totals } = await load(server, { seconds: 1 });
  assert.equal(totals.latency.count, totals.requests);
  assert.ok((totals.latency.p50Ms ?? 0) >= 290, `p50 ${totals.latency.p50Ms} ms`);
});

test('a dead service is not mistaken for users who think', async () => {
  await using server = await startScriptedServer(listing(() => ok));
  const { totals } = await load(server, { pace: arrivals(300, 20), seconds: 1 }, async () => {
    await sleep(300);
    await server[Symbol.asyncDispose]();
  });
  assert.ok(totals.failures > 0);
  assert.deepEqual(
    totals.voidReasons.filter((reason) => reason.includes('thinking')),
    [],
  );
});

test('a worker that stands still says so, in a closed loop too', async () => {
  await using server = await startScriptedServer(() => ({ ...ok, delayMs: 2 }));
  const { host: _host, hostIsMine: _mine, objective: _objective, ...plan } = planOf({ seconds: 1 });
  const settings = { ...plan, url: server.url, worker: 0, products: [], ledgerFile: null };
  const figures = createFleetFigures(1);
  const worker = startWorker(0, (report) => {
    if (report.is === 'sample') figures.add(0, report.sample);
  });
  worker.tell({ do: 'prepare', settings });
  await worker.ready;
  worker.tell({ do: 'start' });
  await sleep(100);
  process.kill(worker.pid ?? 0, 'SIGSTOP');
  await sleep(700);
  process.kill(worker.pid ?? 0, 'SIGCONT');
  await worker.ended;
  const { stallMaxMs = 0, latenessP99Ms, voidReasons } = figures.totals();
  assert.ok(stallMaxMs > 600, `${stallMaxMs} ms`);
  assert.ok((latenessP99Ms ?? 0) > 300, `${latenessP99Ms} ms`);
  assert.match(voidReasons.join(), /late: p99 .*stood still for 0\.[789] s/);
});

test('what a host answers may hold any separator of lines', async () => {
  const body = 'one\u2028two\u2029three\u0085four';
  await using server = await startScriptedServer(listing(() => ({ status: 503, body })));
  const { totals } = await load(server, {});
  assert.equal(totals.failuresByKind[0]?.example, body);
});

test('a service that hangs is seen in a closed loop, in its middle and at its end', () =>
  repeatWhenDisturbed(async (tell) => {
    async function silentFor(pausesAt: (ms: number) => boolean): Promise<number> {
      let beganMs = 0;
      await using server = await startScriptedServer(
        listing(() => {
          beganMs ||= performance.now();
          return pausesAt(performance.now() - beganMs) ? { ...ok, fault: 'silence' } : { ...ok, delayMs: 2 };
        }),
      );
      const { totals } = await load(server, { seconds: 3, timeoutMs: 1_500 });
      tell(stall(totals, 300));
      return totals.silentSecondsMax;
    }
    const [never, inMiddle, atEnd] = await Promise.all([
      silentFor(() => false),
      silentFor((ms) => ms > 500 && ms < 700),
      silentFor((ms) => ms > 1_000),
    ]);
    assert.ok(never < 1, `${never} s`);
    assert.ok(inMiddle >= 1 && inMiddle < 2.5, `${inMiddle} s`);
    assert.ok(atEnd >= 1.5, `${atEnd} s`);
  }));

test('what can not be done is one sentence', async () => {
  const gone = await startScriptedServer(() => ok);
  await gone[Symbol.asyncDispose]();
  await assert.rejects(load(gone, {}), /^Error: http:\/\/127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\)/);
  await using server = await startScriptedServer(() => ok);
  await assert.rejects(load(server, { scenario: 'nope', workers: 2 }), /There is no scenario "nope"/);
});

test('a worker that dies, or whose starter does, ends', async () => {
  await using server = await startScriptedServer(() => ok);
  const reports: WorkerReport[] = [];
  const { host: _host, hostIsMine: _mine, objective: _objective, ...plan } = planOf({ seconds: 60 });
  const settings = { ...plan, url: server.url, worker: 0, products: [], ledgerFile: null };
  const worker = startWorker(0, (report) => reports.push(report));
  worker.tell({ do: 'prepare', settings });
  await worker.ready;
  worker.tell({ do: 'start' });
  while (!reports.some(({ is }) => is === 'sample')) await sleep(10);
  process.kill(worker.pid ?? 0, 'SIGKILL');
  await assert.rejects(worker.ended, /^Error: load worker 1 ended \(SIGKILL\) before its run was over$/);

  const orphan = startWorker(1, () => {});
  orphan.tell({ do: 'prepare', settings });
  await orphan.ready;
  orphan.tell({ do: 'start' });
  orphan.release();
  await assert.rejects(orphan.ended, /^Error: load worker 2 ended \(exit code 0\) before its run was over$/);
});
