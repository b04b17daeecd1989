/**
 * A PostgreSQL server of a test's or a benchmark's own: in a temporary folder, on a free port, as an
 * unprivileged user when that runs as root (PostgreSQL refuses root). It dies with the process that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort } from '../service/free-port.ts';
import { makeCluster } from './new-cluster.ts';
import { providePostgres } from './postgres-binaries.ts';

export type ServerSettings = Readonly<Record<string, string>>;

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** False once it has ended, by itself too. */
  readonly isRunning: boolean;
  /** Its data directory. */
  readonly dataFolder: string;
  /** Of a database of this server, as its superuser. */
  url(database: string): string;
  /** Runs statements as the superuser, the last one's rows are the answer. */
  query(sql: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** `immediate` is what a crash does: no checkpoint, recovery at the next start. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** After {@link stop}: on the same port and data. */
  start(settings?: ServerSettings): Promise<void>;
}

export interface ServerOptions {
  /** Where its folder is made; the temporary folder when not given. Every user must be able to pass through. */
  readonly within?: string;
  /** An existing folder for its data instead, or for its write-ahead log alone; neither is removed. */
  readonly dataWithin?: string;
  readonly walWithin?: string;
  /** Whether commits reach the disk; only a test about durability needs to pay for it. */
  readonly fsync: boolean;
  /** The folder of its programs; found by postgres-binaries.ts when not given. */
  readonly bin?: string;
  readonly settings?: ServerSettings;
  readonly port?: number;
  /** Ends the server should this process be killed. Ctrl-C at a terminal does not reach it then. */
  readonly guard?: { started(pid: number): void; ended(pid: number): void };
  /** Who may come in how, as pg_hba.conf has it, before the line that lets everybody in. */
  readonly hba?: readonly string[];
  /** Files to put into the data directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** No program of PostgreSQL on this machine, and why that is. */
export class NoPostgresError extends Error {
  override readonly name = 'NoPostgresError';
}

/** `@types/pg` leaves these two out. */
type Client = pg.Client & { ref(): void; unref(): void };

/** `nobody`, where Debian and most others have it. */
const unprivileged = { uid: 65_534, gid: 65_534 };
const startMaxMs = 30_000;
const stopMaxMs = 30_000;
const superuser = 'postgres';

const running = new Set<{ child: ChildProcess | null; folder: string }>();
process.on('exit', () => {
  for (const { child, folder } of running) {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @throws NoPostgresError when this machine has none */
export async function startPostgres(options: ServerOptions): Promise<PostgresServer> {
  const folder = mkdtempSync(join(options.within ?? tmpdir(), 'nozama-postgres-'));
  chmodSync(folder, 0o755);
  const entry: { child: ChildProcess | null; folder: string } = { child: null, folder };
  running.add(entry);
  const owner = process.getuid?.() === 0 ? unprivileged : null;
  const dataFolder = join(options.dataWithin ?? folder, 'data');
  const walFolder = options.walWithin === undefined ? null : join(options.walWithin, 'wal');

  function remove(): void {
    running.delete(entry);
    rmSync(folder, { recursive: true, force: true });
  }

  const bin = options.bin ?? providePostgres(folder);
  if (bin === null) {
    remove();
    throw new NoPostgresError(
      'no PostgreSQL here: npm has no binaries for this platform, none is installed, and TEST_POSTGRES_URL is not set',
    );
  }
  for (const one of walFolder === null ? [dataFolder] : [dataFolder, walFolder]) {
    mkdirSync(one, { mode: 0o700 });
    if (owner !== null) chownSync(one, owner.uid, owner.gid);
  }
  await makeCluster({ bin, dataFolder, walFolder, superuser, owner });
  const everybody = ['host all all 127.0.0.1/32 trust'];
  putFile('pg_hba.conf', [...(options.hba ?? []), ...everybody, ''].join('\n'));
  for (const [name, contents] of Object.entries(options.files ?? {})) putFile(name, contents);
  const port = options.port ?? (await findFreePort());
  let client: Client | null = null;
  let output = '';

  function putFile(name: string, contents: string): void {
    const path = join(dataFolder, name);
    rmSync(path, { force: true });
    writeFileSync(path, contents, { mode: 0o600 });
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
  }

  async function start(settings: ServerSettings = {}): Promise<void> {
    const all = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      fsync: options.fsync ? 'on' : 'off',
      max_connections: '200',
      shared_buffers: '64MB',
      ...options.settings,
      ...settings,
    };
    const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(bin ?? '', 'postgres'), ['-D', dataFolder, ...flags], {
      ...owner,
      cwd: folder,
      detached: options.guard !== undefined,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    entry.child = child;
    const { pid } = child;
    if (pid !== undefined) {
      options.guard?.started(pid);
      child.once('exit', () => options.guard?.ended(pid));
    }
    // It ends with the test process, and so must not be what keeps that one going.
    child.unref();
    (child.stderr as Socket | null)?.unref();
    child.stderr?.on('data', (chunk: Buffer) => {
      output = `${output}${chunk}`.slice(-20_000);
    });
    const deadline = Date.now() + startMaxMs;
    while (!(await answers())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`PostgreSQL did not start:\n${output}`);
      }
      await sleep(20);
    }
  }

  async function answers(): Promise<boolean> {
    try {
      await query('SELECT 1');
      return true;
    } catch {
      return false;
    }
  }

  async function query(sql: string, database = superuser): Promise<readonly Record<string, unknown>[]> {
    const one = database === superuser ? await kept() : await connect(database);
    one.ref();
    try {
      const answer: unknown = await one.query(sql);
      const last = Array.isArray(answer) ? answer.at(-1) : answer;
      return (last as pg.QueryResult).rows;
    } finally {
      if (one === client) one.unref();
      else await one.end();
    }
  }

  async function kept(): Promise<Client> {
    client ??= await connect(superuser);
    return client;
  }

  async function connect(database: string): Promise<Client> {
    const one = new pg.Client({ connectionString: url(database) }) as Client;
    one.on('error', () => {
      if (client === one) client = null;
    });
    await one.connect();
    return one;
  }

  async function stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const { child } = entry;
    if (child === null) return;
    client?.ref();
    await client?.end().catch(() => undefined);
    client = null;
    const ended = new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      child.once('exit', () => resolve());
    });
    child.ref();
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const overdue = setTimeout(() => child.kill('SIGKILL'), stopMaxMs);
    await ended;
    clearTimeout(overdue);
    entry.child = null;
  }

  const url = (database: string) => `postgres://${superuser}@127.0.0.1:${port}/${database}`;
  try {
    await start();
  } catch (error) {
    await stop('immediate');
    remove();
    throw error;
  }
  return {
    port,
    get pid() {
      return entry.child?.pid ?? 0;
    },
    get isRunning() {
      return entry.child !== null && entry.child.exitCode === null && entry.child.signalCode === null;
    },
    dataFolder,
    url,
    query,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop('immediate');
      remove();
    },
  };
}
