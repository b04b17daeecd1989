import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FleetSample } from '../load/fleet.ts';
import { createAnswerGaps } from './answer-gaps.ts';

const noLatency = {
  count: 0,
  meanMs: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  p999Ms: null,
  maxMs: null,
};

function sample(atSecond: number, requests: number, failures: number): FleetSample {
  return {
    ...{ atSecond, seconds: 0.25, phase: 'measuring', requests, failures, latency: noLatency },
    ...{ users: 1, inFlight: 0, waiting: 0, intendedPerSecond: null, cpuCores: 0, latenessP99Ms: null },
    ...{ routes: [], failuresByKind: [] },
  };
}

function gapsOf(samples: readonly (readonly [atSecond: number, requests: number, failures: number])[]) {
  const gaps = createAnswerGaps();
  for (const [atSecond, requests, failures] of samples) gaps.add(sample(atSecond, requests, failures));
  return gaps;
}

describe('gaps between good answers', () => {
  it('are none while every sample has one', () => {
    const gaps = gapsOf([1, 2, 3, 4, 5, 6].map((nth) => [nth / 4, 10, nth === 2 ? 9 : 0]));
    assert.equal(gaps.longestSeconds(), 0);
    assert.equal(gaps.isGoodNow(), true);
  });

  it('go from the last good answer to the next, failures in between or nothing at all', () => {
    const gaps = gapsOf([
      [0.25, 10, 0],
      [0.5, 10, 10],
      [0.75, 0, 0],
      [1, 0, 0],
      [1.25, 3, 1],
    ]);
    assert.equal(gaps.longestSeconds(), 0.75);
    assert.equal(gaps.isGoodNow(), false);
  });

  it('count up to now when no good answer has come since', () => {
    const gaps = gapsOf([
      [0.25, 10, 0],
      [2, 0, 0],
      [2.25, 5, 5],
    ]);
    assert.equal(gaps.longestSeconds(), 2);
    assert.equal(gaps.isGoodNow(), false);
  });

  it('are not over as long as nobody asks', () => {
    const gaps = gapsOf([
      [0.25, 10, 0],
      [1, 0, 0],
      [2, 0, 0],
    ]);
    assert.equal(gaps.isGoodNow(), false);
    assert.equal(createAnswerGaps().isGoodNow(), false);
  });
});
