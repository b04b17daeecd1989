/**
 * Puts a backup where a shop is looked for: fetched and checked under another name first, so that the shop
 * appears whole or not at all. What was there before is moved aside, never removed.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import type { ShopFile } from '../storage/engine.ts';
import type { VerifyReport } from '../storage/order-store.ts';
import { type BackupLocation, leftoverMs, partNames } from './backup-location.ts';
import { decompress } from './compression.ts';
import { makeFolderDurably, syncPath, toWriteRefusal } from './durable-files.ts';
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
  /** There is now something to discard, should the process be told to stop. */
  readonly onBegun: (discard: () => void) => void;
  /** What was there before a restore that was killed while it installed its shop is there again. */
  readonly onPutBack: () => void;
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
    if (await undoKilledRestore(file, nowMs)) options.onPutBack();
  } catch (error) {
    throw toWriteRefusal(error, dirname(file));
  }
  const name = await resolveName(options);
  const manifest = await readManifest(location, name);
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
    if (verification.findings.length > 0 && manifest.isVerified) {
      throw new BackupRefusedError(
        `${name} does not agree with itself, though it did when it was taken: ${verification.findings[0]?.check}. Use another backup.`,
      );
    }
    syncPath(draft);
    options.onProgress('installing', manifest);
    // Looked at again: fetching may have taken minutes.
    assertFree(options, orderKey);
    const movedTo = installShop({ shop, draft, orderKey, replaces, nowMs: nowMs() });
    return { manifest, verification, migratedTo: from === to ? null : to, movedTo };
  } catch (error) {
    throw toWriteRefusal(error, dirname(file));
  } finally {
    discard();
  }
}

/** In one sentence. */
const shopsNamedMax = 5;

async function resolveName({ location, name }: RestoreOptions): Promise<string> {
  const entries = await location.list();
  if (name === 'latest') {
    const whole = (await readBackups(location)).flatMap(({ manifest }) => manifest ?? []);
    const latest = whole.at(-1);
    if (latest !== undefined && isOfSeveralShops(whole)) {
      const newest = new Map(whole.map((one) => [shopLabel(one), one.name]));
      throw new BackupRefusedError(
        `${location.description} holds backups of several shops, so that none is the latest. Name the backup to restore; the newest of each are ${[...newest.values()].sort().slice(-shopsNamedMax).join(', ')}.`,
      );
    }
    if (latest !== undefined) return latest.name;
    throw new BackupRefusedError(
      `${location.description} holds no backup that can be restored${entries.length === 0 ? '' : ', only damaged or unfinished ones'}.`,
    );
  }
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) {
    throw new BackupRefusedError(
      `${location.description} has no backup of that name. nozama backups --at lists what there is.`,
    );
  }
  if (!entry.isWhole) throw new BackupRefusedError(`${name} was never finished. Use another backup.`);
  return name;
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

/** What a restore that was killed has left. */
function removeLeftovers(file: string, nowMs: number): void {
  const folder = dirname(file);
  for (const entry of readdirSync(folder)) {
    if (!entry.startsWith(`${basename(file)}.restoring-`)) continue;
    const path = join(folder, entry);
    const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: nowMs };
    if (nowMs - mtimeMs > leftoverMs) rmSync(path, { force: true });
  }
}
