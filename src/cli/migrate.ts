/** `nozama migrate`: brings the database to this program's schema. */
import type { Config } from '../config.ts';
import { migrateDatabase } from '../storage/open-order-store.ts';

export async function migrateCommand(
  { databaseUrl, engineSettings }: Pick<Config, 'databaseUrl' | 'engineSettings'>,
  write: (text: string) => void,
): Promise<number> {
  const { from, to } = await migrateDatabase(databaseUrl, engineSettings);
  write(
    from === to
      ? `Schema version ${to}: nothing to do.\n`
      : `Schema brought from version ${from} to ${to}.\n`,
  );
  return 0;
}
