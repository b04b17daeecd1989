/** Whatever keeps PostgreSQL from storing orders keeps its write probe from succeeding, and so `/readyz` off. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aProduct, aSubmission, keyed, stockUp } from '../builders.ts';
import { assertVerifiesClean } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const tables = [
  'orders',
  'order_lines',
  'idempotency_keys',
  'stock',
  'popularity',
  'order_log',
  'order_numbers',
];

const missing = await postgresMissing();

describe('a fault of one table that orders write', { skip: missing ?? false }, () => {
  for (const table of tables) {
    test(`fails the probe as it fails orders, until it is mended: ${table}`, async () => {
      await using database = await openTestDatabase();
      const open = () => openPostgresStore({ location: locationOf(database.url), settings: testSettings });
      let store = await open();
      try {
        await stockUp(store, [aProduct({ sku: 'tent-4p' })]);
        await store.checkWritable();
        await database.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'refused by a trigger'; END $$;
          CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse()`);
        // One that has no numbers left.
        if (table !== 'order_numbers')
          await assert.rejects(store.commitBatch([keyed('a', aSubmission())]), /refused by a trigger/);
        await assert.rejects(store.checkWritable(), /refused by a trigger/);
        await database.query(`DROP TRIGGER refuse ON ${table}`);
        await store.checkWritable();
        await store.commitBatch([keyed('a', aSubmission())]);
        await store.close();
        store = await open();
        await assertVerifiesClean(store);
      } finally {
        await store.close();
      }
    });
  }

  test('that is only looked at when a transaction commits is seen too', async () => {
    await using database = await openTestDatabase();
    const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
    try {
      await stockUp(store, [aProduct({ sku: 'tent-4p' })]);
      await database.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'refused by a trigger'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON order_log DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION refuse()`);
      await assert.rejects(store.commitBatch([aSubmission()]), /refused by a trigger/);
      await assert.rejects(store.checkWritable(), /refused by a trigger/);
    } finally {
      await store.close();
    }
  });
});
