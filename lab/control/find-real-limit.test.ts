/**
 * The search for the limit, with the real generator, on a server whose limit is known.
 *
 * The server counts requests and asks no clock, so that the speed of the machine does not change the result.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runtimeUnderTest } from '../../test/service.ts';
import { startScriptedServer } from '../load/scripted-server.ts';
import { openLab } from './lab-desk.ts';
import type { LimitSearchView } from './live.ts';

const limitPerSecond = 1_500;
const secondsPerStep = 0.5;
/** Of a try: its warm-up, and how much longer a confirmation is; see run.ts. */
const warmupSeconds = secondsPerStep * 0.2;
const confirmationFactor = 3;

/** Is told the rate of each try. Beyond its limit it serves the share of requests that makes up the limit. */
async function startThrottledServer() {
  let perSecond = 0;
  let requests = 0;
  const server = await startScriptedServer(({ url }) => {
    // The lab also asks for other addresses, before the load.
    if (url !== '/health_check') return { status: 404, body: '' };
    requests += 1;
    const share = Math.min(1, limitPerSecond / perSecond);
    const isServed = Math.floor(requests * share) > Math.floor((requests - 1) * share);
    return isServed ? { status: 200, body: 'ok' } : { status: 503, body: 'too many' };
  });
  return {
    url: server.url,
    setRate(next: number) {
      perSecond = next;
    },
    requests: () => requests,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function search(resultsFolder: string): Promise<{ limit: LimitSearchView; requests: number }> {
  await using server = await startThrottledServer();
  const host = server.url;
  const service = { engine: 'sqlite', isOnSmallDisk: false, runtime: runtimeUnderTest(), stock: 1 } as const;
  const desk = await openLab({ plan: { host }, service, resultsFolder, warn: assert.fail });
  try {
    desk.listen(({ name, data }) => {
      if (name === 'limit' && data.tryingPerSecond !== null) server.setRate(data.tryingPerSecond);
    });
    desk.start(
      { host, pace: { kind: 'arrivals', profile: { shape: 'constant', perSecond: 1 }, usersMax: 500 } },
      { p99MsMax: 10_000, failureShareMax: 0.005, fromPerSecond: 1_200, toPerSecond: 1_800, secondsPerStep },
    );
    const view = await desk.ended();
    assert.equal(view?.state, 'ended', view?.problem ?? '');
    assert.ok(view?.limit, 'the run searched for the limit');
    return { limit: view.limit, requests: server.requests() };
  } finally {
    await desk.close();
  }
}

describe('looking for the limit with the real generator', () => {
  it('finds that of a throttled server within 5 %', { timeout: 120_000 }, async () => {
    const resultsFolder = mkdtempSync(join(tmpdir(), 'lab-results-'));
    try {
      const { limit, requests } = await search(resultsFolder);
      const found = limit.holdsPerSecond ?? 0;
      assert.ok(
        Math.abs(found / limitPerSecond - 1) <= 0.05,
        `the limit is ${limitPerSecond}/s, but the search found ${found}/s: ${JSON.stringify(limit, null, 1)}`,
      );
      const due = limit.steps.reduce(
        (sum, { perSecond, isConfirmation }) =>
          sum + perSecond * (warmupSeconds + secondsPerStep * (isConfirmation ? confirmationFactor : 1)),
        0,
      );
      // Arrivals are random: the count of 10,000 strays by 1 %.
      assert.ok(Math.abs(requests / due - 1) <= 0.1, `${requests} requests were sent, and ${due} were due`);
    } finally {
      rmSync(resultsFolder, { recursive: true, force: true });
    }
  });
});
