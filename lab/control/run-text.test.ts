import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FleetTotals, Latency } from '../load/fleet.ts';
import type { TruthVerdict } from '../truth/truth.ts';
import { checkPlan } from './check-plan.ts';
import type { LimitStep, RunView } from './live.ts';
import { brokenOf, misfortunesOf } from './objective.ts';
import { exitCodeOf, runText } from './run-text.ts';

const latency: Latency = {
  count: 1_000,
  meanMs: 2,
  p50Ms: 1,
  p95Ms: 5,
  p99Ms: 20,
  p999Ms: 40,
  maxMs: 50,
};
const totals: FleetTotals = {
  seconds: 10,
  requests: 1_000,
  failures: 5,
  requestsPerSecond: 100,
  latency,
  percentiles: [],
  routes: [{ route: 'GET /', requests: 1_000, failures: 5, requestsPerSecond: 100, latency }],
  failuresByKind: [{ route: 'GET /', reason: '503', count: 5, example: 'busy\nnow' }],
  silentSecondsMax: 0,
  ordersPlaced: 0,
  ordersUnknown: 0,
  cpuCoresMax: 0.5,
  latenessP99Ms: null,
  workers: 1,
  voidReasons: [],
};
const kept: TruthVerdict = {
  kind: 'kept',
  sentence: 'All is there.',
  acknowledged: 1,
  unknown: 0,
  unknownStoredBefore: 0,
  checked: 1,
  stored: 1,
  faults: [],
  stock: [],
};
const view: RunView = {
  id: '2026-01-01T00-00-00Z-health-check',
  plan: checkPlan({}),
  state: 'ended',
  problem: null,
  startedAt: '2026-01-01T00:00:00.000Z',
  url: 'http://127.0.0.1:5000',
  samples: [],
  events: [],
  routes: [],
  failures: [],
  checking: null,
  totals,
  truth: kept,
  voidReasons: [],
  broken: [],
  limit: null,
};

describe('what is said of a run', () => {
  it('begins with the verdict, then has a line for each route and each failure', () => {
    const text = runText({ ...view, broken: ['p99 was high'], voidReasons: ['late'] });
    assert.match(text, /^KEPT {6}All is there\.\nBROKEN {4}p99 was high\nVOID {6}late\n/);
    assert.match(text, /GET \/ +1,000 +5 +100 +2\.00 ms +1\.00 ms +5\.00 ms +20\.0 ms/);
    assert.match(text, /5 × 503 +busy now/);
  });

  it('ends with 0 only when everything holds and was proven', () => {
    assert.equal(exitCodeOf(view), 0);
    assert.equal(exitCodeOf({ ...view, truth: { ...kept, kind: 'nothing' } }), 0);
    for (const wrong of [
      { state: 'failed' },
      { truth: null },
      { truth: { ...kept, kind: 'broken' } },
      { truth: { ...kept, kind: 'unproven' } },
      { voidReasons: ['late'] },
      { broken: ['p99'] },
    ] as const) {
      assert.equal(exitCodeOf({ ...view, ...wrong }), 1, JSON.stringify(wrong));
    }
  });

  it('shows the curve of a search by its rates', () => {
    const step: LimitStep = {
      perSecond: 300,
      answeredPerSecond: 300,
      p50Ms: 1,
      p99Ms: 90,
      failureShare: 0,
      holds: false,
      isConfirmation: false,
      voidReasons: ['late'],
    };
    const limit = {
      objective: { p99MsMax: 50, failureShareMax: 0.001 },
      steps: [
        step,
        { ...step, perSecond: 200, p99Ms: 9, holds: true, isConfirmation: true, voidReasons: [] },
      ],
      tryingPerSecond: null,
      holdsPerSecond: 200,
      ending: 'The objective broke.',
    };
    const text = runText({ ...view, limit });
    assert.match(text, /LIMIT {5}200 requests a second hold\. The objective broke\./);
    assert.match(text, /200 .*holds for longer\n300 .*breaks, generator in doubt/);
    assert.equal(exitCodeOf({ ...view, limit }), 0);
    assert.equal(exitCodeOf({ ...view, limit: { ...limit, holdsPerSecond: null } }), 1);
  });

  it('says what is wrong with a run though nothing was asked of it', () => {
    assert.deepEqual(misfortunesOf(totals), []);
    assert.deepEqual(misfortunesOf({ ...totals, failures: 1_000 }), ['every request failed']);
    assert.deepEqual(misfortunesOf({ ...totals, silentSecondsMax: 2 }), [
      'nothing was answered for 2.0 of 10.0 s',
    ]);
    const slow = { ...totals, silentSecondsMax: 2, latency: { ...latency, p50Ms: 900 } };
    assert.deepEqual(misfortunesOf(slow), []);
  });

  it('lets nothing through that a terminal would obey', () => {
    const failuresByKind = [{ route: 'GET /', reason: '503', count: 1, example: 'a\x1b[2Jb\u009bc' }];
    assert.match(runText({ ...view, totals: { ...totals, failuresByKind } }), /a \[2Jb c/);
  });

  it('names each limit that broke, with its figure', () => {
    const objective = { p99MsMax: 20, failureShareMax: 0.005, requestsPerSecondMin: 100 };
    assert.deepEqual(brokenOf(objective, totals), []);
    assert.deepEqual(brokenOf({ p99MsMax: 19, failureShareMax: 0.004, requestsPerSecondMin: 101 }, totals), [
      'p99 was 20.0 ms, above 19 ms',
      '0.5 % of the requests failed (5 of 1,000), above 0.4 %',
      '100.0 requests a second were done, fewer than 101',
    ]);
    const silent = { ...totals, requests: 0, failures: 0, latency: { ...latency, count: 0, p99Ms: null } };
    assert.equal(brokenOf({ ...objective, requestsPerSecondMin: null }, silent).length, 2);
  });
});
