/** The backups in a location, with their manifests. */
import { OperatorError } from '../program/operator-error.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import { type BackupLocation, partNames } from './backup-location.ts';
import { backupTimeMs } from './backup-name.ts';
import { type Manifest, manifestBytesMax, parseManifest } from './manifest.ts';

export interface ListedBackup {
  readonly name: string;
  readonly takenAtMs: number;
  /** Null when it can't be restored. */
  readonly manifest: Manifest | null;
  /** Why it can't be restored, in a sentence. */
  readonly problem: string | null;
}

/** Manifests are read so many at a time. */
const width = 8;

/** Sorted by name, and so by the clock of the machine that took them. @throws BackupRefusedError when the location can't be read */
export async function readBackups(location: BackupLocation): Promise<readonly ListedBackup[]> {
  const entries = await location.list();
  const backups: ListedBackup[] = [];
  for (let at = 0; at < entries.length; at += width) {
    backups.push(
      ...(await Promise.all(
        entries.slice(at, at + width).map(({ name, isWhole }) => look(location, name, isWhole)),
      )),
    );
  }
  return backups;
}

/**
 * Whether the newest may be of another shop than the others. A backup that does not say its shop, or that has no
 * orders yet, counts to the shop whose backups came after it.
 * @param whole sorted by name
 */
export function isOfSeveralShops(whole: readonly Manifest[]): boolean {
  const shops = whole.flatMap(({ shop }) => shop ?? []);
  const receipts = new Set(shops.map(({ firstReceipt }) => firstReceipt));
  const orders = new Set(shops.flatMap(({ firstOrder }) => firstOrder ?? []));
  const newest = whole.at(-1)?.shop ?? null;
  if (receipts.size > 1 || orders.size > 1) return true;
  // Orders never go away. So a newest one without orders is of another shop, and one that does not say may be.
  return newest === null ? receipts.size > 0 : newest.firstOrder === null && orders.size > 0;
}

/** A few letters that tell shops apart. */
export function shopLabel({ shop }: Manifest): string {
  return (shop?.firstOrder ?? shop?.firstReceipt)?.slice(0, 8) ?? 'unknown';
}

async function look(location: BackupLocation, name: string, isWhole: boolean): Promise<ListedBackup> {
  const takenAtMs = backupTimeMs(name) ?? 0;
  if (!isWhole) return { name, takenAtMs, manifest: null, problem: `${name} was never finished.` };
  try {
    return { name, takenAtMs, manifest: await readManifest(location, name), problem: null };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { name, takenAtMs, manifest: null, problem: error.message };
  }
}

/** @throws BackupRefusedError */
export async function readManifest(location: BackupLocation, name: string): Promise<Manifest> {
  return parseManifest(await readText(await location.read(name, partNames.manifest), name), name);
}

/** @throws BackupRefusedError when it is longer than any manifest or key */
export async function readText(source: AsyncIterable<Uint8Array>, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > manifestBytesMax)
      throw new BackupRefusedError(`${name} is damaged: a small file of it is large.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
