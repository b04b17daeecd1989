/**
 * A real PgBouncer in transaction mode, before the PostgreSQL under test: each transaction gets another of its
 * few sessions, so that whatever was left on a session is missed, or met by somebody else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../lab/service/free-port.ts';

export interface PgBouncer extends AsyncDisposable {
  /** The same database by way of the pooler, as DATABASE_URL has it. */
  url(databaseUrl: string): string;
  /** kill -9, and a new one on the same port. */
  restart(): Promise<void>;
}

/** Fewer than a store's connections, and enough for a transaction that waits for the locks of two others. */
const sessionsOfEachDatabase = 4;
const startMaxMs = 10_000;

/** `nobody`, where Debian and most others have it; PgBouncer refuses root. */
const unprivileged = { uid: 65_534, gid: 65_534 };

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

const running = new Set<{ child: ChildProcess | null; readonly folder: string }>();
process.on('exit', () => {
  for (const { child, folder } of running) {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @param serverUrl of the server it stands before; which database is asked for does not matter */
export async function startPgBouncer(serverUrl: string): Promise<PgBouncer> {
  const server = new URL(serverUrl);
  const program = findPgBouncer();
  if (program === null) throw new Error('no PgBouncer here');
  const folder = mkdtempSync(join(tmpdir(), 'nozama-pgbouncer-'));
  const port = await findFreePort();
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
    // The one that has rested longest, not the one used last: no two transactions in a row meet one session.
    server_round_robin: 1,
    server_login_retry: 1,
    ignore_startup_parameters: '',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, ['[databases]', `* = ${target.join(' ')}`, '[pgbouncer]', ...lines, ''].join('\n'));
  chmodSync(folder, 0o755);
  const entry: { child: ChildProcess | null; readonly folder: string } = { child: null, folder };
  running.add(entry);

  async function start(): Promise<void> {
    const child = spawn(program ?? '', [file], {
      ...(process.getuid?.() === 0 ? unprivileged : {}),
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    entry.child = child;
    // It ends with the test process, and so must not be what keeps that one going.
    child.unref();
    (child.stderr as Socket | null)?.unref();
    let output = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-20_000);
    });
    const deadline = Date.now() + startMaxMs;
    while (!(await answers(port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`PgBouncer did not start:\n${output}`);
      }
      await sleep(20);
    }
  }

  async function kill(): Promise<void> {
    const { child } = entry;
    if (child === null) return;
    entry.child = null;
    child.ref();
    const ended = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      child.once('exit', () => resolve());
    });
    child.kill('SIGKILL');
    await ended;
  }

  async function stop(): Promise<void> {
    await kill();
    running.delete(entry);
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url(databaseUrl) {
      const url = new URL(databaseUrl);
      url.host = `127.0.0.1:${port}`;
      url.searchParams.set('pgbouncer', 'true');
      return url.href;
    },
    async restart() {
      await kill();
      await start();
    },
    [Symbol.asyncDispose]: stop,
  };
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
