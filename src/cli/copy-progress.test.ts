import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopyProgress } from '../storage/copy-shop.ts';
import { createProgressReport, lineIntervalMs } from './copy-progress.ts';

function shown(
  isTerminal: boolean,
  steps: readonly (readonly [atMs: number, progress: Partial<CopyProgress>])[],
  columns = 200,
) {
  let text = '';
  let nowMs = 0;
  const report = createProgressReport({
    write: (more) => {
      text += more;
    },
    isTerminal,
    columns: () => columns,
    nowMs: () => nowMs,
  });
  for (const [atMs, given] of steps) {
    nowMs = atMs;
    report.show({
      section: 'orders',
      copied: 0,
      total: 1_000_000,
      copiedInAll: 0,
      totalInAll: 2_000_000,
      ...given,
    });
  }
  report.end();
  return text;
}

const at = (rows: number): Partial<CopyProgress> => ({ copied: rows, copiedInAll: rows });

test('without a terminal: a line for each section, for its end, and now and then', () => {
  const text = shown(false, [
    [0, at(0)],
    [1_000, at(10_000)],
    [lineIntervalMs, at(100_000)],
    [lineIntervalMs + 1, at(110_000)],
    [20_000, at(1_000_000)],
    [20_001, { section: 'keys', total: 5, copiedInAll: 1_000_000 }],
    [20_002, { section: 'verification', total: 0, copiedInAll: 2_000_000 }],
  ]);
  assert.deepEqual(text.split('\n'), [
    'orders 0 of 1,000,000',
    'orders 100,000 of 1,000,000, 10,000 rows/s, about 4 min left',
    'orders 1,000,000 of 1,000,000, 50,000 rows/s, about 20 s left',
    'idempotency keys 0 of 5, 49,998 rows/s, about 21 s left',
    'everything is there; recounting the target, 99,990 rows/s',
    '',
  ]);
});

test('on a terminal: one bar, drawn over itself', () => {
  const text = shown(true, [
    [0, at(0)],
    [50, at(1)],
    [500, at(1_000_000)],
  ]);
  assert.equal(
    text,
    `\r[${'-'.repeat(20)}]   0 % orders 0 of 1,000,000\u001b[K\r[${'#'.repeat(10)}${'-'.repeat(10)}]  50 % orders 1,000,000 of 1,000,000\u001b[K\n`,
  );
});

test('what an earlier run has copied does not count as fast', () => {
  const text = shown(true, [
    [0, at(900_000)],
    [2_000, at(902_000)],
  ]);
  assert.match(text, /902,000 of 1,000,000, 1,000 rows\/s, about 19 min left/);
});

test('on a narrow terminal: never more than a line', () => {
  const text = shown(true, [[0, at(0)]], 40);
  assert.equal(text, `\r[${'-'.repeat(20)}]   0 % orders 0 o\u001b[K\n`);
});
