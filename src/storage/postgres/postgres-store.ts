/**
 * The server engine: one PostgreSQL database, as many instances of the service on it as wanted.
 *
 * Trades a server to run for several machines. Always holds: a commit is on the server's disk before
 * commitBatch resolves; nothing is cached between transactions but unused order numbers, so instances need
 * not know of each other; a lost connection is opened again by the next who needs it. Limits: see
 * postgres-settings.ts.
 */
import { randomBytes } from 'node:crypto';
import type { MigrateReport } from '../engine.ts';
import {
  defaultStoreSettings,
  type OnMigration,
  type OrderStore,
  type StoreSettings,
} from '../order-store.ts';
import { createCommitBatch } from '../server/commit-batch.ts';
import { type ConnectionSlot, createConnectionSlot, createOutage } from '../server/connection-slot.ts';
import { createExclusivePool } from '../server/exclusive-pool.ts';
import { createOrderNumbers, type NumberRange } from '../server/order-numbers.ts';
import { createRankingKeeper } from '../server/ranking-keeper.ts';
import type { OnCheck, VerifyReport } from '../verify-checks.ts';
import { createAccess } from './access.ts';
import { createBatchTransaction } from './batch-transaction.ts';
import { createCatalogWrites } from './catalog-writes.ts';
import { type Connection, openConnection, type Statement } from './connection.ts';
import { type DatabaseAddress, parseDatabaseUrl } from './database-url.ts';
import { beginReadCommitted, beginReadOnly, lockShop } from './locks.ts';
import { assertUsableSchema, migrate } from './migrate.ts';
import { giveBackNumbers } from './number-ranges.ts';
import { assertDurableTransaction, transactionLimits } from './pooled-transactions.ts';
import type { PostgresSettings } from './postgres-settings.ts';
import { shortenRankings } from './ranking.ts';
import { payInBackground } from './ranking-debt.ts';
import { createReads } from './reads.ts';
import { assertTakesWrites, type ServerSettings, unsafeSettings } from './server-trust.ts';
import { createSharedPool } from './shared-pool.ts';
import { type DatabaseOptions, withUnhurriedConnection } from './unhurried-connection.ts';
import { verifyDatabase } from './verify.ts';

export interface PostgresStoreOptions extends Partial<StoreSettings>, DatabaseOptions {}

/** @throws DatabaseRefusedError with a sentence for the operator */
export function migratePostgres(options: DatabaseOptions, onMigration?: OnMigration): Promise<MigrateReport> {
  return withUnhurriedConnection(options, (connection) => {
    assertTakesWrites(connection.server, parseDatabaseUrl(options.location));
    return migrate(connection, onMigration);
  });
}

/** Checks a database without changing it, also while services run on it. @throws DatabaseRefusedError */
export function verifyPostgres(options: DatabaseOptions, onCheck?: OnCheck): Promise<VerifyReport> {
  return withUnhurriedConnection(options, async (connection) => {
    await assertUsableSchema(connection);
    return verifyDatabase(connection, onCheck);
  });
}

/**
 * The secret all instances sign links with: made by the first that asks, kept in the database.
 * 32 random bytes.
 */
export function loadOrderKeySecret(options: DatabaseOptions): Promise<Uint8Array> {
  return withUnhurriedConnection(options, async ({ send }) => {
    const [, kept] = await send([
      {
        text: 'INSERT INTO order_key_secret (secret) VALUES ($1) ON CONFLICT DO NOTHING',
        values: [randomBytes(32).toString('base64url')],
      },
      { text: 'SELECT secret FROM order_key_secret' },
    ]);
    return Buffer.from(String(kept?.rows[0]?.['secret']), 'base64url');
  });
}

