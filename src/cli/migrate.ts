/** `nozama migrate`: brings the database to this program's schema. */
import type { Config } from '../config/config.ts';
import type { MigrateReport } from '../storage/engine.ts';
import { databaseAt } from '../storage/engines.ts';
import type { Command } from './command.ts';
import { loadConfig } from './load-config.ts';
import { showProgress } from './progress.ts';

export const command: Command = {
  usage: `Brings the database in DATABASE_URL to this program's schema. Running it again changes nothing.

Usage: nozama migrate

The service does the same when it starts, unless DATABASE_MIGRATE_AT_START=false.
A large shop may take minutes; standard error names the migration that runs.
Exit codes: 0 the schema is this program's, 1 the migration failed, 2 wrong arguments or configuration.
`,
  options: {},
  positionals: [],
  async run() {
    const { from, to, advice } = await migrateShop(loadConfig());
    process.stdout.write(
      from === to
        ? `Schema version ${to}: nothing to do.\n`
        : `Schema brought from version ${from} to ${to}.\n`,
    );
    if (advice !== null) process.stdout.write(`${advice}\n`);
    return 0;
  },
};

async function migrateShop({ databaseUrl, engineSettings }: Config): Promise<MigrateReport> {
  const progress = showProgress();
  progress.show('opening the database');
  try {
    return await databaseAt(databaseUrl, engineSettings).migrate((version, newest) =>
      progress.show(`bringing the schema to version ${version} of ${newest}`),
    );
  } finally {
    progress.end();
  }
}
