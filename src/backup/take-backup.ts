/** Takes one backup: copy, compress, verify, store. Then removes the backups that a rule no longer keeps. */
import { createHash } from 'node:crypto';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../program/operator-error.ts';
import { BackupRefusedError, isSameShop } from '../storage/backup-copy.ts';
import type { ShopFile } from '../storage/engine.ts';
import { verifyChecks } from '../storage/verify-checks.ts';
import { findSuperseded, newestFirst, ofOtherHistory, positionsToCompare } from './backup-history.ts';
import { type BackupLocation, type Draft, partNames } from './backup-location.ts';
import { newBackupName } from './backup-name.ts';
import { sampledPositions, sampleOrders } from './backup-samples.ts';
import { compressFile, decompress } from './compression.ts';
import { openFile, toWriteRefusal } from './durable-files.ts';
import { readBackups } from './list-backups.ts';
import { createManifest, type Manifest } from './manifest.ts';
import { expired, type KeepRule } from './rotation.ts';

export interface BackupOptions {
  readonly shop: ShopFile;
  readonly location: BackupLocation;
  /** The content of the file with the secret of the links; null when there is none. */
  readonly orderKey: string | null;
  readonly program: Manifest['program'];
  readonly verifies: boolean;
  readonly nowMs: () => number;
  /** From now on there is a draft to discard when the process is told to stop. */
  readonly onBegun: (draft: Draft) => void;
  /** @param share of this stage that is done, 0 to 1; null when it is not known */
  readonly onProgress: (stage: BackupStage, share: number | null) => void;
  /** A sentence for the operator. The backup goes on. */
  readonly onWarning: (sentence: string) => void;
}

export type BackupStage = 'copying' | 'compressing' | 'verifying' | 'storing';

/**
 * 256 KiB at a time, then a pause four times as long: the shop keeps most of the disk. Of the ways that decision 21
 * compares, it costs orders the least at the 99th percentile.
 */
const pacing = { pagesPerStep: 64, idleShare: 0.8 };

/** @throws BackupRefusedError, DatabaseRefusedError: then there is no new backup */
export async function takeBackup(options: BackupOptions): Promise<Manifest> {
  const { location, nowMs } = options;
  const takenAtMs = nowMs();
  const name = newBackupName(takenAtMs);
  const draft = await location.begin(name);
  options.onBegun(draft);
  try {
    // By the clock of the file system: this machine's may be wrong, and make drafts of running backups look old.
    await location.removeLeftovers(statSync(draft.folder).mtimeMs);
    // Before the copy: a backup that appears during it may well be newer.
    const earlier = (await readBackups(location)).flatMap(({ manifest: found }) => found ?? []);
    const manifest = await fill(draft.folder, name, takenAtMs, earlier, options);
    options.onProgress('storing', null);
    await draft.commit([
      partNames.database,
      ...(manifest.orderKey === null ? [] : [partNames.orderKey]),
      partNames.manifest,
    ]);
    warnOfOtherHistory(manifest, earlier, options);
    return manifest;
  } catch (error) {
    throw toWriteRefusal(error, draft.folder);
  } finally {
    draft.discard();
  }
}

/** Of another history once, as the next backup finds this one as the newest; of a stale copy each time. */
function warnOfOtherHistory(
  manifest: Manifest,
  earlier: readonly Manifest[],
  { location, onWarning }: BackupOptions,
): void {
  const [newest] = newestFirst(earlier.filter(({ shop }) => isSameShop(shop, manifest.shop)));
  if (newest === undefined) return;
  const isOther = ofOtherHistory(manifest, [newest]).length > 0;
  if (!isOther && newest.lastPosition > manifest.lastPosition) {
    onWarning(
      `${newest.name} in ${location.description} goes on, up to log position ${newest.lastPosition}, where this shop ends: this is a stale copy, or the shop was restored and has sold too little since to tell. nozama restore latest still takes that backup.`,
    );
  }
  if (!isOther) return;
  onWarning(
    `${newest.name} in ${location.description} holds orders, up to log position ${newest.lastPosition}, that this shop does not hold: the shop was restored from an older backup, or this is a copy of it. From now on nozama restore latest takes the new backup.`,
  );
}

