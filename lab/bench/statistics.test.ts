import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slopeOf, spreadOf } from './statistics.ts';

test('a spread is the median between the lowest and the highest', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3, count: 3 });
  assert.deepEqual(spreadOf([4, 1, 2, 10]), { median: 3, min: 1, max: 10, count: 4 });
  assert.deepEqual(spreadOf([7, Number.NaN]), { median: 7, min: 7, max: 7, count: 1 });
  assert.equal(spreadOf([]), null);
});

test('a slope is that of the best line', () => {
  const points = [0, 1, 2, 3, 4].map((x) => ({ x, y: 5 + 2 * x }));
  assert.equal(slopeOf(points), 2);
  assert.equal(slopeOf(points.slice(0, 2)), 0);
  assert.equal(slopeOf(points.map(({ y }) => ({ x: 1, y }))), 0);
});
