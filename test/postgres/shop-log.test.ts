/** The log of a shop on PostgreSQL: the contract, also through PgBouncer, and what only a server has. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { databaseAt } from '../../src/storage/engines.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import type { ShopLog } from '../../src/storage/shop-log.ts';
import { aMovement, aProduct, aStep, aSubmission, stockUp } from '../builders.ts';
import { until } from '../journeys/behind-the-service.ts';
import { place } from '../order-store/opened-store.ts';
import { describeShopLog } from '../shop-log.contract.ts';
import { countWaiting, openTransaction } from './open-transaction.ts';
import { openShopOn } from './opened-shop.ts';
import { pgBouncerMissing, pooledUrl } from './pgbouncer.ts';
import { openTestDatabase, postgresMissing, type TestDatabase } from './postgres-databases.ts';

const missing = await postgresMissing();
if (missing === null) {
  describeShopLog('PostgreSQL', async () => openShopOn(await openTestDatabase()), 4);
  if (pgBouncerMissing() === null) {
    describeShopLog(
      'PostgreSQL through PgBouncer',
      async () => {
        const database = await openTestDatabase();
        return openShopOn(database, await pooledUrl(database.url));
      },
      2,
    );
  }
}

interface Given {
  readonly database: TestDatabase;
  readonly store: OrderStore;
  /** Another instance. */
  readonly other: OrderStore;
  readonly log: ShopLog;
}

/** A shop with two products and an order that went one step. */
async function withShop(use: (given: Given) => Promise<void>): Promise<void> {
  const database = await openTestDatabase();
  const shop = await openShopOn(database);
  const [other, log] = [await shop.openStore(), await shop.openLog()];
  try {
    await stockUp(shop.store, [aProduct(), aProduct({ sku: 'kite' })]);
    const { orderId } = await place(shop.store, aSubmission());
    await shop.store.commitBatch([aStep({ orderId })]);
    await use({ database, store: shop.store, other, log });
  } finally {
    await log.close();
    await other.close();
    await shop.dispose();
  }
}

const range = { after: 0, through: 10 };

