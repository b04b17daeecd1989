import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, downSpans, lonelyIndexes, phaseSpans, summarize, thin } from './chart-data.js';

test('a chart of hours stays within its bound, and keeps the newest in full', () => {
  const kept = [];
  for (let i = 0; i < 100_000; i += 1) {
    kept.push(i);
    thin(kept, 100);
    assert.ok(kept.length <= 100);
  }
  assert.deepEqual(
    kept.slice(-20),
    Array.from({ length: 20 }, (_, index) => 99_980 + index),
  );
  assert.deepEqual(
    kept,
    kept.toSorted((a, b) => a - b),
  );
  assert.equal(kept[0], 0);
});

test('a value that is not there is a gap', () => {
  const samples = [
    { atSecond: 1, value: 5 },
    { atSecond: 2, value: null },
    { atSecond: 3, value: Number.NaN },
    { atSecond: 4, value: 0 },
  ];
  const lines = [{ read: ({ value }) => value }];
  assert.deepEqual(columnsOf(samples, lines, false), [
    [1, 2, 3, 4],
    [5, null, null, 0],
  ]);
  assert.deepEqual(columnsOf(samples, lines, true)[1], [5, null, null, null], 'no 0 on a logarithmic scale');
});

test('what a table says of a line', () => {
  assert.deepEqual(summarize([2, null, 4]), { latest: 4, min: 2, mean: 3, max: 4 });
  assert.deepEqual(summarize([2, null]), { latest: null, min: 2, mean: 2, max: 2 });
  assert.deepEqual(summarize([null]), { latest: null, min: null, mean: null, max: null });
  assert.deepEqual(summarize([]), { latest: null, min: null, mean: null, max: null });
});

test('a value between two gaps is a point', () => {
  assert.deepEqual(lonelyIndexes([1, null, 2, null, 3, 4, null, 5]), [0, 2, 7]);
  assert.deepEqual(lonelyIndexes([]), []);
});

test('phases span from the sample before, since a sample tells of the time before it', () => {
  const phases = ['warm-up', 'warm-up', 'measuring', 'warm-up', 'draining'];
  const samples = phases.map((phase, index) => ({ atSecond: index + 1, phase }));
  assert.deepEqual(phaseSpans(samples, 'warm-up'), [
    { fromSecond: 0, toSecond: 2 },
    { fromSecond: 3, toSecond: 4 },
  ]);
  assert.deepEqual(phaseSpans(samples, 'draining'), [{ fromSecond: 4, toSecond: 5 }]);
  assert.deepEqual(phaseSpans([], 'draining'), []);
});

test('the service is down from its last answer to its next', () => {
  const event = (kind, atSecond) => ({ kind, atSecond, text: '' });
  assert.deepEqual(
    downSpans([event('fault', 1), event('down', 2), event('down', 3), event('up', 4), event('up', 5)]),
    [{ fromSecond: 2, toSecond: 4 }],
  );
  assert.deepEqual(downSpans([event('down', 2)]), [{ fromSecond: 2, toSecond: Number.POSITIVE_INFINITY }]);
});
