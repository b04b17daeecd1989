import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArrivalProfile } from '../control/run-plan.ts';
import { dueBy, rateAt } from './arrival-profile.ts';

const profiles: readonly ArrivalProfile[] = [
  { shape: 'constant', perSecond: 250 },
  { shape: 'ramp', fromPerSecond: 10, toPerSecond: 500, overSeconds: 7.5 },
  { shape: 'ramp', fromPerSecond: 500, toPerSecond: 10, overSeconds: 7.5 },
  { shape: 'ramp', fromPerSecond: 500, toPerSecond: 10, overSeconds: 0 },
  { shape: 'step', fromPerSecond: 50, byPerSecond: 30, everySeconds: 1.5, toPerSecond: 200 },
  { shape: 'step', fromPerSecond: 50, byPerSecond: 1, everySeconds: 3, toPerSecond: 20_000 },
  { shape: 'spike', perSecond: 20, peakPerSecond: 900, atSecond: 3, forSeconds: 2.5 },
  { shape: 'sine', perSecond: 100, amplitudePerSecond: 80, periodSeconds: 4 },
  { shape: 'sine', perSecond: 100, amplitudePerSecond: 400, periodSeconds: 3 },
];

test('what a profile owes is the sum of its rate, at any time', () => {
  const step = 0.000_5;
  for (const profile of profiles) {
    let sum = 0;
    let largest = 0;
    for (let i = 0; i < 24_000; i += 1) {
      const rate = rateAt(profile, (i + 0.5) * step);
      assert.ok(rate >= 0);
      largest = Math.max(largest, rate);
      sum += rate * step;
      if (i % 1_000 !== 999) continue;
      const due = dueBy(profile, (i + 1) * step);
      assert.ok(Math.abs(due - sum) <= largest * step, `${JSON.stringify(profile)} at ${i}: ${due}, ${sum}`);
    }
  }
});

test('rates are those that were asked for', () => {
  const ramp = { shape: 'ramp', fromPerSecond: 0, toPerSecond: 100, overSeconds: 10 } as const;
  assert.deepEqual(
    [0, 5, 10, 99].map((second) => rateAt(ramp, second)),
    [0, 50, 100, 100],
  );
  assert.equal(dueBy(ramp, 20), 1_500);
  const step = {
    shape: 'step',
    fromPerSecond: 10,
    byPerSecond: 10,
    everySeconds: 2,
    toPerSecond: 25,
  } as const;
  assert.deepEqual(
    [0, 1.9, 2, 4, 6].map((second) => rateAt(step, second)),
    [10, 10, 20, 25, 25],
  );
  assert.equal(dueBy(step, 6), 20 + 40 + 50);
  const spike = { shape: 'spike', perSecond: 10, peakPerSecond: 110, atSecond: 5, forSeconds: 2 } as const;
  assert.deepEqual(
    [4, 5, 6.9, 7].map((second) => rateAt(spike, second)),
    [10, 110, 110, 10],
  );
  assert.equal(dueBy(spike, 10), 300);
});
