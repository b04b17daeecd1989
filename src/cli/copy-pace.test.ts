import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyProgress } from '../storage/copy-shop.ts';
import { describePace } from './copy-pace.ts';

/** The text for each step of a copy of a million orders and a million other rows. */
function described(steps: readonly (readonly [atMs: number, rows: number])[]): readonly string[] {
  let nowMs = 0;
  const describe = describePace(() => nowMs);
  return steps.map(([atMs, rows]) => {
    nowMs = atMs;
    const orders: Omit<CopyProgress, 'copied' | 'copiedInAll'> = {
      section: 'orders',
      total: 1_000_000,
      totalInAll: 2_000_000,
    };
    return describe({ ...orders, copied: rows, copiedInAll: rows });
  });
}

test('tells rows, pace and the time that is left', () => {
  const texts = described([
    [0, 0],
    [500, 10_000],
    [10_000, 100_000],
    [20_000, 1_000_000],
  ]);
  assert.deepEqual(texts, [
    '0 of 1,000,000',
    '10,000 of 1,000,000',
    '100,000 of 1,000,000, 10,000 rows/s, about 4 min left',
    '1,000,000 of 1,000,000, 50,000 rows/s, about 20 s left',
  ]);
});

test('does not count the rows of an earlier run as fast', () => {
  const texts = described([
    [0, 900_000],
    [2_000, 902_000],
  ]);
  assert.equal(texts[1], '902,000 of 1,000,000, 1,000 rows/s, about 19 min left');
});
