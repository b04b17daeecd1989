/** A statement that the server refuses: its transaction fails, and the caller is told why. Never is a rollback taken for a commit. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openConnection } from '../../src/storage/postgres/connection.ts';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aMovement, anApiKey, anAuditDraft, aProduct, aStep, aSubmission, stockUp } from '../builders.ts';
import { assertVerifiesClean, onHandOf, place } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();
const refused = { text: 'SELECT 1 / 0' };
const written = { text: 'INSERT INTO written VALUES (1)' };

/** Nothing of ours refuses the write: only the server does. */
const refuseAll = (table: string) => `
  CREATE OR REPLACE FUNCTION refuse_all() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'this table is closed today'; END $$;
  CREATE TRIGGER refuse_all BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION refuse_all()`;

describe('a statement that PostgreSQL refuses', { skip: missing ?? false }, () => {
  const places = {
    first: [refused, written, { text: 'COMMIT' }],
    'in the middle': [written, refused, written, { text: 'COMMIT' }],
    'last before the COMMIT': [written, refused, { text: 'COMMIT' }],
  };
  for (const [where, statements] of Object.entries(places)) {
    test(`${where} is the failure of all that are sent with it`, async () => {
      await using database = await openTestDatabase();
      await database.query('CREATE TABLE written (one integer)');
      const address = parseDatabaseUrl(locationOf(database.url));
      const connection = await openConnection(address, testSettings, { applicationName: 'nozama test' });
      try {
        await assert.rejects(connection.send([{ text: 'BEGIN' }, ...statements]), /division by zero/);
        const [answer] = await connection.send([{ text: 'SELECT FROM written' }]);
        assert.equal(answer?.rowCount, 0);
      } finally {
        await connection.close();
      }
    });
  }

  test('fails the order, the step, the movement, the product and the API key that it belongs to', async () => {
    await using database = await openTestDatabase();
    const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
    try {
      await stockUp(store, [aProduct({ onHand: 10 })]);
      const { orderId } = await place(store, aSubmission());
      const writes = {
        order_log: () => store.commitBatch([aSubmission()]),
        order_events: () => store.commitBatch([aStep({ orderId })]),
        audit_log: () => store.commitBatch([aStep({ orderId, step: { name: 'cancel', reason: null } })]),
        stock_movements: () => store.moveStock([aMovement({ units: 1 })]),
        products: () => store.saveProducts([{ ...aProduct(), name: 'Another name' }]),
        api_keys: () => store.access.createApiKey(anApiKey(), anAuditDraft()),
      };
      for (const [table, write] of Object.entries(writes)) {
        await database.query(refuseAll(table));
        await assert.rejects(write(), /this table is closed today/, table);
        await database.query(`DROP TRIGGER refuse_all ON ${table}`);
      }
      assert.equal((await store.findOrder(orderId))?.revision, 1);
      assert.equal(await onHandOf(store, 'tent-4p'), 9);
      assert.equal((await store.access.readAuditHead()).position, 0);
      await assertVerifiesClean(store);
    } finally {
      await store.close();
    }
  });
});
