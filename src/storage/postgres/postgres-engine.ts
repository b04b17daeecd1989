/**
 * PostgreSQL: a shop on a server, for any number of instances. See postgres-store.ts, which is loaded with the client
 * of PostgreSQL when a database is used, and never by a program whose shop is elsewhere.
 */
import type { Engine } from '../engine.ts';
import { databaseUrlMistake } from './database-url.ts';
import { postgresGroup, type postgresSettings } from './postgres-settings.ts';

const loadStore = () => import('./postgres-store.ts');

export const postgresEngine: Engine<typeof postgresSettings> = {
  name: 'postgres',
  title: 'PostgreSQL',
  schemes: ['postgres', 'postgresql'],
  exampleUrl: 'postgres://user@host/database',
  settingGroup: postgresGroup,
  lacks: {
    copyFrom: 'A shop on PostgreSQL is moved by PostgreSQL itself, with pg_dump and pg_restore.',
    liveBackup: 'PostgreSQL backs up itself, to any second: see docs/BACKUP.md.',
  },
  locationMistake: databaseUrlMistake,
  database(location, settings) {
    const options = { location, settings };
    return {
      engine: postgresEngine,
      open: async (storeSettings) => (await loadStore()).openPostgresStore({ ...options, ...storeSettings }),
      openLog: async () => (await import('./shop-log.ts')).openPostgresShopLog(options),
      migrate: async (onMigration) => (await loadStore()).migratePostgres(options, onMigration),
      verify: async (onCheck) => (await loadStore()).verifyPostgres(options, onCheck),
      loadOrderKeySecret: async () => (await loadStore()).loadOrderKeySecret(options),
      openReader: null,
      openWriter: async (identity) =>
        (await import('./shop-writer.ts')).openPostgresShopWriter(options, identity),
      file: null,
    };
  },
};
