/**
 * Makes a shop from a backup. The backup is fetched and checked under another name first, so that the shop appears
 * whole or not at all. A shop that was there before is moved aside, never removed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolderDurably, syncPath } from '../program/file-system.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import type { ShopFile } from '../storage/engine.ts';
import { type VerifyReport, verifyChecks } from '../storage/verify-checks.ts';
import { newestFirst, ofOtherHistory } from './backup-history.ts';
import { type BackupLocation, leftoverMs, partNames } from './backup-location.ts';
import { decompress } from './compression.ts';
import { toWriteRefusal } from './durable-files.ts';
import { installShop, isThere, undoKilledRestore } from './install-shop.ts';
import { isOfSeveralShops, readBackups, readManifest, readText, shopLabel } from './list-backups.ts';
import type { Manifest } from './manifest.ts';

export interface RestoreOptions {
  readonly location: BackupLocation;
  /** Of the backup, or `latest`. */
  readonly name: string;
  /** The shop to make. */
  readonly shop: ShopFile;
  /** Whether a shop that is there already is moved aside. */
  readonly replaces: boolean;
  readonly nowMs: () => number;
  readonly onProgress: (stage: RestoreStage, manifest: Manifest) => void;
  /** From now on there is a draft to discard when the process is told to stop. */
  readonly onBegun: (discard: () => void) => void;
  /** A sentence for the operator. The restore goes on. */
  readonly onWarning: (sentence: string) => void;
}

export type RestoreStage = 'fetching' | 'verifying' | 'installing';

export interface RestoreReport {
  readonly manifest: Manifest;
  readonly verification: VerifyReport;
  /** Schema version that the backup was brought to, when its own was older. */
  readonly migratedTo: number | null;
  /** Where the shop that was there before is now; null when there was none. */
  readonly movedTo: string | null;
}

/** @throws BackupRefusedError, DatabaseRefusedError: then everything is as it was */
export async function restoreBackup(options: RestoreOptions): Promise<RestoreReport> {
  const { location, shop, replaces, nowMs } = options;
  const file = shop.path;
  try {
    if (await undoKilledRestore(file, nowMs))
      options.onWarning(
        'An earlier restore was killed while it installed its shop: the old shop has been put back.',
      );
  } catch (error) {
    throw toWriteRefusal(error, dirname(file));
  }
  const manifest = options.name === 'latest' ? await findLatest(options) : await findNamed(options);
  const { name } = manifest;
  const orderKey = await readOrderKey(location, manifest);
  assertFree(options, orderKey);
  const draft = `${file}.restoring-${randomBytes(3).toString('hex')}`;
  const discard = () => {
    for (const ending of shop.endings) rmSync(`${draft}${ending}`, { force: true });
  };
  options.onBegun(discard);
  try {
    makeFolderDurably(dirname(file));
    removeLeftovers(file, nowMs());
    options.onProgress('fetching', manifest);
    await decompress(await location.read(name, partNames.database), draft, manifest.database, name);
    options.onProgress('verifying', manifest);
    const database = shop.at(draft);
    const { from, to } = await database.migrate();
    const verification = await database.verify();
    const [first] = verification.findings;
    if (first !== undefined && manifest.isVerified) {
      throw new BackupRefusedError(
        `${name} does not agree with itself, though it did when it was taken: ${verifyChecks[first.check]}. Use another backup.`,
      );
    }
    syncPath(draft);
    options.onProgress('installing', manifest);
    // Once more: fetching may have taken minutes.
    assertFree(options, orderKey);
    const movedTo = installShop({ shop, draft, orderKey, replaces, nowMs: nowMs() });
    return { manifest, verification, migratedTo: from === to ? null : to, movedTo };
  } catch (error) {
    throw toWriteRefusal(error, dirname(file));
  } finally {
    discard();
  }
}

