/** From a DATABASE_URL to an engine, one line per engine. */
import { resolve } from 'node:path';
import {
  defaultStoreSettings,
  type OrderStore,
  type StoreSettings,
  type VerifyReport,
} from './order-store.ts';
import { migrateSqliteFile, openSqliteStore, verifySqliteFile } from './sqlite/sqlite-store.ts';

interface Engine {
  readonly open: (location: string, settings: StoreSettings) => Promise<OrderStore>;
  /** Schema version before and after. */
  readonly migrate: (location: string) => Promise<{ readonly from: number; readonly to: number }>;
  /** Reads only, and works while a service is running on the same database. */
  readonly verify: (location: string) => Promise<VerifyReport>;
}

const engines: Readonly<Record<string, Engine>> = {
  sqlite: {
    open: (location, settings) => openSqliteStore({ file: resolve(location), ...settings }),
    migrate: async (location) => migrateSqliteFile(resolve(location)),
    verify: async (location) => verifySqliteFile(resolve(location)),
  },
};

/** The schemes a DATABASE_URL can have. */
export const databaseSchemes = Object.keys(engines);

/** `sqlite:./data/nozama.db` → the folder of its files, or null for an engine that keeps none here. */
export function databaseFile(databaseUrl: string): string | null {
  return databaseUrl.startsWith('sqlite:') ? resolve(databaseUrl.slice('sqlite:'.length)) : null;
}

export function openOrderStore(
  databaseUrl: string,
  settings: StoreSettings = defaultStoreSettings,
): Promise<OrderStore> {
  const { engine, location } = parse(databaseUrl);
  return engine.open(location, settings);
}

export function migrateDatabase(
  databaseUrl: string,
): Promise<{ readonly from: number; readonly to: number }> {
  const { engine, location } = parse(databaseUrl);
  return engine.migrate(location);
}

export function verifyDatabase(databaseUrl: string): Promise<VerifyReport> {
  const { engine, location } = parse(databaseUrl);
  return engine.verify(location);
}

function parse(databaseUrl: string): { engine: Engine; location: string } {
  const colon = databaseUrl.indexOf(':');
  const engine = engines[databaseUrl.slice(0, colon)];
  const location = databaseUrl.slice(colon + 1);
  if (engine === undefined || location === '') {
    throw new RangeError(
      `DATABASE_URL must look like sqlite:./data/nozama.db; known are ${databaseSchemes.join(', ')}`,
    );
  }
  return { engine, location };
}
