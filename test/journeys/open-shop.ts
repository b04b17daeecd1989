/**
 * A shop that outlives its process: the service of `test/service.ts` on data that stays while it is stopped,
 * killed and started again. A test closes each shop that it opens; then the process ends and the data is removed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pooledUrl } from '../postgres/pgbouncer.ts';
import { openTestDatabase, type TestDatabase, testsOnCitus } from '../postgres/postgres-databases.ts';
import { type EndedProgram, type Exit, type RunningService, runCli, startService } from '../service.ts';

export type Settings = Readonly<Record<string, string>>;

export type Ended = Exit & { readonly output: string };

export interface Shop {
  /** The run that is up, or was last. */
  readonly service: RunningService;
  /** Of that run; another after each start. */
  readonly url: string;
  readonly folder: string;
  /** The database, when it is SQLite. */
  readonly file: string;
  /** The database, when it is PostgreSQL. */
  readonly postgres: TestDatabase | null;
  /** SIGKILL: the process gets no chance to do anything. */
  kill(): Promise<void>;
  /** SIGTERM, and whatever is under way is finished. */
  stop(): Promise<Ended>;
  /** Starts it again over the same data. */
  start(settings?: Settings): Promise<void>;
  /** `nozama verify` */
  verify(): Promise<Ended>;
  /** Any command of `nozama`. */
  run(args: readonly string[], settings?: Settings): Promise<EndedProgram>;
  close(): Promise<void>;
}

/** `pgbouncer` is PostgreSQL, reached through one. */
const engines = ['sqlite', 'postgres', 'pgbouncer'] as const;
export type ShopEngine = (typeof engines)[number];

/** A journey that is loaded as `journey.test.ts?engine=postgres` is made on that engine. */
export function engineOf(moduleUrl: string): ShopEngine {
  const asked = new URL(moduleUrl).searchParams.get('engine');
  return engines.find((engine) => engine === asked) ?? 'sqlite';
}

export interface ShopOptions {
  /** SQLite unless told; on PostgreSQL each shop has a new database. */
  readonly engine?: ShopEngine;
  readonly settings?: Settings;
  /** An existing folder, not removed at the end. */
  readonly folder?: string;
  /** Where the program is, when it is another than this repository's. */
  readonly program?: string;
}

export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const { settings = {}, folder: given, engine = 'sqlite' } = options;
  const folder = given ?? (await mkdtemp(join(tmpdir(), 'nozama-test-')));
  const file = join(folder, 'nozama.db');
  // A service brings the schema itself; it does not distribute it.
  const postgres = engine === 'sqlite' ? null : await openTestDatabase({ isEmpty: !testsOnCitus });
  const direct = postgres?.url ?? `sqlite:${file}`;
  const DATABASE_URL = engine === 'pgbouncer' ? await pooledUrl(direct) : direct;
  const environment = { DATABASE_URL, LOG_FILE: '', ...settings };
  const program = options.program === undefined ? {} : { program: options.program };
  const startAgain = (more: Settings = {}) =>
    startService({ dir: folder, env: { ...environment, ...more }, startMs: 20_000, ...program });
  const removeFolder = async () => {
    await postgres?.[Symbol.asyncDispose]();
    if (given === undefined) await rm(folder, { recursive: true, force: true });
  };
  let service: RunningService;
  try {
    service = await startAgain();
  } catch (error) {
    await removeFolder();
    throw error;
  }
  return {
    get service() {
      return service;
    },
    get url() {
      return service.url;
    },
    folder,
    file,
    postgres,
    async kill() {
      service.kill('SIGKILL');
      await service.exited;
    },
    stop: async () => ({ ...(await service.stop()), output: service.logs() }),
    async start(more) {
      service = await startAgain(more);
    },
    verify: () => runCli(['verify'], { dir: folder, env: environment, ...program }),
    run: (args, more) => runCli(args, { dir: folder, env: { ...environment, ...more }, ...program }),
    async close() {
      service.kill('SIGKILL');
      await service.exited;
      await removeFolder();
    },
  };
}

/** Opens a shop for as long as `use` runs. */
export async function withShop(options: ShopOptions, use: (shop: Shop) => Promise<void>): Promise<void> {
  const shop = await openShop(options);
  try {
    await use(shop);
  } finally {
    await shop.close();
  }
}

/** A folder for as long as `use` runs. */
export async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
