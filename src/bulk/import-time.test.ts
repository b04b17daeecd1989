import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../storage/memory/memory-store.ts';
import { linesPerChange, restShare } from './import-list.ts';
import { type ImportOptions, importProducts } from './import-products.ts';
import type { Pace } from './import-run.ts';

/** Of a list of so many products. */
function optionsFor(lines: number): ImportOptions {
  const rows = Array.from({ length: lines }, (_, nth) => `p-${nth},Product,1`);
  return {
    open: async function* () {
      yield Buffer.from(['sku,name,price', ...rows].join('\n'));
    },
    format: null,
    keepsSkusIn: 'memory',
    mayReceiveStock: true,
    actor: 'test',
    origin: { actor: 'test', keyId: null, requestId: null, address: null, detail: {} },
    atMs: 0,
    loadPicture: async () => ({ problem: 'none' }),
    isDryRun: false,
    skipsBadLines: false,
    reference: null,
  };
}

/** Imports a list whose time is over when it has been asked for `parts` times. */
async function importFor(lines: number, parts: number) {
  const store = createMemoryStore();
  let asked = 0;
  const report = await importProducts(store, {
    ...optionsFor(lines),
    isOverdue() {
      asked += 1;
      return asked > parts;
    },
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

test('an import rests after each transaction for a part of the time that it took, and not while it checks', async () => {
  const store = createMemoryStore();
  let nowMs = 0;
  const rests: number[] = [];
  const pace: Pace = {
    nowMs: () => nowMs,
    async rest(ms) {
      rests.push(ms);
    },
  };
  const taking = [11, 7, 3];
  const slowStore = {
    ...store,
    async changeCatalog(...given: Parameters<typeof store.changeCatalog>) {
      nowMs += given[0].isTrial ? 1_000 : (taking[rests.length] ?? 0);
      return store.changeCatalog(...given);
    },
  };
  const report = await importProducts(slowStore, { ...optionsFor(2 * linesPerChange + 1), pace });
  assert.deepEqual([report.added, rests], [2 * linesPerChange + 1, taking.map((ms) => restShare * ms)]);
});
