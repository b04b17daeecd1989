import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { aProduct, aSubmission, described, stockUp } from '../../../test/builders.ts';
import { blockThread } from './block-thread.ts';
import { openConnection } from './connection.ts';
import { openSqliteStore } from './sqlite-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'nozama-lock-'));
const file = join(folder, 'nozama.db');
const store = await openSqliteStore({ file });
await stockUp(store, [aProduct({ sku: 'tent-4p', onHand: 1_000 })]);
/** Of another process. */
const other = openConnection({ file, readOnly: false, cacheKib: 1_024 });

after(async () => {
  other.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('another process that writes', () => {
  const batches = 10;
  const heldMs = 40;
  const gapMs = 4;

  test(`lets a batch in after a few of its transactions, though it holds the lock ten times as long as not`, async () => {
    let transactions = 0;
    for (let nth = 0; nth < batches; nth += 1) {
      other.exec('BEGIN IMMEDIATE');
      let isCommitted = false;
      const committing = store.commitBatch([aSubmission()]).then(() => {
        isCommitted = true;
      });
      while (!isCommitted) {
        if (!other.isTransaction) other.exec('BEGIN IMMEDIATE');
        blockThread(heldMs);
        other.exec('COMMIT');
        transactions += 1;
        await sleep(gapMs);
      }
      await committing;
    }
    assert.ok(transactions <= 3 * batches, `${transactions} transactions for ${batches} batches`);
  });

  test('is not waited for by a change that is only tried', async () => {
    other.exec('BEGIN IMMEDIATE');
    try {
      const products = [{ product: described(aProduct({ sku: 'mug' })), expectedRevision: 0 }];
      const change = { atMs: 1, products, movements: [], onlyIfEmpty: false, isTrial: true };
      assert.equal((await store.changeCatalog(change)).kind, 'changed');
    } finally {
      other.exec('ROLLBACK');
    }
    assert.equal(await store.findProduct('mug'), null);
  });
});
