/** PostgreSQL: a shop on a server, for any number of instances. See postgres-store.ts. */
import type { Engine } from '../engine.ts';
import { databaseUrlMistake } from './database-url.ts';
import { postgresGroup, type postgresSettings } from './postgres-settings.ts';
import { loadOrderKeySecret, migratePostgres, openPostgresStore, verifyPostgres } from './postgres-store.ts';
import { openPostgresShopWriter } from './shop-writer.ts';

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
      open: (storeSettings) => openPostgresStore({ ...options, ...storeSettings }),
      migrate: (onMigration) => migratePostgres(options, onMigration),
      verify: (onCheck) => verifyPostgres(options, onCheck),
      loadOrderKeySecret: () => loadOrderKeySecret(options),
      openReader: null,
      openWriter: (identity) => openPostgresShopWriter(options, identity),
      file: null,
    };
  },
};
