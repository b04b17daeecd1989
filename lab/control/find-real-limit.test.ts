/** The search for the limit, with the real generator, on a server whose limit is known. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runtimeUnderTest } from '../../test/service.ts';
import { repeatWhenDisturbed } from '../../test/tries.ts';
import { startScriptedServer } from '../load/scripted-server.ts';
import { openLab } from './lab-desk.ts';
import type { LimitSearchView } from './live.ts';

const limitPerSecond = 6_000;
/** Requests that may come sooner than even spacing has them: arrivals are random. */
const burstMax = 30;
/**
 * Serves so many requests as are due since the first one after a new start, and refuses the others. Not by their
 * pace at the moment, so that a machine that stands still for a while changes nothing.
 */
async function startThrottledServer() {
  let startMs: number | null = null;
  let served = 0;
  const server = await startScriptedServer(({ url }) => {
    // What the lab asks for beforehand is no load.
    if (url !== '/health_check') return { status: 404, body: '' };
    const nowMs = performance.now();
    startMs ??= nowMs;
    if (served >= ((nowMs - startMs) / 1_000) * limitPerSecond + burstMax) {
      return { status: 503, body: 'too many' };
    }
    served += 1;
    return { status: 200, body: 'ok' };
  });
  return {
    url: server.url,
    startAnew() {
      startMs = null;
      served = 0;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function search(resultsFolder: string): Promise<LimitSearchView | null> {
  await using server = await startThrottledServer();
  const host = server.url;
  const service = { engine: 'sqlite', isOnSmallDisk: false, runtime: runtimeUnderTest(), stock: 1 } as const;
  const desk = await openLab({ plan: { host }, service, resultsFolder, warn: assert.fail });
  try {
    // It is told before each try.
    desk.listen(({ name }) => {
      if (name === 'limit') server.startAnew();
    });
    desk.start(
      { host, pace: { kind: 'arrivals', profile: { shape: 'constant', perSecond: 1 }, usersMax: 500 } },
      {
        p99MsMax: 10_000,
        failureShareMax: 0.005,
        fromPerSecond: 4_800,
        toPerSecond: 7_200,
        secondsPerStep: 0.5,
      },
    );
    const view = await desk.ended();
    assert.equal(view?.state, 'ended', view?.problem ?? '');
    if (process.env['SHOW_STEPS'] === 'true')
      process.stdout.write(`${JSON.stringify(view?.limit, null, 1)}\n`);
    return view?.limit ?? null;
  } finally {
    await desk.close();
  }
}

describe('looking for the limit with the real generator', () => {
  // Three searches of a slow machine.
  it('finds that of a throttled server within 5 %', { timeout: 300_000 }, async () => {
    const resultsFolder = mkdtempSync(join(tmpdir(), 'lab-results-'));
    try {
      await repeatWhenDisturbed(async (tell) => {
        const found = await search(resultsFolder);
        tell(found?.steps.flatMap(({ voidReasons }) => voidReasons)[0] ?? null);
        const holdsPerSecond = found?.holdsPerSecond;
        const isClose = Math.abs((holdsPerSecond ?? 0) / limitPerSecond - 1) <= 0.05;
        assert.ok(isClose, `the limit is ${limitPerSecond}/s, and what was found ${holdsPerSecond}`);
      });
    } finally {
      rmSync(resultsFolder, { recursive: true, force: true });
    }
  });
});
