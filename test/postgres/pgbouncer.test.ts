/**
 * PgBouncer in transaction mode: the whole engine contract and the journeys through a real one, and what it could
 * break: limits in time, durability, sessions that others use too. Crashes are in test/drills/pgbouncer.test.ts.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { startPostgres } from '../../lab/postgres/postgres-server.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import type { PostgresSettings } from '../../src/storage/postgres/postgres-settings.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aMovement, aProduct, aSubmission, stockUp } from '../builders.ts';
import { until } from '../journeys/behind-the-service.ts';
import { inFolder, openShop, withShop } from '../journeys/open-shop.ts';
import { place } from '../journeys/shop-client.ts';
import { assertVerifiesClean, kindsOf, type OpenedStore } from '../order-store/opened-store.ts';
import { describeOrderStore } from '../order-store.contract.ts';
import { describeAgreement } from '../order-store.model.ts';
import { runCli, runtimeUnderTest, ServiceStartError } from '../service.ts';
import { openSourceShop } from './copied-shop.ts';
import { emptyShop } from './emptied-database.ts';
import { openTransaction } from './open-transaction.ts';
import { pgBouncerMissing, pooledUrl, startPgBouncer } from './pgbouncer.ts';
import {
  locationOf,
  openTestDatabase,
  postgresMissing,
  type TestDatabase,
  testSettings,
} from './postgres-databases.ts';

const missing = (await postgresMissing()) ?? pgBouncerMissing();
const journeys = ['placing-an-order', 'idempotency', 'original-contract', 'reading'];

async function openPooledStore(
  database: TestDatabase,
  settings: Partial<PostgresSettings> = {},
): Promise<OrderStore> {
  const location = locationOf(await pooledUrl(database.url));
  return openPostgresStore({ location, settings: { ...testSettings, ...settings } });
}

/** Emptied for each test of the contract: to make one takes longer than most of them. */
let contractDatabase: Promise<TestDatabase> | undefined;

async function openTemporary(): Promise<OpenedStore> {
  contractDatabase ??= openTestDatabase();
  const database = await contractDatabase;
  await emptyShop(database);
  let current = await openPooledStore(database);
  return {
    store: current,
    async reopen() {
      await current.close();
      current = await openPooledStore(database);
      return current;
    },
    dispose: () => current.close(),
  };
}

/** The pooler sees what the driver sends, which is the same on both; on Node the contract holds without a pooler. */
const isTestedInFull = runtimeUnderTest() === 'bun';

if (missing === null && isTestedInFull) {
  describeOrderStore('PostgreSQL through PgBouncer', openTemporary);
  // Few: each operation is followed by every read there is, and through a pooler a read takes five times as long.
  describeAgreement('PostgreSQL through PgBouncer', openTemporary, { runs: 2, runMaxMs: 20_000 });
  for (const journey of journeys) await import(`../journeys/${journey}.test.ts?engine=pgbouncer`);
}

/** Runs a statement on each session of the pool, of which the first returns a row. */
async function onEachSession(database: TestDatabase, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({
    connectionString: (await pooledUrl(database.url)).replace(/\?.*$/, ''),
  });
  await client.connect();
  const rows: unknown[] = [];
  try {
    // Each transaction goes to the session that has rested longest; there are fewer than that.
    for (let i = 0; i < 12; i += 1) rows.push((await client.query(sql)).rows[0]);
  } finally {
    await client.end();
  }
  return rows;
}

async function withPooledStore(
  settings: Partial<PostgresSettings>,
  use: (store: OrderStore, database: TestDatabase) => Promise<void>,
): Promise<void> {
  await using database = await openTestDatabase();
  const store = await openPooledStore(database, settings);
  try {
    await stockUp(store, [aProduct({ onHand: 1_000 })]);
    await use(store, database);
    await assertVerifiesClean(store);
  } finally {
    await store.close();
  }
}

const short = { lockTimeoutMs: 300, statementTimeoutMs: 20_000 };

