/**
 * The abilities of file systems, which differ by platform.
 *
 * Windows reports the same mode for every file. Who may read it stands in access lists, which neither Bun nor
 * Node shows, and which a new file inherits from its folder. And it syncs only what is open for writing, which a
 * folder can't be.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/**
 * Makes a folder, and first those that it lies in. Not by Node's recursive mkdir: below /proc, where nothing can be made
 * and the system says ENOENT, that one never returns.
 * @returns the topmost folder that was made; null when the folder was there
 * @throws as mkdir does, also when a file stands in the way
 */
export function makeFolder(path: string, mode = 0o777): string | null {
  if (isFolder(path)) return null;
  const above = dirname(path);
  const first = above === path ? null : makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process may have made it since.
    if (!hasCode(error, 'EEXIST') || !isFolder(path)) throw error;
  }
  return first ?? path;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Makes its parents too, and brings the names of all new folders to disk. @param mode only the owner may enter, unless told */
export function makeFolderDurably(folder: string, mode = 0o700): void {
  const first = makeFolder(folder, mode);
  if (first === null) return;
  const above = dirname(first);
  for (let made = folder; made !== above; made = dirname(made)) syncPath(dirname(made));
}

/** Whether a file's mode says who may read it. */
export function hasFileModes(platform: NodeJS.Platform): boolean {
  return platform !== 'win32';
}

/** So that the content of a file survives a power failure. */
export function syncFile(path: string): void {
  syncOpened(openSync(path, 'r+'));
}

/**
 * So that the names in a folder survive a power failure. On Windows nothing is done, as SQLite does nothing there:
 * NTFS keeps names whole by its own journal, and the last few may be lost.
 */
export function syncFolder(path: string, platform: NodeJS.Platform): void {
  if (platform !== 'win32') syncOpened(openSync(path, 'r'));
}

/** Brings the content of a file to disk, or the names in a folder where the platform can sync folders. */
export function syncPath(path: string, platform: NodeJS.Platform = process.platform): void {
  if (statSync(path).isDirectory()) syncFolder(path, platform);
  else syncFile(path);
}

function syncOpened(file: number): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
