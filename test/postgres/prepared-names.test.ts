/** Statements under one name with two texts: no transaction with such a statement may be committed. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openConnection } from '../../src/storage/postgres/connection.ts';
import { parseDatabaseUrl } from '../../src/storage/postgres/database-url.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aProduct, aSubmission, stockUp } from '../builders.ts';
import { assertVerifiesClean, kindsOf, onHandOf } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();

/** What a service looks at to see that it is on Citus. What it does then runs on any PostgreSQL. */
const looksLikeCitus = `
  CREATE TABLE pg_dist_node (nodeid integer);
  CREATE FUNCTION run_command_on_workers(command text, OUT nodename text, OUT nodeport integer, OUT success boolean,
    OUT result text) RETURNS SETOF record LANGUAGE sql
    AS $$ SELECT NULL::text, NULL::integer, NULL::boolean, NULL::text WHERE false $$`;

describe('statements prepared under a name', { skip: missing ?? false }, () => {
  test('are refused under the name of another, before anything is sent', async () => {
    await using database = await openTestDatabase();
    const address = parseDatabaseUrl(locationOf(database.url));
    const connection = await openConnection(address, testSettings, { applicationName: 'nozama test' });
    try {
      await connection.send([{ name: 'one', text: 'SELECT $1::integer', values: [1] }]);
      const half = connection.send([
        { text: 'BEGIN' },
        { text: 'CREATE TABLE half_a_batch ()' },
        { name: 'one', text: 'SELECT $1::integer + 1', values: [1] },
        { text: 'COMMIT' },
      ]);
      await assert.rejects(half, /two statements have the name one/);
      const [answer] = await connection.send([{ text: "SELECT to_regclass('half_a_batch') AS found" }]);
      assert.equal(answer?.rows[0]?.['found'], null);
    } finally {
      await connection.close();
    }
  });

  test('batches and probes of writing share a connection, also as they are on Citus', async () => {
    await using database = await openTestDatabase();
    await database.query(looksLikeCitus);
    const store = await openPostgresStore({
      location: locationOf(database.url),
      settings: { ...testSettings, writeConnections: 1 },
    });
    try {
      await stockUp(store, [aProduct({ onHand: 10 })]);
      await store.checkWritable();
      for (let round = 0; round < 2; round += 1) {
        assert.deepEqual(kindsOf(await store.commitBatch([aSubmission()])), ['placed']);
        await store.checkWritable();
      }
      assert.equal(await onHandOf(store, 'tent-4p'), 8);
      await assertVerifiesClean(store);
    } finally {
      await store.close();
    }
  });
});
