/** What `deploy/citus/distribute.sql` makes of a shop, and what still holds afterwards. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { onHandMax } from '../../src/domain/product.ts';
import { DatabaseRefusedError } from '../../src/storage/engine.ts';
import {
  migratePostgres,
  openPostgresStore,
  verifyPostgres,
} from '../../src/storage/postgres/postgres-store.ts';
import { aMovement, aProduct, aRetryOf, aStep, aSubmission, keyed, stockUp } from '../builders.ts';
import { assertVerifiesClean, handIn, kindsOf, place } from '../order-store/opened-store.ts';
import { readEverything } from '../postgres/copied-shop.ts';
import { pgBouncerMissing, startPgBouncer } from '../postgres/pgbouncer.ts';
import { locationOf, type TestDatabase, testSettings } from '../postgres/postgres-databases.ts';
import { readProductLog, toldOf } from '../read-product-log.ts';
import { citusBin, distributeSql, startCitus } from './citus-cluster.ts';
import { citusMissing, openCitusDatabase, testCluster } from './citus-databases.ts';

const openOn = ({ url }: Pick<TestDatabase, 'url'>) =>
  openPostgresStore({ location: locationOf(url), settings: testSettings });

async function runAs(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Rows of a table on each node that has some of it. */
async function rowsByNode(database: TestDatabase, table: string): Promise<ReadonlyMap<number, number>> {
  const rows = await database.query(
    `SELECT nodeport, sum(result::int)::int AS rows
     FROM run_command_on_placements('${table}', 'SELECT count(*) FROM %s') GROUP BY nodeport`,
  );
  return new Map(rows.map((row) => [Number(row['nodeport']), Number(row['rows'])]));
}

