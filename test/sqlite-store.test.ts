import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { aProduct, aRetryOf, aSubmission, keyed, stockUp } from './builders.ts';
import {
  assertVerifiesClean,
  kindsOf,
  type OpenedStore,
  onHandOf,
  place,
  readWholeLog,
} from './order-store/opened-store.ts';
import { describeOrderStore } from './order-store.contract.ts';
import { describeAgreement } from './order-store.model.ts';

/** A database file in a folder of its own. */
async function openTemporary(): Promise<OpenedStore> {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const store = await openSqliteStore({ file });
  let current = store;
  return {
    store,
    async reopen() {
      await current.close();
      current = await openSqliteStore({ file });
      return current;
    },
    async dispose() {
      await current.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describeOrderStore('SQLite', openTemporary);
describeAgreement('SQLite', openTemporary);

const tent = aProduct({ sku: 'tent-4p', onHand: 10 });

describe('two stores on one SQLite file', () => {
  test('sell the same stock once, replay each other’s keys and share numbers and log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
    const file = join(folder, 'nozama.db');
    const first = await openSqliteStore({ file });
    const second = await openSqliteStore({ file });
    try {
      await stockUp(first, [tent]);
      const keyedInFirst = keyed('key-1', aSubmission());
      const order = await place(first, keyedInFirst);
      assert.deepEqual(await second.findOrder(order.orderId), order);
      assert.deepEqual(await second.commitBatch([keyedInFirst, aRetryOf(keyedInFirst)]), [
        { kind: 'replayed', order },
        { kind: 'replayed', order },
      ]);
      // Both at once: each waits for the other's write lock.
      const batchOf = (count: number) => Array.from({ length: count }, () => aSubmission());
      const outcomes = await Promise.all([first.commitBatch(batchOf(7)), second.commitBatch(batchOf(7))]);
      assert.equal(kindsOf(outcomes.flat()).filter((kind) => kind === 'placed').length, 9);
      assert.equal(await onHandOf(first, 'tent-4p'), 0);
      const log = await readWholeLog(second);
      assert.deepEqual(
        log.map(({ position, orderNumber }) => [position, orderNumber]),
        Array.from({ length: 10 }, (_, index) => [1 + index, 1001 + index]),
      );
      await assertVerifiesClean(second);
    } finally {
      await first.close();
      await second.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

test('the write-ahead log stays bounded while somebody reads in every turn', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const logPagesMax = 256;
  const logBytesMax = 16 * 2 ** 20;
  const store = await openSqliteStore({ file, logPagesMax });
  try {
    const shelf = Array.from({ length: 200 }, (_, i) => aProduct({ sku: `item-${i}`, onHand: 1e6 }));
    await stockUp(store, shelf);
    const known = await place(store, aSubmission({ lines: [{ sku: 'item-0', quantity: 1 }] }));
    let isOver = false;
    const readOn = async () => {
      while (!isOver) {
        for (let i = 0; i < 10; i += 1) {
          await store.findConfirmation(known.orderId, 3);
          // As long as a page takes to be rendered, and longer than a reader alone would delay the checkpoint.
          const busyUntil = performance.now() + 0.05;
          while (performance.now() < busyUntil);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const reading = [readOn(), readOn()];
    let largest = 0;
    // Some 30 MiB go through the log.
    for (let batch = 0; batch < 1_500; batch += 1) {
      const lines = (nth: number) => [{ sku: `item-${(batch * 7 + nth) % 200}`, quantity: 1 }];
      await store.commitBatch(Array.from({ length: 16 }, (_, nth) => aSubmission({ lines: lines(nth) })));
      largest = Math.max(largest, (await stat(`${file}-wal`)).size);
    }
    isOver = true;
    await Promise.all(reading);
    assert.ok(largest < logBytesMax, `the log had ${largest} bytes`);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