async function findNamed({ location, name }: RestoreOptions): Promise<Manifest> {
  const entry = (await location.list()).find((one) => one.name === name);
  if (entry === undefined) {
    throw new BackupRefusedError(
      `${location.description} has no backup of that name. nozama backups --at lists what there is.`,
    );
  }
  if (!entry.isWhole) throw new BackupRefusedError(`${name} was never finished. Use another backup.`);
  return readManifest(location, name);
}

/** Names in one sentence at most. */
const shopsNamedMax = 5;

async function findLatest(options: RestoreOptions): Promise<Manifest> {
  const { location } = options;
  const backups = await readBackups(location);
  const whole = backups.flatMap(({ manifest }) => manifest ?? []);
  const ordered = newestFirst(whole);
  const [latest] = ordered;
  if (latest === undefined) {
    throw new BackupRefusedError(
      `${location.description} holds no backup that can be restored${backups.length === 0 ? '' : ', only damaged or unfinished ones'}.`,
    );
  }
  if (isOfSeveralShops(whole)) {
    const newestOfEach = new Map(ordered.toReversed().map((one) => [shopLabel(one), one.name]));
    const names = [...newestOfEach.values()].sort().slice(-shopsNamedMax);
    throw new BackupRefusedError(
      `${location.description} holds backups of several shops, so that none is the latest. Name the backup to restore; the newest of each are ${names.join(', ')}.`,
    );
  }
  warnOfOthers(latest, whole, options);
  return latest;
}

/** Says why the latest is not the one that the operator may expect by position, or by the time in its name. */
function warnOfOthers(latest: Manifest, whole: readonly Manifest[], { onWarning }: RestoreOptions): void {
  const others = ofOtherHistory(latest, whole);
  const [furthest] = others;
  if (furthest !== undefined) {
    const more = others.length === 1 ? '' : `, and so do ${others.length - 1} more`;
    onWarning(
      `${furthest.name} holds orders, up to log position ${furthest.lastPosition}, that ${latest.name} does not hold${more}: the shop was restored from an older backup and went on. latest is of the history that was backed up last; to have the other, name its backup.`,
    );
  }
  const names = new Set(others.map(({ name }) => name));
  const latestByClock = whole.findLast(({ name }) => !names.has(name));
  if (latestByClock === undefined || latestByClock.name <= latest.name) return;
  onWarning(
    `${latestByClock.name} has a later time in its name than ${latest.name}, but is older by its log position: a clock was wrong.`,
  );
}

async function readOrderKey(location: BackupLocation, { name, orderKey }: Manifest): Promise<string | null> {
  if (orderKey === null) return null;
  const text = await readText(await location.read(name, partNames.orderKey), name);
  if (createHash('sha256').update(text).digest('hex') === orderKey.sha256) return text;
  throw new BackupRefusedError(`${name} is damaged: its order key has been altered. Use another backup.`);
}

/** @throws BackupRefusedError when something is there that must not be replaced, or is in use */
function assertFree({ shop, replaces }: RestoreOptions, orderKey: string | null): void {
  const { path, endings, orderKeyPath } = shop;
  if (replaces) {
    if (existsSync(path)) shop.assertUnused();
    return;
  }
  const inTheWay = endings.map((ending) => `${path}${ending}`).find(isThere);
  if (inTheWay !== undefined) {
    throw new BackupRefusedError(
      `${inTheWay} exists already: restore to another file, or say --force to have the old shop moved aside.`,
    );
  }
  if (orderKey !== null && isThere(orderKeyPath) && readIfThere(orderKeyPath) !== orderKey) {
    throw new BackupRefusedError(
      `${orderKeyPath} exists already, with another secret than the backup's: move it away, or say --force.`,
    );
  }
}

/** Null for a link that leads nowhere. */
function readIfThere(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Removes the drafts of restores that were killed. */
function removeLeftovers(file: string, nowMs: number): void {
  const folder = dirname(file);
  for (const entry of readdirSync(folder)) {
    if (!entry.startsWith(`${basename(file)}.restoring-`)) continue;
    const path = join(folder, entry);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: nowMs };
    if (nowMs - mtimeMs > leftoverMs) rmSync(path, { force: true });
  }
}
