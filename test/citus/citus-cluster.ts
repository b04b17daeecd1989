/**
 * A Citus cluster of a test's own: a coordinator and two workers on loopback, each a PostgreSQL
 * with Citus installed. Nothing here builds or brings Citus; `CITUS_BIN` names the folder that holds the
 * programs of a PostgreSQL that has it.
 */
import { readFileSync } from 'node:fs';
import {
  type PostgresServer,
  type ServerSettings,
  startPostgres,
} from '../../lab/postgres/postgres-server.ts';

export interface CitusCluster extends AsyncDisposable {
  readonly coordinator: PostgresServer;
  readonly workers: readonly PostgresServer[];
  /** An empty database on all nodes, which know of each other. */
  createDatabase(name: string): Promise<void>;
  /** Ends all sessions of a database and refuses new ones, so that {@link cloneDatabase} can copy it. */
  closeDatabase(name: string): Promise<void>;
  /** A copy of a closed database on all nodes: tables, shards and the list of nodes. */
  cloneDatabase(from: string, name: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
}

export interface ClusterOptions {
  /** The folder of its programs. */
  readonly bin: string;
  readonly fsync: boolean;
  /** Of all nodes. */
  readonly settings?: ServerSettings;
}

const workerCount = 2;
const dropTriesMax = 5;

/** Run once on the coordinator, after `nozama migrate`. */
export const distributeSql = readFileSync(
  new URL('../../deploy/citus/distribute.sql', import.meta.url),
  'utf8',
);

/** The folder that `CITUS_BIN` names, or null. */
export function citusBin(): string | null {
  return process.env['CITUS_BIN'] || null;
}

/** @throws Error when the programs in `bin` have no Citus */
export async function startCitus(options: ClusterOptions): Promise<CitusCluster> {
  const nodes = await startNodes(options);
  const [coordinator, ...workers] = nodes;
  if (coordinator === undefined) throw new Error('a cluster has a coordinator');

  async function onAll(sql: string, database?: string): Promise<void> {
    for (const node of nodes) await node.query(sql, database);
  }

  return {
    coordinator,
    workers,
    async createDatabase(name) {
      await onAll(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
      await onAll('CREATE EXTENSION citus', name);
      await coordinator.query(`SELECT citus_set_coordinator_host('127.0.0.1', ${coordinator.port})`, name);
      for (const { port } of workers) {
        await coordinator.query(`SELECT citus_add_node('127.0.0.1', ${port})`, name);
      }
    },
    async closeDatabase(name) {
      for (const node of nodes) {
        await node.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
        await node.query(
          `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '${name}'`,
        );
      }
    },
    async cloneDatabase(from, name) {
      await Promise.all(nodes.map((node) => node.query(`CREATE DATABASE ${name} TEMPLATE ${from}`)));
    },
    async dropDatabase(name) {
      await Promise.all(nodes.map((node) => drop(node, name)));
    },
    [Symbol.asyncDispose]: () => stopAll(nodes),
  };
}

async function startNodes(options: ClusterOptions): Promise<readonly PostgresServer[]> {
  const settings: ServerSettings = {
    shared_preload_libraries: 'citus',
    // Nodes trust each other on loopback; elsewhere they speak TLS.
    'citus.node_conninfo': 'sslmode=disable',
    'citus.enable_statistics_collection': 'off',
    // Two phases of a commit: one for each connection of a transaction.
    max_prepared_transactions: '400',
    // A maintenance process for each database.
    max_worker_processes: '64',
    ...options.settings,
  };
  const nodes: PostgresServer[] = [];
  try {
    for (let i = 0; i <= workerCount; i += 1) {
      nodes.push(await startPostgres({ bin: options.bin, fsync: options.fsync, settings }));
    }
    return nodes;
  } catch (error) {
    await stopAll(nodes);
    throw error;
  }
}

async function stopAll(nodes: readonly PostgresServer[]): Promise<void> {
  for (const node of nodes) await node[Symbol.asyncDispose]();
}

/** Citus' maintenance process of a database may just be starting, which not even FORCE ends. */
async function drop(node: PostgresServer, name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await node.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      return;
    } catch (error) {
      const isInUse = error instanceof Error && 'code' in error && error.code === '55006';
      if (!isInUse || tries === dropTriesMax) throw error;
    }
  }
}
