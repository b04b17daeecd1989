/** Files and folders that are on disk when a call returns, and the sentence when that fails. */
import { createReadStream, lstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../program/file-system.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import { leftoverMs } from './backup-location.ts';

const chunkBytes = 1_048_576;

/** Bytes that may wait in memory for the disk: the commits of a shop on the same disk wait for them too. */
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

/** Fails at once, not with the first chunk, when the file can't be opened. */
export async function openFile(path: string): Promise<AsyncIterable<Uint8Array>> {
  return createReadStream(path, { fd: openSync(path, 'r'), highWaterMark: chunkBytes });
}

/** Removes a file or folder that has not been written to for {@link leftoverMs}. */
export function removeIfOld(path: string, nowMs: number): void {
  try {
    const within = lstatSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    const touchedMs = [path, ...within].map((one) => lstatSync(one).mtimeMs);
    if (nowMs - Math.max(...touchedMs) > leftoverMs) rmSync(path, { recursive: true, force: true });
  } catch (error) {
    // Another run removes it too, or it can't be removed. The new backup matters more.
    if (!isFileError(error)) throw error;
  }
}

/**
 * Makes a sentence of a failure of the file system; returns any other error as it is.
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

/** An error of the operating system. The codes of errors by Node and Bun themselves begin with ERR_. */
function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && /^E[A-Z0-9]+$/.test(String(error.code));
}
