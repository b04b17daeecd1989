/** `nozama backups`: what there is to restore. */
import { isOfSeveralShops, readBackups, shopLabel } from '../backup/list-backups.ts';
import { openLocation } from '../backup/open-location.ts';
import { type Command, UsageError } from './command.ts';
import { grouped } from './figures.ts';
import { loadEnvironment } from './load-config.ts';

export const command: Command = {
  usage: `Lists the backups in a location, oldest first: name, time, orders, last position of the order log, size, verified or not; of which shop, when there are several.

Usage: nozama backups --at LOCATION

  --at  as --to of nozama backup

Exit codes: 0 listed, 1 the location can't be read, or holds a damaged or unfinished one; 2 wrong arguments.
`,
  options: { at: { type: 'string' } },
  positionals: [],
  async run({ values: { at } }) {
    if (typeof at !== 'string')
      throw new UsageError('nozama backups needs --at FOLDER, s3://… or https://….');
    const location = openLocation(at, loadEnvironment());
    const backups = await readBackups(location);
    const isShared = isOfSeveralShops(backups.flatMap(({ manifest }) => manifest ?? []));
    for (const { name, manifest } of backups) {
      if (manifest === null) continue;
      const { takenAt, orders, lastPosition, database, isVerified } = manifest;
      const size = `${grouped(Math.ceil(database.compressedBytes / 1_024))} KiB`;
      const columns = [name, takenAt, `${grouped(orders)} orders`, `position ${lastPosition}`, size];
      columns.push(isVerified ? 'verified' : 'not verified');
      if (isShared) columns.push(`shop ${shopLabel(manifest)}`);
      process.stdout.write(`${columns.join('  ')}\n`);
    }
    if (backups.length === 0) process.stdout.write(`${location.description} holds no backups.\n`);
    const problems = backups.flatMap(({ problem }) => problem ?? []);
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  },
};
