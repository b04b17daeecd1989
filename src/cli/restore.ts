/** `nozama restore`: makes a shop from one of its backups. */
import { locationForms, openLocation } from '../backup/open-location.ts';
import { type RestoreReport, restoreBackup } from '../backup/restore-backup.ts';
import { databaseUrlMistake } from '../storage/engines.ts';
import { cleanUpWhenStopped } from './clean-end.ts';
import { type Command, UsageError } from './command.ts';
import { loadEnvironment } from './load-config.ts';
import { showProgress } from './progress.ts';
import { shopFileAt } from './shop-file.ts';
import { formatVerifyReport } from './verify.ts';

export const command: Command = {
  usage: `Makes a SQLite shop from a backup. It checks the backup's sums and verifies the shop before it installs it.

Usage: nozama restore NAME|latest --from LOCATION --to sqlite:FILE [--force]

  NAME     as nozama backups lists it; latest is the newest that is whole, by its log position, when all are of one shop
  --from   as --to of nozama backup
  --to     the database file to make; FILE.order-key, the secret of the links to confirmations, is put beside it
  --force  replace a shop that is there, whose service must be stopped: it is kept as FILE.replaced-TIME

Orders that were placed after the backup are not in it.
Exit codes: 0 restored, 1 not restored, or restored with differences; 2 wrong arguments.
`,
  options: { from: { type: 'string' }, to: { type: 'string' }, force: { type: 'boolean' } },
  positionals: ['NAME'],
  async run({ values: { from, to, force }, positionals: [name] }) {
    if (name === undefined) throw new UsageError('nozama restore needs the NAME of a backup, or latest.');
    if (typeof from !== 'string') throw new UsageError(`nozama restore needs --from ${locationForms}.`);
    if (typeof to !== 'string') throw new UsageError('nozama restore needs --to sqlite:./data/nozama.db.');
    const mistake = databaseUrlMistake(to);
    if (mistake !== null) throw new UsageError(`--to ${mistake}`);
    const shop = shopFileAt(to);
    const progress = showProgress();
    let release = () => {};
    try {
      const report = await restoreBackup({
        location: openLocation(from, loadEnvironment()),
        name,
        shop,
        replaces: force === true,
        nowMs: Date.now,
        onBegun: (discard) => {
          release = cleanUpWhenStopped(discard);
        },
        onProgress: (stage) => progress.show(stage),
        onWarning: (sentence) => {
          progress.end();
          process.stderr.write(`${sentence}\n`);
        },
      });
      progress.end();
      process.stdout.write(describe(report, shop.path));
      return report.verification.findings.length === 0 ? 0 : 1;
    } finally {
      release();
      progress.end();
    }
  },
};

function describe({ manifest, verification, migratedTo, movedTo }: RestoreReport, file: string): string {
  const lines = [
    formatVerifyReport(verification).trimEnd(),
    `Restored ${manifest.name} to ${file}: ${manifest.orders} orders up to log position ${manifest.lastPosition}, the shop as it was at ${manifest.takenAt}.`,
  ];
  if (migratedTo !== null)
    lines.push(`Its schema was brought from version ${manifest.schemaVersion} to ${migratedTo}.`);
  if (manifest.orderKey === null)
    lines.push(
      'The backup has no order key: if the service had an ORDER_KEY_SECRET, give it the same again.',
    );
  if (movedTo !== null) lines.push(`The shop that was there before is ${movedTo} now.`);
  lines.push(
    'Persons who were erased after the backup are back. Erase them again before the service starts: nozama customers erase --orders FILE.',
  );
  return `${lines.join('\n')}\n`;
}
