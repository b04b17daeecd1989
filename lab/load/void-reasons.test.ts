import assert from 'node:assert/strict';
import { test } from 'node:test';
import { voidReasonsOf } from './void-reasons.ts';

const sound = { cpuCoresMax: 0.95, latenessP99Ms: 3, dropped: 0 };

test('figures are void when the generator was in the way, and say how', () => {
  assert.deepEqual(voidReasonsOf(sound), []);
  assert.deepEqual(voidReasonsOf({ ...sound, latenessP99Ms: null }), []);
  assert.deepEqual(voidReasonsOf({ ...sound, cpuCoresMax: 0.96 }), [
    'the generator was saturated: a worker used 0.96 cores',
  ]);
  assert.deepEqual(voidReasonsOf({ ...sound, latenessP99Ms: 3.2 }), ['the generator was late: p99 3.2 ms']);
  assert.deepEqual(voidReasonsOf({ cpuCoresMax: 2, latenessP99Ms: 9, dropped: 7 }).length, 3);
});
