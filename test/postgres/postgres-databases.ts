/**
 * Databases for tests: each its own, cloned from a template that holds the schema.
 *
 * The server is the one of TEST_POSTGRES_URL (a superuser's), else one that this process starts and ends. With
 * TEST_ON_CITUS=true it is a Citus cluster of this process's own, and the schema is distributed (citus-databases.ts).
 */
import pg from 'pg';
import { NoPostgresError, type PostgresServer, startPostgres } from '../../lab/postgres/postgres-server.ts';
import {
  defaultPostgresSettings,
  type PostgresSettings,
} from '../../src/storage/postgres/postgres-settings.ts';
import { migratePostgres } from '../../src/storage/postgres/postgres-store.ts';
import { citusMissing, openCitusDatabase } from '../citus/citus-databases.ts';

export interface TestDatabase extends AsyncDisposable {
  /** As DATABASE_URL has it. */
  readonly url: string;
  /** Runs statements as the superuser; the last one's rows are the answer. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
}

/** As a service has them, but that batches of one store overlap too: the contract must hold for them. */
export const testSettings: PostgresSettings = {
  ...defaultPostgresSettings,
  allowsUnsafeCommits: false,
  writeConnections: 2,
};

/** What comes after `postgres:` in an address. */
export function locationOf(url: string): string {
  return url.slice(url.indexOf(':') + 1);
}

/** Whether the tests of PostgreSQL run on distributed tables. */
export const testsOnCitus = process.env['TEST_ON_CITUS'] === 'true';

const given = process.env['TEST_POSTGRES_URL'] ?? '';
let started: Promise<PostgresServer> | undefined;
let template: Promise<string> | undefined;
let made = 0;

/**
 * Why there is no PostgreSQL here, for a test to skip with; null when there is one. In CI there must be.
 * @throws NoPostgresError in CI
 */
export async function postgresMissing(): Promise<string | null> {
  if (testsOnCitus) return citusMissing;
  if (given !== '') return null;
  try {
    await ownServer();
    return null;
  } catch (error) {
    if (!(error instanceof NoPostgresError) || process.env['CI'] === 'true') throw error;
    return error.message;
  }
}

function ownServer(): Promise<PostgresServer> {
  started ??= startPostgres({ fsync: true });
  return started;
}

/** The address of a database on the server under test, as its superuser. */
async function urlOf(database: string): Promise<string> {
  if (given === '') return (await ownServer()).url(database);
  const url = new URL(given);
  url.pathname = `/${database}`;
  return url.href;
}

async function query(database: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: await urlOf(database) });
  await client.connect();
  try {
    const answer: unknown = await client.query(sql);
    const last = Array.isArray(answer) ? answer.at(-1) : answer;
    return (last as pg.QueryResult).rows;
  } finally {
    await client.end();
  }
}

const maintenance = given === '' ? 'postgres' : new URL(given).pathname.slice(1) || 'postgres';
const prefix = `nozama_test_${process.pid}`;

/** On a server that we did not start, the template database would stay. */
process.once('beforeExit', async () => {
  if (given !== '' && template !== undefined) await query(maintenance, `DROP DATABASE ${await template}`);
});

async function makeTemplate(): Promise<string> {
  const name = `${prefix}_template`;
  await query(maintenance, `CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  await migratePostgres({ location: locationOf(await urlOf(name)), settings: testSettings });
  return name;
}

/** @param options.isEmpty without the schema, as before the first start */
export async function openTestDatabase(options: { readonly isEmpty?: boolean } = {}): Promise<TestDatabase> {
  if (testsOnCitus) return openCitusDatabase(options);
  made += 1;
  const name = `${prefix}_${made}`;
  template ??= options.isEmpty === true ? undefined : makeTemplate();
  const from = options.isEmpty === true ? 'template0' : await template;
  await query(maintenance, `CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE ${from}`);
  return {
    url: await urlOf(name),
    query: (sql) => query(name, sql),
    async [Symbol.asyncDispose]() {
      await query(maintenance, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
