/**
 * An hour of a run on the lab's page, much faster than an hour: the samples are made up, and all that they pass is the
 * lab's own, from the view of a run and the stream of events to the charts.
 *
 * Of memory and of what a sample costs, each figure is compared with another of the same page: what either is on this
 * machine says nothing.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { checkPlan } from '../../lab/control/check-plan.ts';
import type { LabDesk } from '../../lab/control/lab-desk.ts';
import { createLiveRun, type RunMessage } from '../../lab/control/live-run.ts';
import { type FleetSample, samplesPerSecond } from '../../lab/load/fleet.ts';
import { below, seededRandom } from '../../lab/load/random.ts';
import { labTest, waitForFigure, waitForText } from './lab-visit.ts';

const hourSamples = 3_600 * samplesPerSecond;
/** Five minutes: everything that the page does with a sample has been done. */
const earlySamples = 300 * samplesPerSecond;
/** As many as the page keeps: from then on its memory has no reason to grow. */
const halfHourSamples = 1_800 * samplesPerSecond;
const eventEverySeconds = 300;

const mebibyte = 2 ** 20;
/** The samples that a page keeps, as objects and as columns of the charts, are some 2.5 MiB. */
const heapGrowthMaxBytes = 6 * mebibyte;
const heapGrowthOfLastHalfHourMaxBytes = mebibyte;
/** The events are listed on two tabs, with 8 nodes each. */
const nodesGrowthMax = 400;
/** More samples are drawn than early, on as many pixels. */
const costRatioMax = 3;
/** Scripts may take longer in proportion to the samples, and no more: most of their work does not depend on them. */
const scriptRatioMax = halfHourSamples / earlySamples;

/** Of one measurement, at the lab's own pace: closer together, several of a slow page would share one drawing. */
const measuredSamples = 6;
const earlyMeasurements = 2;
const lateMeasurementsMax = 3;

/** Samples sent at once, and how often: hundreds of times as fast as a lab. */
const burstSamples = 60;
const burstEveryMs = 10;

/** Tall enough for all six charts, since one that is out of view is not drawn. */
const viewport = { width: 1_280, height: 1_600 };

const plan = {
  scenario: 'health-check',
  // This host gets no request, and the lab starts no service of its own beside a named host.
  host: 'http://127.0.0.1:9',
  pace: { kind: 'users', users: 100, spawnPerSecond: 100 },
  seconds: null,
};

const random = seededRandom(20_251_128);
const about = (value: number) => value * (0.8 + below(random, 400) / 1_000);

function latency(count: number) {
  const p50Ms = about(8);
  return {
    count,
    meanMs: p50Ms,
    p50Ms,
    p95Ms: p50Ms * 2,
    p99Ms: p50Ms * 3,
    p999Ms: p50Ms * about(5),
    maxMs: p50Ms * 9,
  };
}

/** Of as many users as there have been samples, by which the page tells how far it is. */
function madeUpSample(number: number): FleetSample {
  const requests = Math.round(about(5_000));
  return {
    atSecond: number / samplesPerSecond,
    seconds: 1 / samplesPerSecond,
    phase: 'measuring',
    requests,
    failures: below(random, 10),
    latency: latency(requests),
    users: number,
    inFlight: below(random, 100),
    waiting: below(random, 10),
    intendedPerSecond: about(20_000),
    cpuCores: about(0.8),
    latenessP99Ms: about(1),
    routes: ['POST /api/v1/orders', 'GET /orders/{id}'].map((route) => ({
      route,
      requests: number * 5_000,
      failures: number * 5,
      requestsPerSecond: about(20_000),
      latency: latency(number * 5_000),
    })),
    failuresByKind: [{ route: 'GET /orders/{id}', reason: '503', count: number * 5, example: 'busy' }],
  };
}

