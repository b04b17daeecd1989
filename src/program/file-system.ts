/**
 * What file systems can do here, which differs by platform.
 *
 * Windows tells the same mode of every file, whoever may read it: that is in access lists, which neither Bun nor
 * Node shows, and which a new file inherits from its folder. And it syncs only what is open for writing, which a
 * folder can't be.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Whether a file's mode says who may read it. */
export function hasFileModes(platform: NodeJS.Platform): boolean {
  return platform !== 'win32';
}

/** So that what is in a file survives a power failure. */
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

function syncOpened(file: number): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
