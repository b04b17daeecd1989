/** SQLite: a shop in one file of this machine. See sqlite-store.ts. */
import { resolve } from 'node:path';
import type { Database, Engine } from '../engine.ts';
import { makeSqliteBackupCopy } from './backup-copy.ts';
import { databaseFileMistake } from './database-file.ts';
import { loadOrderKeySecret, orderKeyFile, readOrderKeySecret } from './order-key-file.ts';
import { openSqliteShopLog } from './shop-log.ts';
import { openSqliteShopReader } from './shop-reader.ts';
import { type SqliteSettings, sqliteGroup, type sqliteSettings } from './sqlite-settings.ts';
import { migrateSqliteFile, openSqliteStore, verifySqliteFile } from './sqlite-store.ts';
import { assertUnused } from './unused-file.ts';

/** The database itself and what SQLite keeps beside it (sqlite.org/tempfiles.html). */
const endings = ['', '-wal', '-shm', '-journal'];

export const sqliteEngine: Engine<typeof sqliteSettings> = {
  name: 'sqlite',
  title: 'SQLite',
  schemes: ['sqlite'],
  exampleUrl: 'sqlite:./data/nozama.db',
  settingGroup: sqliteGroup,
  lacks: {
    copyInto:
      'A shop is copied out of SQLite when it has outgrown its machine; restore a backup to move one to another file.',
  },
  locationMistake: databaseFileMistake,
  database: (location, settings) => fileDatabase(resolve(location), settings),
};

function fileDatabase(file: string, settings: SqliteSettings): Database {
  const orderKeyPath = orderKeyFile(file);
  return {
    engine: sqliteEngine,
    open: (storeSettings) => openSqliteStore({ file, ...settings, ...storeSettings }),
    openLog: async () => openSqliteShopLog(file),
    migrate: async (onMigration) => migrateSqliteFile(file, onMigration),
    verify: async (onCheck) => verifySqliteFile(file, onCheck),
    loadOrderKeySecret: async () => loadOrderKeySecret(orderKeyPath),
    openReader: () => openSqliteShopReader(file),
    openWriter: null,
    file: {
      path: file,
      endings,
      orderKeyPath,
      readOrderKey: () => readOrderKeySecret(orderKeyPath)?.toString('base64url') ?? null,
      copyTo: (into, options) => makeSqliteBackupCopy(file, into, options),
      assertUnused: () => assertUnused(file),
      at: (path) => fileDatabase(resolve(path), settings),
    },
  };
}
