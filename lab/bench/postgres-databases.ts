/**
 * PostgreSQL databases on a server that the benchmark starts on a real disk and ends: each run's is cloned
 * from a template, and the server's own statistics tell the cost of a run.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEngine } from '../engine/engine-under-test.ts';
import { type PostgresServer, startPostgres } from '../postgres/postgres-server.ts';
import type { StoringSide } from './bench-options.ts';
import type { Databases, DatabaseWork, RunDatabase } from './databases.ts';
import { describeFill, runFill } from './filled-databases.ts';

/** As an operator of a small machine would have them; all others are the server's defaults. */
const settings: Readonly<Record<string, string>> = {
  shared_buffers: '1GB',
  effective_cache_size: '4GB',
  max_wal_size: '4GB',
  checkpoint_timeout: '5min',
  random_page_cost: '1.1',
  max_connections: '100',
};

const readBack = [
  ...Object.keys(settings),
  'server_version',
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'wal_compression',
  'commit_delay',
  'autovacuum',
];

const leaveWaitMs = 5_000;

interface Template {
  readonly name: string;
  readonly pagePathsFile: string | null;
  readonly position: number;
}

/** @param folder where everything is kept while the benchmark runs */
export async function createPostgresDatabases(bun: string, folder: string): Promise<Databases> {
  const home = join(folder, 'postgres');
  mkdirSync(home);
  // The server may run as another user, who must get there.
  for (const path of [folder, home]) chmodSync(path, 0o755);
  const server = await startPostgres({ fsync: true, settings, within: home });
  const { query } = server;
  const [shown] = await query(
    `SELECT ${readBack.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`,
  );
  const countersOf = createCounters(server, Number.parseInt(String(shown?.['server_version']), 10));
  const templates = new Map<string, Template>();
  let made = 0;

  async function create(from: string): Promise<string> {
    made += 1;
    const name = `bench_${made}`;
    await query(`CREATE DATABASE ${name} TEMPLATE ${from} STRATEGY file_copy`);
    return name;
  }

  async function templateOf(side: StoringSide, orders: number): Promise<Template> {
    const known = templates.get(`${side} ${orders}`);
    if (known !== undefined) return known;
    if (orders > 0) throw new Error(`there is no ${side} database of ${orders} orders`);
    const name = await create('template0');
    if (side === 'nozama') await (await openEngine(server.url(name))).close();
    const template: Template = { name, pagePathsFile: null, position: 0 };
    templates.set(`${side} 0`, template);
    return template;
  }

  return {
    settings: shown as Readonly<Record<string, string>>,

    async fill(side, orders) {
      const name = await create('template0');
      const { pagePaths, ...filled } = await runFill(bun, side, orders, server.url(name), folder);
      const pagePathsFile = join(folder, `page-paths-${side}-${orders}.txt`);
      writeFileSync(pagePathsFile, pagePaths.join('\n'));
      await query('VACUUM (FREEZE, ANALYZE)', name);
      const [size] = await query(`SELECT pg_database_size('${name}') AS bytes`);
      const position = side === 'textbook' ? orders : filled.logPosition;
      templates.set(`${side} ${orders}`, { name, pagePathsFile, position });
      return describeFill(side, { ...filled, bytes: Number(size?.['bytes']), isNew: true });
    },

    async open(side, ordersStored) {
      const template = await templateOf(side, ordersStored);
      return openDatabase(server, await create(template.name), template, countersOf);
    },

    async stop() {
      await server[Symbol.asyncDispose]();
    },
  };
}

function openDatabase(
  server: PostgresServer,
  name: string,
  { pagePathsFile, position }: Template,
  countersOf: Counters,
): RunDatabase {
  let before: DatabaseWork | null = null;
  return {
    url: server.url(name),
    pagePathsFile,
    position,
    serverPid: server.pid,
    async settle() {
      await server.query('CHECKPOINT');
      before = await countersOf(name);
    },
    async readWork() {
      const after = await countersOf(name);
      return before === null ? null : difference(after, before);
    },
    async close() {
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

type Counters = (database: string) => Promise<DatabaseWork>;

/** Reads the cost of the transactions in a database from the statistics of the server. */
function createCounters({ query }: PostgresServer, majorVersion: number): Counters {
  // PostgreSQL 18 counts them among all input and output.
  const walSyncs =
    majorVersion >= 18
      ? "(SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal')"
      : '(SELECT wal_sync FROM pg_stat_wal)';
  return async (database) => {
    // Backends hand in their counts when they end.
    const deadline = Date.now() + leaveWaitMs;
    const others = `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = '${database}'`;
    while (Number((await query(others))[0]?.['n']) > 0 && Date.now() < deadline) await sleep(20);
    const [row] = await query(
      `SELECT xact_commit, ${walSyncs} AS wal_syncs, (SELECT wal_bytes FROM pg_stat_wal) AS wal_bytes
       FROM pg_stat_database WHERE datname = '${database}'`,
    );
    const [rows] = await query(
      'SELECT coalesce(sum(n_tup_upd), 0) AS updated, coalesce(sum(n_tup_hot_upd), 0) AS hot FROM pg_stat_user_tables',
      database,
    );
    return {
      commits: Number(row?.['xact_commit']),
      walSyncs: Number(row?.['wal_syncs']),
      walBytes: Number(row?.['wal_bytes']),
      rowsUpdated: Number(rows?.['updated']),
      rowsUpdatedHot: Number(rows?.['hot']),
    };
  };
}

function difference(after: DatabaseWork, before: DatabaseWork): DatabaseWork {
  return {
    commits: after.commits - before.commits,
    walSyncs: after.walSyncs - before.walSyncs,
    walBytes: after.walBytes - before.walBytes,
    rowsUpdated: after.rowsUpdated - before.rowsUpdated,
    rowsUpdatedHot: after.rowsUpdatedHot - before.rowsUpdatedHot,
  };
}