describe('a shop on Citus', { skip: citusMissing ?? false }, () => {
  test('is not reached through PgBouncer, where a lock of one session would be left to another', {
    skip: pgBouncerMissing() ?? false,
  }, async () => {
    await using database = await openCitusDatabase();
    await using bouncer = await startPgBouncer(database.url);
    const pooled = { location: locationOf(bouncer.url(database.url)), settings: testSettings };
    const refusal = {
      name: 'DatabaseRefusedError',
      message: /has Citus.* the coordinator itself, without pgbouncer/,
    };
    await assert.rejects(openPostgresStore(pooled), refusal);
    await assert.rejects(verifyPostgres(pooled), refusal);
  });

  test('is distributed by one script, with the orders it had, and sells on', {
    timeout: 120_000,
  }, async () => {
    await using database = await openCitusDatabase({ isEmpty: true });
    await migratePostgres({ location: locationOf(database.url), settings: testSettings });
    const first = await openOn(database);
    await stockUp(first, [aProduct(), aProduct({ sku: 'kite' })]);
    const wishes = Array.from({ length: 60 }, (_, nth) =>
      keyed(`key-${nth}`, aSubmission({ state: nth % 2 === 0 ? 'TX' : 'CA' })),
    );
    await first.commitBatch(wishes);
    const before = await readEverything(first);
    await first.close();
    const [name] = await database.query(
      `SELECT attstattarget AS target FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'customer_name'`,
    );
    assert.notEqual(name?.['target'], 0, 'no statistics are forbidden: distributed tables refuse that');

    await database.query(distributeSql);
    await database.query(distributeSql);
    const second = await openOn(database);
    try {
      assert.deepEqual(await readEverything(second), before);
      for (const table of ['orders', 'order_lines', 'idempotency_keys']) {
        const rows = await rowsByNode(database, table);
        assert.equal(rows.size, 2, `${table} is on two workers`);
        for (const [port, count] of rows) assert.ok(count > 0, `${table} has rows on ${port}`);
        assert.equal(
          [...rows.values()].reduce((sum, count) => sum + count, 0),
          60,
        );
      }
      const [wish] = wishes;
      assert.ok(wish);
      assert.equal((await handIn(second, aRetryOf(wish))).kind, 'replayed');
      assert.equal(
        (await place(second, aSubmission({ lines: [{ sku: 'kite', quantity: 2 }] }))).number,
        1061,
      );
      await second.saveProducts([aProduct({ sku: 'kite', priceCents: 7 }), aProduct({ sku: 'new' })]);
      assert.deepEqual(toldOf((await readProductLog(database.url)).entries), [
        [1, 'kite', 1, aProduct().priceCents],
        [2, 'tent-4p', 1, aProduct().priceCents],
        [3, 'kite', 2, 7],
        [4, 'new', 1, aProduct().priceCents],
      ]);
      await assertVerifiesClean(second);
    } finally {
      await second.close();
    }
  });

  test('never gives two orders one number', async () => {
    await using database = await openCitusDatabase();
    const store = await openOn(database);
    try {
      await stockUp(store, [aProduct()]);
      const { number } = await place(store, aSubmission());
      await assert.rejects(
        database.query(
          `INSERT INTO order_log (position, order_id, order_number, type, at_ms)
            SELECT position + 1, gen_random_uuid(), ${number}, type, at_ms FROM order_log`,
        ),
        /orders_number_is_unique/,
      );
    } finally {
      await store.close();
    }
  });

  test('belongs to the two roles, of which the service’s takes orders and can’t remove any', async () => {
    await using database = await openCitusDatabase({ isEmpty: true });
    await database.query(readFileSync('deploy/postgres/roles.sql', 'utf8'));
    const as = (role: string) => {
      const url = new URL(database.url);
      url.username = role;
      return url.href;
    };
    await migratePostgres({ location: locationOf(as('nozama_owner')), settings: testSettings });
    await runAs(as('nozama_owner'), distributeSql);
    const store = await openPostgresStore({
      location: locationOf(as('nozama_service')),
      settings: { ...testSettings, migratesAtStart: false },
    });
    try {
      await stockUp(store, [aProduct()]);
      await place(store, aSubmission());
      await assertVerifiesClean(store);
      for (const statement of [
        'DELETE FROM orders',
        'UPDATE orders SET total_cents = 0',
        'DELETE FROM order_lines',
        'DELETE FROM idempotency_keys',
        'TRUNCATE orders',
        'DROP TABLE orders',
      ]) {
        await assert.rejects(runAs(as('nozama_service'), statement), { code: '42501' }, statement);
      }
      await assert.rejects(database.query('DELETE FROM order_log'), /append-only/);
    } finally {
      await store.close();
    }
  });

  test('refuses no order and no step while a worker has a commit to finish', {
    timeout: 60_000,
  }, async () => {
    await using database = await openCitusDatabase();
    const [worker] = (await testCluster()).workers;
    assert.ok(worker);
    const name = new URL(database.url).pathname.slice(1);
    const store = await openOn(database);
    try {
      await stockUp(store, [aProduct({ onHand: 0 }), aProduct({ sku: 'kite' })]);
      const lines = [{ sku: 'kite', quantity: 1 }];
      const [order, other] = [
        await place(store, aSubmission({ lines })),
        await place(store, aSubmission({ lines })),
      ];
      await store.moveStock([aMovement({ sku: 'kite', units: onHandMax - 998 })]);
      const changedKey = { keyId: randomUUID(), rights: 'orders:write until revoked' };
      const steps = [
        aStep({ orderId: order.orderId, grant: changedKey }),
        aStep({ orderId: order.orderId, step: { name: 'cancel', reason: null } }),
      ];
      // A prepared transaction, as a crash between the two phases of a commit leaves it for Citus to find.
      await worker.query("BEGIN; CREATE TABLE unseen (); PREPARE TRANSACTION 'citus_0_1_1_1'", name);
      await sleep(1_500);
      await assert.rejects(handIn(store, aSubmission()), /has yet to finish an earlier commit/);
      for (const step of steps)
        await assert.rejects(store.commitBatch([step]), /has yet to finish an earlier commit/);
      assert.deepEqual(kindsOf(await store.commitBatch([aStep({ orderId: other.orderId })])), ['stepped']);
      await worker.query("ROLLBACK PREPARED 'citus_0_1_1_1'", name);
      assert.equal((await handIn(store, aSubmission())).kind, 'out_of_stock');
      assert.deepEqual(kindsOf(await store.commitBatch(steps)), ['access_changed', 'stock_full']);
      await place(store, aSubmission({ lines }));
    } finally {
      await store.close();
    }
  });

  test('shows what a worker has lost', async () => {
    await using database = await openCitusDatabase();
    const store = await openOn(database);
    try {
      await stockUp(store, [aProduct()]);
      const orders = await store.commitBatch(Array.from({ length: 20 }, () => aSubmission()));
      assert.equal(orders.length, 20);
      // Behind Citus' back, on one worker.
      await database.query(
        `SELECT run_command_on_placements('orders', 'DELETE FROM %s WHERE number = 1007')`,
      );
      const { findings } = await store.verify();
      const subjects = findings.map(({ subject }) => subject);
      assert.ok(subjects.includes('position 7'), `the log tells of an order that is gone: ${subjects}`);
    } finally {
      await store.close();
    }
  });

  test('is refused when a worker may forget what it has committed', { timeout: 120_000 }, async () => {
    await using cluster = await startCitus({ bin: citusBin() ?? '', fsync: true });
    await cluster.createDatabase('shop');
    const url = cluster.coordinator.url('shop');
    await (await openOn({ url })).close();
    const [, worker] = cluster.workers;
    assert.ok(worker);
    await worker.stop();
    await worker.start({ fsync: 'off' });
    await assert.rejects(openOn({ url }), (error) => {
      assert.ok(error instanceof DatabaseRefusedError);
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${worker.port} runs with fsync=off`));
      return true;
    });
    const store = await openPostgresStore({
      location: locationOf(url),
      settings: { ...testSettings, allowsUnsafeCommits: true },
    });
    assert.match(JSON.stringify(store.durability), /fsync=off/);
    await store.close();
  });
});
