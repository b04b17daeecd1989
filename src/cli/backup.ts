/** `nozama backup`: a copy of a shop that goes on selling, kept elsewhere. */
import { setPriority } from 'node:os';
import type { BackupLocation, Draft } from '../backup/backup-location.ts';
import type { Manifest } from '../backup/manifest.ts';
import { locationForms, openLocation } from '../backup/open-location.ts';
import { type KeepRule, parseKeepRule } from '../backup/rotation.ts';
import { rotate, takeBackup } from '../backup/take-backup.ts';
import { readBuild } from '../program/build.ts';
import type { ShopFile } from '../storage/engine.ts';
import { cleanUpWhenStopped } from './clean-end.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { grouped } from './figures.ts';
import { loadConfig, loadEnvironment } from './load-config.ts';
import { percent, showProgress } from './progress.ts';
import { repeat } from './repeat.ts';
import { shopFileAt } from './shop-file.ts';
import { writeTextfile } from './textfile.ts';

const usage = `Backs up the SQLite shop in DATABASE_URL, which may go on taking orders, and verifies the copy.

Usage: nozama backup --to LOCATION [--keep RULE] [--every INTERVAL] [--no-verify] [--textfile FILE]

  --to         a folder, s3://BUCKET/PREFIX, https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX, gs://BUCKET/PREFIX,
               or swebhdfs://NAMENODE:9871/FOLDER
  --keep       then remove the backups that a rule does not keep: 24h,7d,8w,12m keeps the newest of each of the
               last 24 hours, 7 days, 8 weeks and 12 months that have one, 10 keeps the last ten. It never removes
               the new backup, the latest, the one with the most orders, a backup of another shop, or another file
  --every      go on until stopped, with one backup each 15m (or 30s, 6h, 1d)
  --no-verify  do not recount the copy
  --textfile   a file for the outcome of the last backup, for Prometheus' node_exporter

Credentials come from the environment or .env: see docs/BACKUP.md, which also says how PostgreSQL is backed up.
Exit codes: 0 there is a new backup, which --keep left (with --every: stopped), 1 there is none, or old ones could not
be removed, 2 wrong arguments or configuration.
`;

export const command: Command = {
  usage,
  options: {
    to: { type: 'string' },
    keep: { type: 'string' },
    every: { type: 'string' },
    'no-verify': { type: 'boolean' },
    textfile: { type: 'string' },
  },
  positionals: [],
  async run({ values }) {
    const task = readTask(values);
    yieldToTheShop();
    const config = loadConfig();
    const shop = shopFileAt(config.databaseUrl);
    const location = openLocation(task.to, loadEnvironment());
    const backUp = () => backUpOnce(shop, config.orderKeySecret !== null, location, task);
    if (task.everyMs === null) await backUp();
    else await repeat(task.everyMs, backUp);
    return 0;
  },
};

interface Task {
  readonly to: string;
  readonly keep: KeepRule | null;
  /** Null for once. */
  readonly everyMs: number | null;
  readonly verifies: boolean;
  readonly textfile: string | null;
}

function readTask(values: CommandArguments['values']): Task {
  const { to, keep, every, textfile } = values;
  if (typeof to !== 'string') throw new UsageError(`nozama backup needs --to ${locationForms}.`);
  const rule = typeof keep === 'string' ? parseKeepRule(keep) : null;
  if (typeof keep === 'string' && rule === null)
    throw new UsageError('--keep must look like 24h,7d,8w,12m or 10, each kind once.');
  return {
    to,
    keep: rule,
    everyMs: typeof every === 'string' ? readInterval(every) : null,
    verifies: values['no-verify'] !== true,
    textfile: typeof textfile === 'string' ? textfile : null,
  };
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const intervalMaxMs = 7 * unitMs.d;

function readInterval(text: string): number {
  const [, digits, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const ms = Number(digits) * unitMs[(unit ?? 's') as keyof typeof unitMs];
  if (digits === undefined || ms > intervalMaxMs)
    throw new UsageError('--every must look like 15m, up to 7d.');
  return ms;
}

/** The service goes first when both want the processor. */
function yieldToTheShop(): void {
  const lowest = 19;
  try {
    setPriority(lowest);
  } catch {
    // Some systems forbid it. The copy makes pauses in any case.
  }
}

async function backUpOnce(
  shop: ShopFile,
  hasConfiguredSecret: boolean,
  location: BackupLocation,
  task: Task,
): Promise<void> {
  const beganMs = Date.now();
  const progress = showProgress();
  let manifest: Manifest;
  let draft: Draft | null = null;
  // Listens before there is a draft. With --every, the running backup ends first: see repeat.
  const release = task.everyMs === null ? cleanUpWhenStopped(() => draft?.discard()) : () => {};
  try {
    manifest = await takeBackup({
      shop,
      location,
      // Null also when no service has made one yet.
      orderKey: hasConfiguredSecret ? null : shop.readOrderKey(),
      program: readProgram(),
      verifies: task.verifies,
      nowMs: Date.now,
      onBegun: (begun) => {
        draft = begun;
      },
      onWarning: (sentence) => {
        progress.end();
        process.stderr.write(`${sentence}\n`);
      },
      onProgress: (stage, share) => progress.show(stage, share === null ? '' : percent(share)),
    });
  } catch (error) {
    progress.end();
    writeTextfile(task.textfile, { beganMs, endedMs: Date.now(), manifest: null, isRotated: null });
    throw error;
  } finally {
    release();
  }
  progress.end();
  const endedMs = Date.now();
  if (manifest.orderKey === null && !hasConfiguredSecret && manifest.orders > 0) {
    process.stderr.write(
      `${shop.orderKeyPath} is missing, so the backup has none: after a restore, links to confirmations will show no names.\n`,
    );
  }
  process.stdout.write(`${describe(manifest, location, endedMs - beganMs)}\n`);
  let isRotated = false;
  try {
    const removed = task.keep === null ? [] : await rotate(location, task.keep, manifest);
    if (removed.length > 0) process.stdout.write(`Removed by --keep: ${removed.join(', ')}\n`);
    isRotated = true;
  } finally {
    writeTextfile(task.textfile, { beganMs, endedMs, manifest, isRotated });
  }
}

function readProgram(): Manifest['program'] {
  const { version, commit } = readBuild();
  return { version, commit };
}

function describe(
  { name, orders, lastPosition, database, isVerified }: Manifest,
  location: BackupLocation,
  tookMs: number,
): string {
  const size = `${grouped(Math.ceil(database.compressedBytes / 1_024))} KiB`;
  const verified = isVerified ? 'verified' : 'not verified';
  return `${name} in ${location.description}: ${grouped(orders)} orders up to log position ${lastPosition}, ${size}, ${verified}, ${(tookMs / 1_000).toFixed(1)} s.`;
}
