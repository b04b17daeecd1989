/**
 * A PostgreSQL server of a test's or a benchmark's own: in a temporary folder, on a free port, as an
 * unprivileged user when that runs as root (PostgreSQL refuses root). It dies with the process that started it.
 */
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findFreePort } from '../service/free-port.ts';
import {
  type ChildServer,
  type ChildServerOptions,
  makeServerFolder,
  removeServerFolder,
  serverUser,
  startChildServer,
} from './child-server.ts';
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
  /** `immediate` acts like a crash: no checkpoint, recovery at the next start. */
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
  readonly guard?: ChildServerOptions['guard'];
  /** Lines of pg_hba.conf, before the line that trusts every user on loopback. */
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

const startMsMax = 30_000;
const superuser = 'postgres';

/** @throws NoPostgresError when this machine has none */
export async function startPostgres(options: ServerOptions): Promise<PostgresServer> {
  const folder = makeServerFolder('nozama-postgres-', options.within);
  const bin = options.bin ?? providePostgres(folder);
  if (bin === null) {
    removeServerFolder(folder);
    throw new NoPostgresError(
      'no PostgreSQL here: npm has no binaries for this platform, none is installed, and TEST_POSTGRES_URL is not set',
    );
  }
  const dataFolder = await makeDataFolder(options, bin, folder);
  const port = options.port ?? (await findFreePort());
  const url = (database: string) => `postgres://${superuser}@127.0.0.1:${port}/${database}`;
  const session = createSession(url);
  let server: ChildServer | null = null;

  async function start(settings: ServerSettings = {}): Promise<void> {
    server = await startChildServer({
      name: 'PostgreSQL',
      program: join(bin ?? '', 'postgres'),
      args: ['-D', dataFolder, ...flagsOf(options, port, settings)],
      folder,
      startMsMax,
      answers: session.answers,
      guard: options.guard,
    });
  }

  async function stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    const running = server;
    if (running === null) return;
    await session.close();
    await running.end(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    server = null;
  }

  try {
    await start();
  } catch (error) {
    removeServerFolder(folder);
    throw error;
  }
  return {
    port,
    get pid() {
      return server?.pid ?? 0;
    },
    get isRunning() {
      return server?.isRunning ?? false;
    },
    dataFolder,
    url,
    query: session.query,
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop('immediate');
      removeServerFolder(folder);
    },
  };
}

function flagsOf(options: ServerOptions, port: number, settings: ServerSettings): readonly string[] {
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
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** A cluster in a folder that belongs to the user that the server runs as. */
async function makeDataFolder(options: ServerOptions, bin: string, folder: string): Promise<string> {
  const dataFolder = join(options.dataWithin ?? folder, 'data');
  const walFolder = options.walWithin === undefined ? null : join(options.walWithin, 'wal');
  for (const one of walFolder === null ? [dataFolder] : [dataFolder, walFolder]) {
    mkdirSync(one, { mode: 0o700 });
    if (serverUser !== null) chownSync(one, serverUser.uid, serverUser.gid);
  }
  await makeCluster({ bin, dataFolder, walFolder, superuser, owner: serverUser });
  const everybody = ['host all all 127.0.0.1/32 trust'];
  const files = { 'pg_hba.conf': [...(options.hba ?? []), ...everybody, ''].join('\n'), ...options.files };
  for (const [name, contents] of Object.entries(files)) {
    const path = join(dataFolder, name);
    rmSync(path, { force: true });
    writeFileSync(path, contents, { mode: 0o600 });
    if (serverUser !== null) chownSync(path, serverUser.uid, serverUser.gid);
  }
  return dataFolder;
}

/**
 * Statements of the superuser. The connection to the superuser's own database stays open between statements,
 * without keeping this process from ending.
 */
function createSession(url: (database: string) => string) {
  let client: Client | null = null;

  async function connect(database: string): Promise<Client> {
    const one = new pg.Client({ connectionString: url(database) }) as Client;
    one.on('error', () => {
      if (client === one) client = null;
    });
    await one.connect();
    return one;
  }

  async function keptClient(): Promise<Client> {
    client ??= await connect(superuser);
    return client;
  }

  async function query(sql: string, database = superuser): Promise<readonly Record<string, unknown>[]> {
    const one = database === superuser ? await keptClient() : await connect(database);
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

  return {
    query,
    answers: () =>
      query('SELECT 1').then(
        () => true,
        () => false,
      ),
    async close(): Promise<void> {
      client?.ref();
      await client?.end().catch(() => undefined);
      client = null;
    },
  };
}
