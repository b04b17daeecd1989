/** From a DATABASE_URL to an engine, one line per engine. */
import { resolve } from 'node:path';
import type { SettingGroup } from '../config/setting.ts';
import { type BackupCopyFigures, type BackupCopyPacing, BackupRefusedError } from './backup-copy.ts';
import {
  defaultStoreSettings,
  type OnCheck,
  type OnMigration,
  type OrderStore,
  type StoreSettings,
  type VerifyReport,
} from './order-store.ts';
import {
  defaultPostgresSettings,
  type PostgresSettings,
  postgresGroup,
} from './postgres/postgres-settings.ts';
import {
  loadOrderKeySecret,
  migratePostgres,
  openPostgresStore,
  verifyPostgres,
} from './postgres/postgres-store.ts';
import { openPostgresShopWriter } from './postgres/shop-writer.ts';
import { CopyRefusedError, type ShopReader, type ShopWriter } from './shop-transfer.ts';
import { makeSqliteBackupCopy } from './sqlite/backup-copy.ts';
import { openSqliteShopReader } from './sqlite/shop-reader.ts';
import { migrateSqliteFile, openSqliteStore, verifySqliteFile } from './sqlite/sqlite-store.ts';
import { assertUnused } from './sqlite/unused-file.ts';

/** What the configuration says to the engines beside the address. */
export interface EngineSettings {
  readonly postgres: PostgresSettings;
}

/** The settings that engines declare, by engine. */
export const engineSettingGroups: Readonly<Record<keyof EngineSettings, SettingGroup>> = {
  postgres: postgresGroup,
};

export const defaultEngineSettings: EngineSettings = { postgres: defaultPostgresSettings };

interface Engine {
  readonly open: (
    location: string,
    settings: EngineSettings,
    storeSettings: StoreSettings,
  ) => Promise<OrderStore>;
  /** Schema version before and after. */
  readonly migrate: (
    location: string,
    settings: EngineSettings,
    onMigration?: OnMigration,
  ) => Promise<{ readonly from: number; readonly to: number }>;
  /** Reads only, and works while a service is running on the same database. */
  readonly verify: (location: string, settings: EngineSettings, onCheck?: OnCheck) => Promise<VerifyReport>;
  /** For an engine that a shop can be copied from. */
  readonly openReader?: (location: string) => ShopReader;
  /** For an engine that a shop can be copied into. */
  readonly openWriter?: (location: string, settings: EngineSettings, identity: string) => Promise<ShopWriter>;
  /** For an engine whose shop is one file here: backed up and restored by ourselves. */
  readonly file?: {
    readonly copy: (location: string, into: string, pacing: BackupCopyPacing) => Promise<BackupCopyFigures>;
    readonly assertUnused: (location: string) => void;
  };
}

const postgres: Engine = {
  open: (location, settings, storeSettings) =>
    openPostgresStore({ location, settings: settings.postgres, ...storeSettings }),
  migrate: (location, settings, onMigration) =>
    migratePostgres({ location, settings: settings.postgres }, onMigration),
  verify: (location, settings, onCheck) => verifyPostgres({ location, settings: settings.postgres }, onCheck),
  openWriter: (location, settings, identity) =>
    openPostgresShopWriter({ location, settings: settings.postgres }, identity),
};

const engines: Readonly<Record<string, Engine>> = {
  sqlite: {
    open: (location, _, storeSettings) => openSqliteStore({ file: resolve(location), ...storeSettings }),
    migrate: async (location, _, onMigration) => migrateSqliteFile(resolve(location), onMigration),
    verify: async (location, _, onCheck) => verifySqliteFile(resolve(location), onCheck),
    openReader: (location) => openSqliteShopReader(resolve(location)),
    file: {
      copy: (location, into, pacing) => makeSqliteBackupCopy(resolve(location), into, pacing),
      assertUnused: (location) => assertUnused(resolve(location)),
    },
  },
  postgres,
  postgresql: postgres,
};

/** The schemes a DATABASE_URL can have. */
const databaseSchemes = Object.keys(engines);

