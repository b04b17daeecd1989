/** `nozama migrate`: brings the database to this program's schema. */
import { migrateDatabase } from '../storage/open-order-store.ts';
import type { Command } from './command.ts';
import { loadConfig } from './load-config.ts';

export const command: Command = {
  usage: `Brings the database in DATABASE_URL to this program's schema. Running it again changes nothing.

Usage: nozama migrate

A start of the service does the same, unless DATABASE_MIGRATE_AT_START=false.
Exit codes: 0 the schema is this program's, 1 it could not be brought there, 2 wrong arguments or configuration.
`,
  options: {},
  positionals: [],
  async run() {
    const { databaseUrl, engineSettings } = loadConfig();
    const { from, to } = await migrateDatabase(databaseUrl, engineSettings);
    process.stdout.write(
      from === to
        ? `Schema version ${to}: nothing to do.\n`
        : `Schema brought from version ${from} to ${to}.\n`,
    );
    return 0;
  },
};
