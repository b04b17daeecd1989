import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Round } from './comparison.ts';
import type { LoadFigure } from './measure.ts';
import { ordersPerSecondAt, storageShares } from './storage-share.ts';

const batches = [
  { size: 1, ordersPerSecond: 1_000 },
  { size: 10, ordersPerSecond: 9_000 },
  { size: 100, ordersPerSecond: 40_000 },
];

test('a ceiling is read between the sizes that were measured, and not beyond them', () => {
  assert.equal(ordersPerSecondAt(batches, 10), 9_000);
  assert.equal(Math.round(ordersPerSecondAt(batches, Math.sqrt(10)) ?? 0), 5_000);
  assert.equal(ordersPerSecondAt(batches, 500), 40_000);
  assert.equal(ordersPerSecondAt([], 5), null);
});

test('orders are compared with the ceiling of their own round and batch size', () => {
  const figure = (requestsPerSecond: number, ordersStored: number): Round => {
    const work = { commits: 100, walSyncs: 0, walBytes: 0, rowsUpdated: 0, rowsUpdatedHot: 0 };
    const load = { voidReasons: [] as string[] };
    const id = 'nozama.orders@bun';
    return new Map([[id, { id, requestsPerSecond, ordersStored, work, load } as unknown as LoadFigure]]);
  };
  const engine = { engine: '', durability: null };
  const ceilings = [{ ...engine, batches }, undefined, { ...engine, batches }];
  const rounds = [figure(4_500, 1_000), figure(4_500, 1_000), figure(20_000, 10_000)];
  assert.deepEqual(storageShares(rounds, ceilings, 'nozama.orders@bun'), [
    { batchSize: 10, ratio: 0.5 },
    { batchSize: 100, ratio: 0.5 },
  ]);
});
