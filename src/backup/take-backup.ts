/** Takes one backup: copy, compress, verify, store; then what the rule no longer keeps may go. */
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackupRefusedError, isSameShop } from '../storage/backup-copy.ts';
import type { ShopFile } from '../storage/engine.ts';
import { type BackupLocation, type Draft, partNames } from './backup-location.ts';
import { newBackupName } from './backup-name.ts';
import { compressFile, decompress } from './compression.ts';
import { openFile, toWriteRefusal } from './durable-files.ts';
import { readBackups } from './list-backups.ts';
import { createManifest, type Manifest } from './manifest.ts';
import { expired, type KeepRule } from './rotation.ts';

export interface BackupOptions {
  readonly shop: ShopFile;
  readonly location: BackupLocation;
  /** What the file beside the database holds; null when there is none. */
  readonly orderKey: string | null;
  readonly program: Manifest['program'];
  readonly verifies: boolean;
  readonly nowMs: () => number;
  /** There is now something to discard, should the process be told to stop. */
  readonly onBegun: (draft: Draft) => void;
  /** Of the copying, what share is done, 0 to 1; null for what can't be told. */
  readonly onProgress: (stage: BackupStage, share: number | null) => void;
}

export type BackupStage = 'copying' | 'compressing' | 'verifying' | 'storing';

/**
 * 256 KiB at a time and then a pause four times as long: most of the disk is left to the shop. With p99 of orders as the
 * measure, it was the best of what was tried (decision 21).
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
    await location.removeLeftovers(nowMs());
    const manifest = await fill(draft.folder, name, takenAtMs, options);
    options.onProgress('storing', null);
    await draft.commit([
      partNames.database,
      ...(manifest.orderKey === null ? [] : [partNames.orderKey]),
      partNames.manifest,
    ]);
    return manifest;
  } catch (error) {
    throw toWriteRefusal(error, draft.folder);
  } finally {
    draft.discard();
  }
}

/**
 * What the rule no longer keeps goes, now that there is a newer one. Never a backup of another shop, or of nobody
 * knows which.
 * @param shop as its newest manifest says
 * @returns the names of what went
 * @throws BackupRefusedError when something of it did not; what could go is gone
 */
export async function rotate(
  location: BackupLocation,
  keep: KeepRule,
  shop: Manifest['shop'],
): Promise<readonly string[]> {
  const backups = (await readBackups(location)).flatMap(({ name, takenAtMs, manifest }) =>
    manifest !== null && isSameShop(manifest.shop, shop)
      ? [{ name, takenAtMs, isVerified: manifest.isVerified }]
      : [],
  );
  const names = expired(backups, keep).map(({ name }) => name);
  const removed: string[] = [];
  const refusals: string[] = [];
  for (const name of names) {
    try {
      await location.remove(name);
      removed.push(name);
    } catch (error) {
      if (!(error instanceof BackupRefusedError)) throw error;
      refusals.push(error.message);
    }
  }
  const [first] = refusals;
  if (first === undefined) return removed;
  throw new BackupRefusedError(
    `${first}${refusals.length === 1 ? '' : ` So it is with ${refusals.length - 1} more.`} The new backup is whole; mend that, or older ones fill ${location.description}.`,
  );
}

async function fill(
  folder: string,
  name: string,
  takenAtMs: number,
  { shop, orderKey, program, verifies, onProgress }: BackupOptions,
): Promise<Manifest> {
  const copy = join(folder, 'shop.db');
  const compressed = join(folder, partNames.database);
  const figures = await shop.copyTo(copy, {
    ...pacing,
    onProgress: (pages, pagesInAll) => onProgress('copying', pages / pagesInAll),
  });
  onProgress('compressing', null);
  const database = await compressFile(copy, compressed);
  if (verifies) {
    onProgress('verifying', null);
    // What will be restored is the copy that is looked at: its sum is that of what comes out of the archive.
    await decompress(await openFile(compressed), null, database, name);
    await verifyCopy(shop, copy);
  }
  for (const ending of shop.endings) rmSync(`${copy}${ending}`, { force: true });
  if (orderKey !== null) writeFileSync(join(folder, partNames.orderKey), orderKey, { mode: 0o600 });
  const manifest = createManifest({
    name,
    program,
    takenAt: new Date(takenAtMs).toISOString(),
    ...figures,
    isVerified: verifies,
    database,
    orderKey: orderKey === null ? null : { sha256: createHash('sha256').update(orderKey).digest('hex') },
  });
  writeFileSync(join(folder, partNames.manifest), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  return manifest;
}

/** The copy goes afterwards, so that one of an older schema may be brought to this program's. */
async function verifyCopy(shop: ShopFile, copy: string): Promise<void> {
  const database = shop.at(copy);
  await database.migrate();
  const { findings } = await database.verify();
  const [first] = findings;
  if (first === undefined) return;
  throw new BackupRefusedError(
    `The copy of ${shop.path} does not agree with itself, so no backup was made: ${findings.length} differences, such as ${first.check}: ${first.subject}. Run nozama verify; --no-verify backs it up as it is.`,
  );
}