describe('the log of a shop on PostgreSQL', { skip: missing ?? false }, () => {
  for (const [product, isFirst] of [
    ['kite', 'another product'],
    ['tent-4p', 'the same product'],
  ] as const) {
    test(`has movements in the order of their commits: one of ${isFirst} waits for the one before`, () =>
      withShop(async ({ database, store, other, log }) => {
        const before = await log.readEnd('stock');
        // Keeps the first from its commit, behind the locks of catalogue and shop.
        await using held = await openTransaction(
          database.url,
          "SELECT FROM stock WHERE sku = 'tent-4p' FOR UPDATE",
        );
        const first = store.moveStock([aMovement({ sku: 'tent-4p', units: 1, actor: 'cli' })]);
        await until(async () => (await countWaiting(database)) === 1, 'the first movement to wait');
        const second = other.moveStock([aMovement({ sku: product, units: 2 })]);
        await until(async () => (await countWaiting(database)) === 2, 'the second movement to wait');
        assert.equal(await log.readEnd('stock'), before);
        await held.rollback();
        await Promise.all([first, second]);
        const end = await log.readEnd('stock');
        const moved = await log.readMovements({ after: before, through: end });
        assert.deepEqual(
          moved.map(({ sku, units }) => [sku, units]),
          [
            ['tent-4p', 1],
            [product, 2],
          ],
        );
      }));
  }

  test('passes a gap in the numbers of movements, which a transaction that was undone leaves', () =>
    withShop(async ({ database, store, log }) => {
      const before = await log.readEnd('stock');
      await using undone = await openTransaction(
        database.url,
        `INSERT INTO stock_movements (sku, units, reason, actor, at_ms) VALUES ('kite', 1, 'receipt', 'cli', 0)`,
      );
      assert.equal(await log.readEnd('stock'), before);
      await undone.rollback();
      await store.moveStock([aMovement({ sku: 'kite', units: 5 })]);
      const end = await log.readEnd('stock');
      assert.equal(end, before + 2);
      const moved = await log.readMovements({ after: before, through: end });
      assert.deepEqual(
        moved.map(({ units }) => units),
        [5],
      );
    }));

  test('passes over no entry whose order, lines or step are not there', () =>
    withShop(async ({ database, log }) => {
      assert.equal((await log.readPlacedOrders(range)).length, 1);
      assert.equal((await log.readOrderEvents(range)).length, 1);
      await database.query('DELETE FROM order_events');
      await assert.rejects(log.readOrderEvents(range), /1 entries .* 0 .* `nozama verify`/);
      await database.query('DELETE FROM order_lines');
      await assert.rejects(log.readPlacedOrders(range), /position 1 .* without lines; run `nozama verify`/);
      await database.query('DELETE FROM orders');
      await assert.rejects(log.readPlacedOrders(range), /1 entries .* 0 .* `nozama verify`/);
    }));

  test('comes back by itself when its connection was ended', () =>
    withShop(async ({ database, log }) => {
      const placed = await log.readPlacedOrders(range);
      const ended = await database.query(
        `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'nozama log'`,
      );
      assert.equal(ended.length, 1);
      // The first call may be the one that finds out.
      const again = await log.readPlacedOrders(range).catch(() => log.readPlacedOrders(range));
      assert.deepEqual(again, placed);
    }));

  test('leaves nothing on the session: no transaction, no lock', () =>
    withShop(async ({ database, log }) => {
      await log.readPlacedOrders(range);
      const sessions: readonly unknown[] = await database.query(
        `SELECT state, (SELECT count(*)::int FROM pg_locks WHERE pg_locks.pid = activity.pid) AS locks
          FROM pg_stat_activity AS activity
          WHERE datname = current_database() AND application_name = 'nozama log'`,
      );
      assert.deepEqual(sessions, [{ state: 'idle', locks: 0 }]);
    }));

  test('needs no other rights than those of the service’s role', async () => {
    await using database = await openTestDatabase({ isEmpty: true });
    await database.query(readFileSync('deploy/postgres/roles.sql', 'utf8'));
    const as = (role: string) => {
      const url = new URL(database.url);
      url.username = role;
      return { ...database, url: url.href, [Symbol.asyncDispose]: async () => undefined };
    };
    const owner = await openShopOn(as('nozama_owner'));
    await stockUp(owner.store, [aProduct()]);
    await place(owner.store, aSubmission());
    const log = await databaseAt(as('nozama_service').url).openLog();
    try {
      assert.equal((await log.readPlacedOrders(range)).length, 1);
      assert.deepEqual(await log.readOrderEvents(range), []);
      assert.equal((await log.readProductChanges(range)).length, 1);
      assert.equal((await log.readMovements(range)).length, 1);
      assert.match(await log.readShopId(), /^[0-9a-f-]{36}$/);
    } finally {
      await log.close();
      await owner.dispose();
    }
  });
});

describe('a log on PostgreSQL that can’t be opened', { skip: missing ?? false }, () => {
  const refused = (url: string, message: RegExp) =>
    assert.rejects(databaseAt(url).openLog(), { name: 'DatabaseRefusedError', message });

  test('says which schema it needs, and makes none', async () => {
    await using database = await openTestDatabase({ isEmpty: true });
    await refused(database.url, /schema version 0, this program needs \d+. Run `nozama migrate`/);
    const tables = await database.query('SELECT FROM pg_tables WHERE schemaname = current_schema()');
    assert.equal(tables.length, 0);
  });

  test('says that an older or a newer program’s schema is none of its own', async () => {
    await using database = await openTestDatabase();
    await database.query('INSERT INTO schema_versions (version, supports_from) VALUES (999, 999)');
    await refused(database.url, /schema version 999, but this program knows only up to/);
    await database.query('DELETE FROM schema_versions WHERE version >= 15');
    await refused(database.url, /schema version 14, this program needs \d+. Run `nozama migrate`/);
  });

  test('says that no server is there', () =>
    refused('postgres://postgres@127.0.0.1:1/shop', /can't be reached/));
});
