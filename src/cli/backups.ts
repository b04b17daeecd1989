/** `nozama backups`: the backups that can be restored. */
import { newestFirst, ofOtherHistory } from '../backup/backup-history.ts';
import { isOfSeveralShops, readBackups, shopLabel } from '../backup/list-backups.ts';
import type { Manifest } from '../backup/manifest.ts';
import { locationForms, openLocation } from '../backup/open-location.ts';
import { type Command, UsageError } from './command.ts';
import { grouped } from './figures.ts';
import { loadEnvironment } from './load-config.ts';

export const command: Command = {
  usage: `Lists the backups in a location, oldest first by log position: name, time, orders, last position of the order
log, size, verified or not. It says which shop a backup is of when there are several, and "another history" when it
holds orders that the newest backup does not hold: the shop was restored from an older backup in between.

Usage: nozama backups --at LOCATION

  --at  as --to of nozama backup

Exit codes: 0 listed, 1 the location can't be read, or holds a damaged or unfinished backup, 2 wrong arguments.
`,
  options: { at: { type: 'string' } },
  positionals: [],
  async run({ values: { at } }) {
    if (typeof at !== 'string') throw new UsageError(`nozama backups needs --at ${locationForms}.`);
    const location = openLocation(at, loadEnvironment());
    const backups = await readBackups(location);
    for (const line of describeAll(backups.flatMap(({ manifest }) => manifest ?? [])))
      process.stdout.write(`${line}\n`);
    if (backups.length === 0) process.stdout.write(`${location.description} holds no backups.\n`);
    const problems = backups.flatMap(({ problem }) => problem ?? []);
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  },
};

/** @param whole sorted by name */
function describeAll(whole: readonly Manifest[]): readonly string[] {
  const isShared = isOfSeveralShops(whole);
  const oldestFirst = newestFirst(whole).toReversed();
  const newestOfEach = new Map(oldestFirst.map((one) => [shopLabel(one), one]));
  const others = new Set([...newestOfEach.values()].flatMap((newest) => ofOtherHistory(newest, whole)));
  return oldestFirst.map((manifest) => {
    const { name, takenAt, orders, lastPosition, database, isVerified } = manifest;
    const size = `${grouped(Math.ceil(database.compressedBytes / 1_024))} KiB`;
    const columns = [name, takenAt, `${grouped(orders)} orders`, `position ${lastPosition}`, size];
    columns.push(isVerified ? 'verified' : 'not verified');
    if (isShared) columns.push(`shop ${shopLabel(manifest)}`);
    if (others.has(manifest)) columns.push('another history');
    return columns.join('  ');
  });
}
