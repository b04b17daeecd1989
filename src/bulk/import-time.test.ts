import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../storage/memory/memory-store.ts';
import { importProducts } from './import-products.ts';
import { linesPerChange } from './import-run.ts';

/** Imports a list whose time is over when it has been asked for `parts` times. */
async function importFor(lines: number, parts: number) {
  const store = createMemoryStore();
  const rows = Array.from({ length: lines }, (_, nth) => `p-${nth},Product,1`);
  let asked = 0;
  const report = await importProducts(store, {
    open: async function* () {
      yield Buffer.from(['sku,name,price', ...rows].join('\n'));
    },
    format: null,
    mayReceiveStock: true,
    actor: 'test',
    origin: { actor: 'test', keyId: null, requestId: null, address: null, detail: {} },
    atMs: 0,
    loadPicture: async () => ({ problem: 'none' }),
    isOverdue() {
      asked += 1;
      return asked > parts;
    },
    isDryRun: false,
    skipsBadLines: false,
    reference: null,
  });
  const last = await store.findProduct(`p-${lines - 1}`);
  return { report, hasLast: last !== null };
}

test('a list whose time is over is read no further, and the report names the line', async () => {
  const checked = await importFor(linesPerChange + 1, 0);
  assert.deepEqual([checked.report.isDone, checked.report.added], [false, 0]);
  const [problem] = checked.report.problems;
  assert.deepEqual([problem?.code, problem?.line], ['out_of_time', linesPerChange + 2]);
  const written = await importFor(linesPerChange + 1, 1);
  assert.deepEqual([written.report.isDone, written.report.added], [true, linesPerChange]);
  assert.deepEqual([written.report.problemCount, written.hasLast], [1, false]);
});

test('a list that is done in time is imported whole', async () => {
  for (const [lines, parts] of [
    [linesPerChange, 0],
    [linesPerChange + 1, 2],
  ] as const) {
    const { report, hasLast } = await importFor(lines, parts);
    assert.deepEqual([report.problems, report.added, hasLast], [[], lines, true]);
  }
});
