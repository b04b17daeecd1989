/** The database of the lab's own service, and its faults. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CuttingProxy, startCuttingProxy } from '../postgres/cutting-proxy.ts';
import { startPostgres } from '../postgres/postgres-server.ts';
import { findFixedPort } from './fixed-port.ts';
import type { Guard } from './start-guard.ts';

export interface OwnDatabase {
  /** The address that the service gets: that of the proxy, where there is one. */
  readonly url: string;
  /** Of the database itself. */
  readonly directUrl: string;
  /** Null when there is none to stop. */
  readonly server: DatabaseServer | null;
  /** Null when the service goes there without one. */
  readonly proxy: Pick<CuttingProxy, 'setReachable'> | null;
  remove(): Promise<void>;
}

export interface DatabaseServer {
  /** As a crash does: nothing is finished. */
  stop(): Promise<void>;
  /** Nothing is done when it runs. */
  start(): Promise<void>;
}

export interface OwnDatabaseOptions {
  /** Of the lab's own service. */
  readonly folder: string;
  /** For the data alone, such as a small disk; null for `folder`. */
  readonly dataFolder: string | null;
  /** Without a proxy that can cut it off. */
  readonly isDirect: boolean;
  readonly guard: Guard;
}

interface OwnEngine {
  /** Whether another user may have to get into its folder: PostgreSQL runs as one when the lab is root's. */
  readonly mayBeAnotherUser: boolean;
  open(options: OwnDatabaseOptions): OwnDatabase | Promise<OwnDatabase>;
}

function openSqliteFile(folder: string): OwnDatabase {
  mkdirSync(folder, { recursive: true });
  const url = `sqlite:${join(folder, 'nozama.db')}`;
  return { url, directUrl: url, server: null, proxy: null, remove: async () => undefined };
}

/**
 * A PostgreSQL server that flushes each commit to its disk, behind a proxy that can cut it off, unless
 * the way is to be direct.
 */
async function startOwnPostgres({
  folder,
  dataFolder,
  isDirect,
  guard,
}: OwnDatabaseOptions): Promise<OwnDatabase> {
  const server = await startPostgres({
    within: folder,
    ...(dataFolder === null ? {} : { dataWithin: dataFolder }),
    fsync: true,
    port: await findFixedPort(),
    guard: {
      started: (pid) => guard.holds(`process ${pid}`),
      ended: (pid) => guard.dropped(`process ${pid}`),
    },
  });
  let proxy: CuttingProxy | null;
  try {
    await server.query('CREATE DATABASE shop');
    proxy = isDirect ? null : await startCuttingProxy(server.port);
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return {
    url: server.url('shop').replace(`:${server.port}/`, `:${proxy?.port ?? server.port}/`),
    directUrl: server.url('shop'),
    server: {
      stop: () => server.stop('immediate'),
      async start() {
        if (server.isRunning) return;
        await server.stop();
        await server.start();
      },
    },
    proxy,
    async remove() {
      await proxy?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export const ownEngines = {
  sqlite: {
    mayBeAnotherUser: false,
    open: ({ folder, dataFolder }) => openSqliteFile(dataFolder ?? join(folder, 'data')),
  },
  postgres: { mayBeAnotherUser: true, open: startOwnPostgres },
} satisfies Readonly<Record<string, OwnEngine>>;

export type OwnEngineName = keyof typeof ownEngines;

/** Whether another user can get there. */
export function isOpenToAll(folder: string): boolean {
  if (process.getuid?.() !== 0) return true;
  const parent = dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isOpenToAll(parent));
}
