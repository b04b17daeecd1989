/** Files and folders that are on disk once we say so, and what is said when they can't be. */
import { createReadStream, lstatSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, makeFolder, syncFile, syncFolder } from '../program/file-system.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import { leftoverMs } from './backup-location.ts';

const chunkBytes = 1_048_576;

/** What may wait in memory for the disk, in bytes: the syncs of a shop on the same disk wait for it too. */
const unsyncedMax = 1_048_576;

/** @param path must not exist */
export async function writeDurably(chunks: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    let unsynced = 0;
    for await (const chunk of chunks) {
      await file.writeFile(chunk);
      unsynced += chunk.length;
      if (unsynced < unsyncedMax) continue;
      await file.datasync();
      unsynced = 0;
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A stream that fails when it is opened, if it can't be. */
export async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  return createReadStream(path, { fd: openSync(path, 'r'), highWaterMark: chunkBytes });
}

/** Its parents too, and the names of all that were made are on disk. */
export function makeFolderDurably(folder: string): void {
  const first = makeFolder(folder, 0o700);
  if (first === null) return;
  const above = dirname(first);
  for (let made = folder; made !== above; made = dirname(made)) syncPath(dirname(made));
}

/** Of a file, what is in it; of a folder, the names in it, where folders can be synced. */
export function syncPath(path: string, platform: NodeJS.Platform = process.platform): void {
  if (statSync(path).isDirectory()) syncFolder(path, platform);
  else syncFile(path);
}

/** A file or folder that nobody has written to for {@link leftoverMs}, or into it. */
export function removeIfOld(path: string, nowMs: number): void {
  try {
    const within = lstatSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    const touchedMs = [path, ...within].map((one) => lstatSync(one).mtimeMs);
    if (nowMs - Math.max(...touchedMs) > leftoverMs) rmSync(path, { recursive: true, force: true });
  } catch (error) {
    // Another run is at it too, or it can't be removed: no reason to make no backup.
    if (!isFileError(error)) throw error;
  }
}

/**
 * A failure of the file system as a sentence; anything else as it is.
 * @param folder that was written into
 */
export function toWriteRefusal(error: unknown, folder: string): unknown {
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].some((code) => hasCode(error, code))) {
    return new BackupRefusedError(`${folder} has no room left. Make room, or name another folder.`, {
      cause: error,
    });
  }
  if (isFileError(error)) {
    return new BackupRefusedError(
      `${folder} can't be written: ${error.message}. Does it belong to this user?`,
      { cause: error },
    );
  }
  return error;
}

/** Of the operating system; what Node and Bun throw themselves has codes that begin with ERR_. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code));
}