describe('through PgBouncer', { skip: missing ?? false }, () => {
  after(async () => (await contractDatabase)?.[Symbol.asyncDispose]());

  it('leaves nothing on a session: no statement, no setting, no lock', () =>
    withPooledStore({ statementTimeoutMs: 4_321 }, async (store, database) => {
      for (let i = 0; i < 10; i += 1) {
        const [outcome] = await store.commitBatch([aSubmission()]);
        assert.ok(outcome?.kind === 'placed');
        await store.findConfirmation(outcome.order.orderId, 3);
        await store.checkWritable();
      }
      const sessions = await onEachSession(
        database,
        `SELECT (SELECT count(*)::int FROM pg_prepared_statements) AS prepared,
          (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
          current_setting('statement_timeout') AS statement_timeout,
          current_setting('lock_timeout') AS lock_timeout,
          current_setting('enable_seqscan') AS enable_seqscan`,
      );
      for (const session of sessions) {
        assert.deepEqual(session, {
          prepared: 0,
          locks: 0,
          statement_timeout: '0',
          lock_timeout: '0',
          enable_seqscan: 'on',
        });
      }
    }));

  it('waits for locks no longer than told: batches, stock, pages and probes', () =>
    withPooledStore(short, async (store, database) => {
      {
        await using _ = await openTransaction(database.url, 'LOCK TABLE stock, products, write_probe');
        const lockTimeout = { name: 'StatementFailedError', sqlState: '55P03' };
        await assert.rejects(store.commitBatch([aSubmission()]), lockTimeout);
        await assert.rejects(store.moveStock([aMovement({ sku: 'tent-4p', units: 1 })]), lockTimeout);
        await assert.rejects(store.findProduct('tent-4p'), lockTimeout);
        await assert.rejects(store.checkWritable(), lockTimeout);
      }
      assert.deepEqual(kindsOf(await store.commitBatch([aSubmission()])), ['placed']);
    }));

  it('waits for a statement no longer than told, and the server gives it up', () =>
    withPooledStore({ statementTimeoutMs: 300 }, async (store, database) => {
      // As an overloaded server would be: nothing is locked, it only takes long.
      await database.query(`CREATE FUNCTION takes_long() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
        CREATE TRIGGER takes_long AFTER INSERT ON orders FOR EACH STATEMENT EXECUTE FUNCTION takes_long()`);
      await assert.rejects(store.commitBatch([aSubmission()]), { sqlState: '57014' });
      await database.query('DROP TRIGGER takes_long ON orders');
      assert.deepEqual(kindsOf(await store.commitBatch([aSubmission()])), ['placed']);
    }));

  it('commits durably though somebody has switched that off on every session', () =>
    withPooledStore({}, async (store, database) => {
      await database.query(`CREATE TABLE seen (synchronous_commit text);
        CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
        CREATE TRIGGER look AFTER INSERT ON orders FOR EACH STATEMENT EXECUTE FUNCTION look()`);
      const busy = Array.from({ length: 4 }, () => store.commitBatch([aSubmission()]));
      await Promise.all(busy);
      await onEachSession(database, 'SET synchronous_commit = off');
      assert.deepEqual(
        new Set((await onEachSession(database, 'SHOW synchronous_commit')).map((row) => JSON.stringify(row))),
        new Set(['{"synchronous_commit":"off"}']),
      );
      for (let i = 0; i < 8; i += 1) await store.commitBatch([aSubmission()]);
      assert.deepEqual(await database.query('SELECT DISTINCT synchronous_commit FROM seen'), [
        { synchronous_commit: 'on' },
      ]);
      await onEachSession(database, 'RESET synchronous_commit');
    }));

  it('without saying so in the address is refused, with what to add', async () => {
    await using database = await openTestDatabase();
    const url = (await pooledUrl(database.url)).replace('pgbouncer=true', 'pgbouncer=false');
    const sentence = /At 127\.0\.0\.1:\d+ is PgBouncer: add pgbouncer=true to DATABASE_URL\./;
    await assert.rejects(openShop({ settings: { DATABASE_URL: url } }), (error: unknown) => {
      assert.ok(error instanceof ServiceStartError && error.exit?.code === 1);
      assert.match(error.output, sentence);
      assert.doesNotMatch(error.output, /^\s+at |"stack":/m, 'no stack');
      return true;
    });
    await inFolder(async (dir) => {
      const { code, output } = await runCli(['seed'], { dir, env: { DATABASE_URL: url } });
      assert.equal(code, 1);
      assert.match(output, new RegExp(`^${sentence.source}\n$`));
    });
  });

  it('takes a shop that is copied in, and serves it', async () => {
    await using database = await openTestDatabase({ isEmpty: true });
    await using source = await openSourceShop(40);
    const url = await pooledUrl(database.url);
    const copied = await runCli(['copy', '--from', source.url, '--to', url], { dir: source.folder });
    assert.equal(copied.code, 0, copied.output);
    await withShop({ settings: { DATABASE_URL: url } }, async (shop) => {
      await place(shop.url);
      const { code, output } = await shop.verify();
      assert.equal(code, 0, output);
    });
  });

  it('writes nothing on a server that came back with fsync off, and goes on when it is on', async () => {
    await using server = await startPostgres({ fsync: true });
    await using bouncer = await startPgBouncer(server.url('postgres'));
    const location = locationOf(bouncer.url(server.url('postgres')));
    const store = await openPostgresStore({ location, settings: testSettings });
    try {
      await stockUp(store, [aProduct()]);
      await store.commitBatch([aSubmission()]);
      await server.stop();
      await server.start({ fsync: 'off' });
      let refusal: unknown = null;
      await until(async () => {
        refusal = await store.commitBatch([aSubmission()]).then(
          () => assert.fail('stored where it may be forgotten'),
          (error: unknown) => error,
        );
        // Our connection is to the pooler, and has noticed nothing.
        return /server behind the pooler runs with fsync/.test(String(refusal));
      }, 'a refusal that names fsync');
      await server.stop();
      await server.start();
      await until(
        () =>
          store.commitBatch([aSubmission()]).then(
            () => true,
            () => false,
          ),
        'a commit',
      );
      assert.equal((await store.readOrderLog(0, 10)).length, 2);
      await assertVerifiesClean(store);
    } finally {
      await store.close();
    }
  });
});