/** @throws DatabaseRefusedError when the server can't be used, can't be trusted, or holds something else */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<OrderStore> {
  const { location, settings } = options;
  const { onCommit } = { ...defaultStoreSettings, ...options };
  const address = parseDatabaseUrl(location);
  const { server, unsafeServers } = await withUnhurriedConnection(options, async (connection) => {
    assertTakesWrites(connection.server, address);
    if (settings.migratesAtStart) await migrate(connection);
    else await assertUsableSchema(connection);
    return {
      server: connection.server,
      unsafeServers: await connection.distribution.readUnsafeServers(connection, settings),
    };
  });
  const nowMs = Date.now;
  const outage = createOutage(nowMs, Math.random);
  const slotsFor = (applicationName: string, count: number): readonly ConnectionSlot<Connection>[] =>
    Array.from({ length: count }, () =>
      createConnectionSlot({
        open: () => openConnection(address, settings, { applicationName }),
        outage,
      }),
    );
  const writers = createExclusivePool(slotsFor('nozama write', settings.writeConnections), outage);
  const { transactionSettings, aroundReads } = surroundings(address, settings);
  const readers = createSharedPool(slotsFor('nozama read', settings.readConnections), aroundReads);
  const numbers = createOrderNumbers();
  const ranking = createRankingKeeper(createTidying(writers.withConnection, transactionSettings, nowMs));
  const reads = createReads(readers);
  const catalog = createCatalogWrites({
    withConnection: writers.withConnection,
    transactionSettings,
    onRanked: ranking.ranked,
    nowMs,
  });
  const access = createAccess(readers, writers.withConnection, transactionSettings);
  let isClosed = false;

  return {
    engine: `postgresql ${server.server_version.split(' ')[0]}`,
    durability: describeDurability(server, unsafeServers),
    // One transaction each: orders gather in the intake while every writing connection is busy.
    gauges: [],
    commitsInFlightMax: settings.writeConnections,
    commitBatch: createCommitBatch({
      withConnection: writers.withConnection,
      transaction: createBatchTransaction(transactionSettings),
      numbers,
      onRanked: ranking.ranked,
      onCommit,
      nowMs,
      random: Math.random,
    }),
    access,
    ...catalog,
    ...reads,
    verify() {
      if (isClosed) return Promise.reject(new Error('the store is closed'));
      return withUnhurriedConnection(options, (connection) => verifyDatabase(connection));
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await ranking.stop();
      const rest = numbers.release();
      if (rest !== null) await giveBack(writers.withConnection, rest);
      await writers.close();
      await readers.close();
    },
  };
}

/** What goes along with each transaction: nothing, unless a pooler gives it any session it likes. */
function surroundings({ isPooled }: DatabaseAddress, settings: PostgresSettings) {
  if (!isPooled) return { transactionSettings: [], aroundReads: {} };
  const limits = transactionLimits(settings);
  return {
    transactionSettings: settings.allowsUnsafeCommits ? [limits] : [limits, assertDurableTransaction],
    aroundReads: { before: [{ text: beginReadOnly }, limits], after: [{ text: 'COMMIT' }] },
  };
}

function describeDurability(server: ServerSettings, unsafeServers: readonly string[]) {
  const { fsync, synchronous_commit, full_page_writes } = server;
  const unsafe = [...unsafeSettings(server), ...unsafeServers];
  return {
    fsync,
    synchronous_commit,
    full_page_writes,
    ...(unsafe.length === 0
      ? {}
      : { warning: `${unsafe.join(', ')}: confirmed orders may be lost in a power failure` }),
  };
}

type WithConnection = (use: (connection: Connection) => Promise<void>) => Promise<void>;

/** Pays the debts of the rankings of these states, and takes the counters beyond their last rank out of them. */
function createTidying(
  withConnection: WithConnection,
  transactionSettings: readonly Statement[],
  nowMs: () => number,
) {
  return (states: readonly string[]) =>
    withConnection(async ({ send, close }) => {
      const inTransaction = async (statements: readonly Statement[]) => {
        try {
          await send([
            { text: beginReadCommitted },
            ...transactionSettings,
            lockShop,
            ...statements,
            { text: 'COMMIT' },
          ]);
        } catch (error) {
          await send([{ text: 'ROLLBACK' }]).catch(close);
          throw error;
        }
      };
      await payInBackground(send, inTransaction, states, nowMs());
      await inTransaction([shortenRankings(states)]);
    });
}

/** Without it there is a gap in the numbers, nothing worse: a database that is away must not keep us. */
async function giveBack(withConnection: WithConnection, rest: NumberRange): Promise<void> {
  try {
    await withConnection(async ({ send }) => {
      await send([giveBackNumbers(rest)]);
    });
  } catch {
    // Said above.
  }
}