/** `sqlite://data/x.db` would be /data/x.db here and something else in other programs: nobody means both. */
export function isDatabaseUrl(url: string): boolean {
  return (
    databaseSchemes.some((scheme) => url.startsWith(`${scheme}:`) && url.length > scheme.length + 1) &&
    !url.startsWith('sqlite://')
  );
}

/** `sqlite:./data/nozama.db` → the folder of its files, or null for an engine that keeps none here. */
export function databaseFile(databaseUrl: string): string | null {
  return databaseUrl.startsWith('sqlite:') ? resolve(databaseUrl.slice('sqlite:'.length)) : null;
}

/**
 * The secret of the order keys that all instances on this database share, for an engine that keeps one; null
 * for one that leaves it to a file.
 */
export async function keptOrderKeySecret(
  databaseUrl: string,
  settings: EngineSettings = defaultEngineSettings,
): Promise<Uint8Array | null> {
  const { engine, location } = parse(databaseUrl);
  return engine === postgres ? loadOrderKeySecret({ location, settings: settings.postgres }) : null;
}

export function openOrderStore(
  databaseUrl: string,
  settings: EngineSettings = defaultEngineSettings,
  storeSettings: StoreSettings = defaultStoreSettings,
): Promise<OrderStore> {
  const { engine, location } = parse(databaseUrl);
  return engine.open(location, settings, storeSettings);
}

export function migrateDatabase(
  databaseUrl: string,
  settings: EngineSettings = defaultEngineSettings,
  onMigration?: OnMigration,
): Promise<{ readonly from: number; readonly to: number }> {
  const { engine, location } = parse(databaseUrl);
  return engine.migrate(location, settings, onMigration);
}

export function verifyDatabase(
  databaseUrl: string,
  settings: EngineSettings = defaultEngineSettings,
  onCheck?: OnCheck,
): Promise<VerifyReport> {
  const { engine, location } = parse(databaseUrl);
  return engine.verify(location, settings, onCheck);
}

/** @throws CopyRefusedError, DatabaseRefusedError */
export function openShopReader(databaseUrl: string): ShopReader {
  const { engine, location } = parse(databaseUrl);
  if (engine.openReader === undefined) {
    throw new CopyRefusedError(`A shop can't be copied from ${schemeOf(databaseUrl)}, only from sqlite.`);
  }
  return engine.openReader(location);
}

/** @param identity of the source, see ShopReader @throws CopyRefusedError, DatabaseRefusedError */
export async function openShopWriter(
  databaseUrl: string,
  settings: EngineSettings,
  identity: string,
): Promise<ShopWriter> {
  const { engine, location } = parse(databaseUrl);
  if (engine.openWriter === undefined) {
    throw new CopyRefusedError(`A shop can't be copied into ${schemeOf(databaseUrl)}, only into postgres.`);
  }
  return engine.openWriter(location, settings, identity);
}

/**
 * Copies the shop as it is at one moment into a new file, while it sells.
 * @throws BackupRefusedError, DatabaseRefusedError
 */
export function makeBackupCopy(
  databaseUrl: string,
  into: string,
  pacing: BackupCopyPacing,
): Promise<BackupCopyFigures> {
  const { engine, location } = parse(databaseUrl);
  return fileOf(engine).copy(location, into, pacing);
}

/** @throws BackupRefusedError when anybody has the database open, DatabaseRefusedError when it can't be told */
export function assertDatabaseUnused(databaseUrl: string): void {
  const { engine, location } = parse(databaseUrl);
  fileOf(engine).assertUnused(location);
}

/** The file that a shop is, for what backs it up and restores it. @throws BackupRefusedError when it is none */
export function shopFile(databaseUrl: string): string {
  const { engine, location } = parse(databaseUrl);
  fileOf(engine);
  return resolve(location);
}

function fileOf(engine: Engine): NonNullable<Engine['file']> {
  if (engine.file !== undefined) return engine.file;
  throw new BackupRefusedError(
    'nozama backs up and restores SQLite shops; PostgreSQL does it itself, to any second: see docs/BACKUP.md.',
  );
}

function schemeOf(databaseUrl: string): string {
  return databaseUrl.slice(0, databaseUrl.indexOf(':'));
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