/** A run that goes on until the test ends it, and the lab's desk for it. */
function madeUpRun() {
  const listeners = new Set<(message: RunMessage) => void>();
  const tell = (message: RunMessage) => {
    for (const listener of listeners) listener(message);
  };
  const live = createLiveRun({
    id: '2026-11-28T00-00-00-000Z-health-check',
    plan: checkPlan(plan),
    startedAt: '2026-11-28T00:00:00.000Z',
    url: plan.host,
    tell,
  });
  live.change({ state: 'running' });
  const takeSample = live.sampler(() => ({ batchSize: about(40), commitMs: about(2), queueDepth: 3 }));
  let count = 0;
  return {
    count: () => count,
    goOn() {
      count += 1;
      takeSample(madeUpSample(count));
      const atSecond = count / samplesPerSecond;
      if (atSecond % eventEverySeconds !== 0) return;
      const kind = atSecond % (2 * eventEverySeconds) === 0 ? 'up' : 'down';
      tell({ name: 'event', data: { atSecond, kind, text: 'So it is every five minutes.' } });
    },
    asSeen: (desk: LabDesk): LabDesk => ({
      ...desk,
      currentRun: live.view,
      isRunning: () => true,
      listen(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  };
}

type MadeUpRun = ReturnType<typeof madeUpRun>;

/** Goes on until there have been so many samples, and the page has shown the last. */
async function goOnTo(samples: number, run: MadeUpRun, page: Page): Promise<void> {
  while (run.count() < samples) {
    for (let i = 0; i < burstSamples && run.count() < samples; i += 1) run.goOn();
    await sleep(burstEveryMs);
  }
  await waitForFigure(page, 'users', samples);
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}

/** https://chromedevtools.github.io/devtools-protocol/tot/Performance/#method-getMetrics */
async function metricsOf(session: CDPSession): Promise<(name: string) => number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return (name) => {
    const value = metrics.find((metric) => metric.name === name)?.value;
    assert.ok(value !== undefined, `the browser has no ${name}`);
    return value;
  };
}

interface Memory {
  readonly heapBytes: number;
  readonly nodes: number;
}

async function memoryOf(session: CDPSession): Promise<Memory> {
  await session.send('HeapProfiler.collectGarbage');
  const read = await metricsOf(session);
  return { heapBytes: read('JSHeapUsedSize'), nodes: read('Nodes') };
}

/** Processor time of the page's main thread for a sample, in milliseconds. */
interface Cost {
  /** Taken in, drawn and painted. */
  readonly allMs: number;
  /** Of it, in scripts. */
  readonly scriptMs: number;
}

/** Noise only adds to a cost, so the least that was measured is nearest to it; endless when none was. */
function least(costs: readonly Cost[]): Cost {
  return {
    allMs: Math.min(...costs.map(({ allMs }) => allMs)),
    scriptMs: Math.min(...costs.map(({ scriptMs }) => scriptMs)),
  };
}

async function costOf(run: MadeUpRun, session: CDPSession): Promise<Cost> {
  const before = await metricsOf(session);
  for (let i = 0; i < measuredSamples; i += 1) {
    run.goOn();
    await sleep(1_000 / samplesPerSecond);
  }
  const after = await metricsOf(session);
  const msOf = (name: string) => ((after(name) - before(name)) * 1_000) / measuredSamples;
  return { allMs: msOf('TaskDuration'), scriptMs: msOf('ScriptDuration') };
}

/** Waits until all charts say this of the moment at this share of their width, from 0 to 1. */
async function waitForMoment(share: number, moment: string, page: Page): Promise<void> {
  const box = await page.locator('.chart .u-over').first().boundingBox();
  assert.ok(box !== null);
  await page.mouse.move(box.x + share * (box.width - 1), box.y + box.height / 2);
  const shown = await page.locator('.chart-moment').all();
  assert.equal(shown.length, 6);
  for (const one of shown) await one.filter({ hasText: new RegExp(`^at ${moment}$`) }).waitFor();
}

function assertBounded(what: string, from: Memory, to: Memory, growthMaxBytes: number): void {
  const growth = to.heapBytes - from.heapBytes;
  assert.ok(growth <= growthMaxBytes, `${what} the heap grows by ${(growth / mebibyte).toFixed(1)} MiB`);
}

const run = madeUpRun();

labTest(
  'an hour of a run: memory and nodes are bounded, a sample costs what it did, and all of the hour is shown',
  plan,
  async ({ visit }) => {
    const { page } = await visit({ viewport });
    const session = await page.context().newCDPSession(page);
    // A neighbour's load is in the time that has passed, not in the processor's.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    let streams = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/api/events')) streams += 1;
    });
    await page.goto('/');
    await waitForText(page, '#connection', /Connected/);

    await goOnTo(earlySamples, run, page);
    const early = await memoryOf(session);
    const earlyCosts: Cost[] = [];
    for (let i = 0; i < earlyMeasurements; i += 1) earlyCosts.push(await costOf(run, session));
    const earlyCost = least(earlyCosts);
    const allMsMax = costRatioMax * earlyCost.allMs;
    const scriptMsMax = scriptRatioMax * earlyCost.scriptMs;

    await goOnTo(halfHourSamples, run, page);
    const halfHour = await memoryOf(session);

    // The last samples of the hour are those that are measured: the page never has more to draw.
    await goOnTo(hourSamples - lateMeasurementsMax * measuredSamples, run, page);
    const lateCosts: Cost[] = [];
    const isAboveBound = ({ allMs, scriptMs }: Cost) => allMs > allMsMax || scriptMs > scriptMsMax;
    while (isAboveBound(least(lateCosts)) && lateCosts.length < lateMeasurementsMax)
      lateCosts.push(await costOf(run, session));
    const { allMs, scriptMs } = least(lateCosts);
    assert.ok(allMs <= allMsMax, `a sample costs ${allMs} ms, and may ${allMsMax} ms by its cost early`);
    assert.ok(scriptMs <= scriptMsMax, `${scriptMs} ms in scripts, and may ${scriptMsMax} ms by those early`);
    await goOnTo(hourSamples, run, page);
    const late = await memoryOf(session);
    assertBounded('in the hour', early, late, heapGrowthMaxBytes);
    assertBounded('in its second half', halfHour, late, heapGrowthOfLastHalfHourMaxBytes);
    const nodes = late.nodes - early.nodes;
    assert.ok(nodes <= nodesGrowthMax, `there are ${nodes} more nodes than early`);

    await waitForMoment(0, '0:00', page);
    await waitForMoment(1, '1:00:00', page);
    assert.equal(streams, 1, 'a stream that came again would have brought the run as the lab has it');
  },
  run.asSeen,
);
