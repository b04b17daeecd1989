/**
 * A real PgBouncer in transaction mode, before the PostgreSQL under test: each transaction gets another of its
 * few sessions, so that a transaction never finds the state that an earlier one left on its session, and may find
 * that of another client.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { makeServerFolder, removeServerFolder, startChildServer } from '../../lab/postgres/child-server.ts';
import { findFreePort } from '../../lab/service/free-port.ts';

export interface PgBouncer extends AsyncDisposable {
  /** The same database by way of the pooler, as DATABASE_URL has it. */
  url(databaseUrl: string): string;
  /** kill -9, and a new one on the same port. */
  restart(): Promise<void>;
}

/** Fewer than a store's connections, and enough for a transaction that waits for the locks of two others. */
const sessionsOfEachDatabase = 4;
const startMsMax = 10_000;

/** Debian puts it where only root's PATH looks. */
function findPgBouncer(): string | null {
  const given = process.env['PGBOUNCER'] ?? '';
  if (given !== '') return given;
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, 'pgbouncer')).find((path) => existsSync(path)) ?? null;
}

/** Why there is no PgBouncer here, for a test to skip with; null when there is one. In CI there must be. */
export function pgBouncerMissing(): string | null {
  if (findPgBouncer() !== null) return null;
  const reason = 'no PgBouncer here: install Debian’s package pgbouncer, or name the program in PGBOUNCER';
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/** @param serverUrl of the server it stands before; which database is asked for does not matter */
export async function startPgBouncer(serverUrl: string): Promise<PgBouncer> {
  const program = findPgBouncer();
  if (program === null) throw new Error('no PgBouncer here');
  const folder = makeServerFolder('nozama-pgbouncer-');
  const port = await findFreePort();
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, configurationOf(new URL(serverUrl), port));
  const start = () =>
    startChildServer({
      name: 'PgBouncer',
      program,
      args: [file],
      folder,
      startMsMax,
      answers: () => answers(port),
    });

  let bouncer = await start().catch((error: unknown) => {
    removeServerFolder(folder);
    throw error;
  });
  return {
    url(databaseUrl) {
      const url = new URL(databaseUrl);
      url.host = `127.0.0.1:${port}`;
      url.searchParams.set('pgbouncer', 'true');
      return url.href;
    },
    async restart() {
      await bouncer.end('SIGKILL');
      bouncer = await start();
    },
    async [Symbol.asyncDispose]() {
      await bouncer.end('SIGKILL');
      removeServerFolder(folder);
    },
  };
}

function configurationOf(server: URL, port: number): string {
  const password = decodeURIComponent(server.password);
  const target = [
    `host=${server.hostname}`,
    `port=${server.port || 5_432}`,
    `user=${decodeURIComponent(server.username)}`,
    ...(password === '' ? [] : [`password='${password.replaceAll("'", "''")}'`]),
  ];
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: sessionsOfEachDatabase,
    max_client_conn: 1_000,
    // The session that has rested longest, not the one used last: no two transactions in a row get the same session.
    server_round_robin: 1,
    server_login_retry: 1,
    ignore_startup_parameters: '',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return ['[databases]', `* = ${target.join(' ')}`, '[pgbouncer]', ...lines, ''].join('\n');
}

let shared: Promise<PgBouncer> | undefined;

/** A database of the server under test, by way of a pooler that all tests of this process share. */
export async function pooledUrl(databaseUrl: string): Promise<string> {
  shared ??= startPgBouncer(databaseUrl);
  return (await shared).url(databaseUrl);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
