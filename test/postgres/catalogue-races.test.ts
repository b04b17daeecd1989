/** Catalogue and stock written while another session has the rows: a write that PostgreSQL ends is done again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { lockCatalog, lockShop } from '../../src/storage/postgres/locks.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aMovement, aProduct, described, stockUp } from '../builders.ts';
import { until } from '../journeys/behind-the-service.ts';
import { assertVerifiesClean, onHandOf } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();

const [apple, plum] = [aProduct({ sku: 'apple', onHand: 5 }), aProduct({ sku: 'plum', onHand: 5 })];

/** What each of the catalogue's writes changes, to see that it happened, and happened once. */
const writes: Readonly<Record<string, (store: OrderStore) => Promise<unknown>>> = {
  saveProducts: (store) =>
    store.saveProducts([
      { ...apple, priceCents: 777 },
      { ...plum, priceCents: 777 },
    ]),
  moveStock: (store) =>
    store.moveStock([aMovement({ sku: 'apple', units: 3 }), aMovement({ sku: 'plum', units: 3 })]),
};

/**
 * Somebody who locks the stock the wrong way round, as a script of the shop's own might: the store has the
 * first row and waits for the second when he asks for the first, and PostgreSQL has to end one of the two.
 * He waits without end, so it is the store's.
 */
async function cross(url: string, write: () => Promise<unknown>): Promise<void> {
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  try {
    await other.query("SET deadlock_timeout = '60s'");
    await other.query("BEGIN; SELECT FROM stock WHERE sku = 'plum' FOR UPDATE");
    let isWritten = false;
    const writing = write().then(() => {
      isWritten = true;
    });
    const waiting =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await until(async () => (await other.query(waiting)).rowCount === 1, 'the write that waits');
    await other.query("SELECT FROM stock WHERE sku = 'apple' FOR UPDATE");
    assert.ok(!isWritten, 'he has both rows now, so the write that had one of them was undone');
    await other.query('COMMIT');
    await writing;
  } finally {
    await other.end();
  }
}

describe('a deadlock with a write of the catalogue', { skip: missing ?? false }, () => {
  for (const [name, write] of Object.entries(writes)) {
    test(`is not the caller’s: ${name} is done again, once`, async () => {
      await using database = await openTestDatabase();
      const databaseName = new URL(database.url).pathname.slice(1);
      await database.query(`ALTER DATABASE ${databaseName} SET deadlock_timeout = '50ms'`);
      const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
      try {
        await stockUp(store, [apple, plum]);
        await cross(database.url, () => write(store));
        const received = name === 'moveStock' ? 3 : 0;
        for (const { sku, onHand, priceCents } of [apple, plum]) {
          assert.equal(await onHandOf(store, sku), onHand + received);
          const price = name === 'saveProducts' ? 777 : priceCents;
          assert.equal((await store.findProduct(sku))?.priceCents, price);
        }
        await assertVerifiesClean(store);
      } finally {
        await store.close();
      }
    });
  }
});

describe('a change of the catalogue that is only tried', { skip: missing ?? false }, () => {
  test('waits for no lock', async () => {
    await using database = await openTestDatabase();
    const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    try {
      await stockUp(store, [apple]);
      await other.query('BEGIN');
      for (const { text } of [lockCatalog, lockShop]) await other.query(text);
      await other.query('LOCK TABLE stock IN EXCLUSIVE MODE');
      const products = [{ product: described({ ...apple, priceCents: 777 }), expectedRevision: null }];
      const movements = [aMovement({ sku: 'apple', units: 3 })];
      const change = { atMs: 1, products, movements, onlyIfEmpty: false, isTrial: true };
      const outcome = await store.changeCatalog(change);
      assert.ok(outcome.kind === 'changed');
      assert.deepEqual([outcome.products[0]?.effect, outcome.movements[0]?.onHand], ['changed', 8]);
      assert.equal((await store.findProduct('apple'))?.priceCents, apple.priceCents);
    } finally {
      await other.end();
      await store.close();
    }
  });
});
