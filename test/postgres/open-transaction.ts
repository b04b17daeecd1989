/** A transaction of another program on the database under test, which holds locks until it ends. */
import pg from 'pg';
import { until } from '../journeys/behind-the-service.ts';
import type { TestDatabase } from './postgres-databases.ts';

/** Rolled back when it is disposed of before it was ended. */
export interface OpenTransaction extends AsyncDisposable {
  query(sql: string): Promise<pg.QueryResult>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** @param statements run first, such as those that lock something */
export async function openTransaction(url: string, statements: string): Promise<OpenTransaction> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const transaction: OpenTransaction = {
    query: (sql) => client.query(sql),
    async commit() {
      await client.query('COMMIT');
    },
    async rollback() {
      await client.query('ROLLBACK');
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
  try {
    await client.query(`BEGIN; ${statements}`);
    return transaction;
  } catch (error) {
    await client.end();
    throw error;
  }
}

export interface Waiting {
  /** The name of each session that waits, as pg_stat_activity has it. */
  readonly applicationName?: string;
  /** The kinds of lock waited for (PostgreSQL manual, "Wait Events of Type Lock"); any kind unless told. */
  readonly kinds?: readonly string[];
}

/** The sessions on the database that wait for a lock. */
export async function countWaiting({ query }: TestDatabase, { applicationName, kinds }: Waiting = {}) {
  const conditions = [
    "datname = current_database() AND wait_event_type = 'Lock'",
    ...(applicationName === undefined ? [] : [`application_name = '${applicationName}'`]),
    ...(kinds === undefined ? [] : [`wait_event IN (${kinds.map((kind) => `'${kind}'`).join(', ')})`]),
  ];
  return (await query(`SELECT FROM pg_stat_activity WHERE ${conditions.join(' AND ')}`)).length;
}

/** @param name of the session, for the message when none waits */
export function untilOneWaits(database: TestDatabase, name: string, waiting: Waiting = {}): Promise<void> {
  return until(async () => (await countWaiting(database, waiting)) === 1, `the lock that ${name} waits for`);
}