/**
 * Removes the backups of a shop that a rule does not keep, now that there is a newer one. It leaves the backups of
 * other shops, and those that do not say their shop.
 * @param fresh the backup that was just made, which stays
 * @returns the names of the removed ones
 * @throws BackupRefusedError when one could not be removed; the others are gone
 */
export async function rotate(
  location: BackupLocation,
  keep: KeepRule,
  { name: fresh, shop }: Pick<Manifest, 'name' | 'shop'>,
): Promise<readonly string[]> {
  const manifests = (await readBackups(location)).flatMap(({ manifest }) => manifest ?? []);
  const backups = newestFirst(manifests.filter((one) => isSameShop(one.shop, shop))).map(
    ({ name, takenAt, lastPosition, isVerified }) => ({
      name,
      takenAtMs: Date.parse(takenAt),
      lastPosition,
      isVerified,
    }),
  );
  const names = expired(backups, keep, fresh).map(({ name }) => name);
  const removed: string[] = [];
  const refusals: string[] = [];
  for (const name of names) {
    try {
      await location.remove(name);
      removed.push(name);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      refusals.push(error.message);
    }
  }
  const [first] = refusals;
  if (first === undefined) return removed;
  throw new BackupRefusedError(
    `${first}${refusals.length === 1 ? '' : ` ${refusals.length - 1} more can't be removed either.`} The new backup is whole; mend this, or old backups fill ${location.description}.`,
  );
}

async function fill(
  folder: string,
  name: string,
  takenAtMs: number,
  earlier: readonly Manifest[],
  { shop, orderKey, program, verifies, onProgress }: BackupOptions,
): Promise<Manifest> {
  const copy = join(folder, 'shop.db');
  const compressed = join(folder, partNames.database);
  const { ordersAt, ...figures } = await shop.copyTo(copy, {
    ...pacing,
    positions: (lastPosition) => [
      ...sampledPositions(lastPosition),
      ...positionsToCompare(lastPosition, earlier),
    ],
    onProgress: (pages, pagesInAll) => onProgress('copying', pages / pagesInAll),
  });
  onProgress('compressing', null);
  const database = await compressFile(copy, compressed);
  if (verifies) {
    onProgress('verifying', null);
    // By its sum, the archive holds exactly the copy that is verified here.
    await decompress(await openFile(compressed), null, database, name);
    await verifyCopy(shop, copy);
  }
  for (const ending of shop.endings) rmSync(`${copy}${ending}`, { force: true });
  if (orderKey !== null) writeFileSync(join(folder, partNames.orderKey), orderKey, { mode: 0o600 });
  const takenAt = new Date(takenAtMs).toISOString();
  const ofThisShop = earlier.filter((one) => isSameShop(one.shop, figures.shop));
  const manifest = createManifest({
    name,
    program,
    takenAt,
    ...figures,
    lastOrder: ordersAt.get(figures.lastPosition) ?? null,
    sampledOrders: sampleOrders(figures.lastPosition, ordersAt),
    supersedes: [...findSuperseded({ takenAt, lastPosition: figures.lastPosition }, ordersAt, ofThisShop)],
    isVerified: verifies,
    database,
    orderKey: orderKey === null ? null : { sha256: createHash('sha256').update(orderKey).digest('hex') },
  });
  writeFileSync(join(folder, partNames.manifest), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  return manifest;
}

/** The copy is removed afterwards, so its schema may be brought to this program's. */
async function verifyCopy(shop: ShopFile, copy: string): Promise<void> {
  const database = shop.at(copy);
  await database.migrate();
  const { findings } = await database.verify();
  const [first] = findings;
  if (first === undefined) return;
  throw new BackupRefusedError(
    `The copy of ${shop.path} does not agree with itself, so no backup was made: ${findings.length} differences, such as ${verifyChecks[first.check]}: ${first.subject}. Run nozama verify; --no-verify backs it up as it is.`,
  );
}
