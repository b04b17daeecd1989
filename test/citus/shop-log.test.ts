/** The log of a shop whose orders lie on two workers: the contract, and entries that are seen before their orders. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresServer } from '../../lab/postgres/postgres-server.ts';
import { aProduct, aStep, aSubmission, stockUp } from '../builders.ts';
import { place } from '../order-store/opened-store.ts';
import { openShopOn } from '../postgres/opened-shop.ts';
import { describeShopLog } from '../shop-log.contract.ts';
import { citusMissing, openCitusDatabase, testCluster } from './citus-databases.ts';

if (citusMissing === null) describeShopLog('Citus', async () => openShopOn(await openCitusDatabase()), 2);

/** A transaction that is prepared, as a crash between the two phases of a commit leaves it for Citus to find. */
async function prepareOn(
  worker: PostgresServer,
  database: string,
  transaction: string,
): Promise<AsyncDisposable> {
  await worker.query(`BEGIN; CREATE TABLE ${transaction} (); PREPARE TRANSACTION '${transaction}'`, database);
  let isPrepared = true;
  return {
    async [Symbol.asyncDispose]() {
      if (isPrepared) await worker.query(`ROLLBACK PREPARED '${transaction}'`, database);
      isPrepared = false;
    },
  };
}

describe('the log of a shop on Citus', { skip: citusMissing ?? false }, () => {
  test('ends before entries whose orders a worker has yet to commit, and goes on when it has', {
    timeout: 60_000,
  }, async () => {
    const database = await openCitusDatabase();
    const shop = await openShopOn(database);
    const [worker] = (await testCluster()).workers;
    assert.ok(worker);
    const name = new URL(database.url).pathname.slice(1);
    const log = await shop.openLog();
    try {
      await stockUp(shop.store, [aProduct()]);
      const { orderId } = await place(shop.store, aSubmission());
      assert.equal(await log.readEnd('orders'), 1);
      await using earlier = await prepareOn(worker, name, 'citus_0_1_1_1');
      await place(shop.store, aSubmission());
      await shop.store.commitBatch([aStep({ orderId })]);
      assert.equal(await log.readEnd('orders'), 1);
      assert.equal(await log.readEnd('orders'), 1);
      const opened = await shop.openLog();
      await assert.rejects(opened.readEnd('orders'), /has yet to finish an earlier commit/);
      await opened.close();
      // Those of later transactions are not waited for once the earlier one is finished.
      await using _later = await prepareOn(worker, name, 'citus_0_1_2_1');
      await earlier[Symbol.asyncDispose]();
      assert.equal(await log.readEnd('orders'), 3);
      const range = { after: 0, through: 3 };
      assert.equal((await log.readPlacedOrders(range)).length, 2);
      assert.equal((await log.readOrderEvents(range)).length, 1);
    } finally {
      await log.close();
      await shop.dispose();
    }
  });

  test('throws, and passes over nothing, while an order is not there', async () => {
    const database = await openCitusDatabase();
    const shop = await openShopOn(database);
    const log = await shop.openLog();
    try {
      await stockUp(shop.store, [aProduct()]);
      await shop.store.commitBatch(Array.from({ length: 20 }, () => aSubmission()));
      // Behind Citus' back, on one worker.
      await database.query(
        `SELECT run_command_on_placements('orders', 'DELETE FROM %s WHERE number = 1007')`,
      );
      await assert.rejects(log.readPlacedOrders({ after: 0, through: 20 }), /20 entries .* 19 /);
    } finally {
      await log.close();
      await shop.dispose();
    }
  });
});
