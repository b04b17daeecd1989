/** Views of runs for tests: the least that a run shows, and what may be added to it. */
import type { LiveSample, RunView } from '../control/live.ts';
import type { FleetTotals, Latency } from '../load/fleet.ts';
import type { TruthVerdict } from '../truth/truth.ts';

export const latencyExample: Latency = {
  count: 1_000,
  meanMs: 3.2,
  p50Ms: 2.5,
  p95Ms: 7.25,
  p99Ms: 12.5,
  p999Ms: 140.4,
  maxMs: 1_234.5,
};

/** Failed before its first request. */
export const minimalRun: RunView = {
  id: '2026-11-25T04-10-00Z-order-pipeline',
  plan: {
    scenario: 'order-pipeline',
    host: null,
    hostIsMine: false,
    pace: { kind: 'users', users: 1_000, spawnPerSecond: 100 },
    seconds: 60,
    warmupSeconds: 5,
    connections: 'keep-alive',
    workers: 1,
    seed: 7,
    timeoutMs: 10_000,
    objective: { p99MsMax: 50, failureShareMax: 0.001, requestsPerSecondMin: null },
  },
  state: 'failed',
  problem: 'Nothing answers at http://127.0.0.1:1.',
  startedAt: '2026-11-25T04:10:00.000Z',
  url: 'http://127.0.0.1:1',
  samples: [],
  events: [],
  routes: [],
  failures: [],
  checking: null,
  totals: null,
  truth: null,
  voidReasons: [],
  broken: [],
  limit: null,
};

export const totalsExample: FleetTotals = {
  seconds: 60,
  requests: 1_234_567,
  failures: 12,
  requestsPerSecond: 20_576.1,
  latency: latencyExample,
  percentiles: [
    [0, 0.5],
    [50, 2.5],
    [90, 5],
    [99, 12.5],
    [99.9, 140.4],
    [100, 1_234.5],
  ],
  routes: [
    {
      route: 'POST /api/v1/orders',
      requests: 1_234_567,
      failures: 12,
      requestsPerSecond: 20_576.1,
      latency: latencyExample,
    },
  ],
  failuresByKind: [{ route: 'POST /api/v1/orders', reason: '503', count: 12, example: 'busy' }],
  silentSecondsMax: 0,
  ordersPlaced: 617_000,
  ordersUnknown: 3,
  cpuCoresMax: 0.61,
  latenessP99Ms: 0.4,
  workers: 1,
  voidReasons: [],
};

export const keptTruth: TruthVerdict = {
  kind: 'kept',
  sentence: 'All 617,000 acknowledged orders are stored, once, as acknowledged; stock agrees.',
  acknowledged: 617_000,
  unknown: 3,
  unknownStoredBefore: 1,
  checked: 617_000,
  stored: 617_000,
  faults: [],
  stock: [{ sku: 'tent-4p', before: 1_000_000, after: 383_000, sold: 617_000 }],
};

export function sampleExample(atSecond: number): LiveSample {
  return {
    atSecond,
    phase: atSecond < 1 ? 'warm-up' : 'measuring',
    requestsPerSecond: 20_000,
    failuresPerSecond: 0,
    intendedPerSecond: null,
    p50Ms: 2.5,
    p95Ms: 7,
    p99Ms: 12,
    p999Ms: 20,
    users: 1_000,
    inFlight: 998,
    waiting: 0,
    generatorCores: 0.6,
    latenessP99Ms: null,
    service: { batchSize: 40, commitMs: 2, queueDepth: 10 },
  };
}

export const endedRun: RunView = {
  ...minimalRun,
  state: 'ended',
  problem: null,
  samples: [0.25, 0.5, 1, 1.25].map(sampleExample),
  events: [{ atSecond: 1.1, kind: 'fault', text: 'Killed (SIGKILL)' }],
  drills: [
    {
      name: 'kill',
      title: 'Kill the service and start it again',
      about: 'kill -9: every order that was answered with 201 must be there.',
      count: 2,
      isGoingOn: false,
      problems: [],
    },
  ],
  totals: totalsExample,
  truth: keptTruth,
};
