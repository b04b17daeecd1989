import assert from 'node:assert/strict';
import { test } from 'node:test';
import { voidReasonsOf } from './void-reasons.ts';

const sound = {
  cpuCoresMax: 0.95,
  latenessP99Ms: 3,
  stallMaxMs: 500,
  dropped: 0,
  unreadyShare: 0.005,
  due: 9,
  intended: 9,
  requests: 9,
  p99Ms: 2,
};

test('figures are void when the generator was in the way, and say how', () => {
  assert.deepEqual(voidReasonsOf(sound), []);
  assert.deepEqual(voidReasonsOf({ ...sound, latenessP99Ms: null }), []);
  assert.deepEqual(voidReasonsOf({ ...sound, cpuCoresMax: 0.96 }), [
    'the generator was saturated: a worker used 0.96 cores',
  ]);
  assert.deepEqual(voidReasonsOf({ ...sound, latenessP99Ms: 3.2 }), ['the generator was late: p99 3.2 ms']);
  assert.deepEqual(voidReasonsOf({ ...sound, unreadyShare: 0.25 }), [
    '25.0 % of the journeys waited for a user who was thinking: more users at once are needed',
  ]);
  assert.deepEqual(
    voidReasonsOf({
      ...sound,
      cpuCoresMax: 2,
      latenessP99Ms: 9,
      stallMaxMs: 900,
      dropped: 7,
      unreadyShare: 1,
    }).length,
    5,
  );
});

test('a closed loop has nothing to be late with but its clock, whose stalls void it too', () => {
  const closed = { ...sound, due: 0, intended: 0 };
  assert.deepEqual(voidReasonsOf({ ...closed, latenessP99Ms: 100 }), []);
  assert.deepEqual(voidReasonsOf({ ...closed, latenessP99Ms: 101 }), [
    'the generator was late: p99 101.0 ms',
  ]);
  assert.deepEqual(voidReasonsOf({ ...closed, stallMaxMs: 900 }), ['the generator stood still for 0.9 s']);
});

test('fewer requests than the rate means void an open loop, unless the service held them up', () => {
  const short = { ...sound, due: 6_400, intended: 10_000, requests: 6_400 };
  assert.deepEqual(voidReasonsOf(short), [
    'only 64 % of the requests that the rate means were sent: journeys are shorter than thought',
  ]);
  assert.deepEqual(voidReasonsOf({ ...short, p99Ms: 900 }), []);
  assert.deepEqual(voidReasonsOf({ ...short, requests: 9_100 }), []);
  assert.deepEqual(voidReasonsOf({ ...short, due: 16 }), []);
});
