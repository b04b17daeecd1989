/**
 * How much of a disk the write-ahead log may take, so that there is always a way back from a full disk.
 *
 * Nothing of the log can be given back before all of it is in the database file, and that file grows by the pages
 * that are new. So orders are taken only while there is room for that growth and some more. A reserve on the disk
 * (log-reserve.ts) is the way back when other programs take that room.
 * Limit: other programs may take more than the reserve gives back. Then an operator must make room.
 */
import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** The disk and the files of a database at one moment, in bytes. */
export interface LogRoom {
  /** Infinite, like the free bytes, where the file system does not tell. */
  readonly diskBytes: number;
  /** What this process may still write. */
  readonly freeBytes: number;
  /** Size of the file of the write-ahead log. */
  readonly logBytes: number;
  /** By which the database file grows when the whole log is brought into it. */
  readonly growthBytes: number;
}

/** The log is brought into the database before it has more than this share of what it and the free room have. */
const logShareMax = 1 / 8;

/** 256 KiB in pages: a smaller log is not worth a checkpoint. */
const checkpointPagesMin = 64;

/** When its file has this many times what a checkpoint begins at, the log has had a peak, and its file is cut. */
const peakFactor = 2;

/** What stays free of a small disk. */
const freeShareMax = 1 / 8;

/** The index in shared memory has 8 bytes for each page of the log, and is a file too. */
const indexShare = 1 / 512;

const pageBytes = 4_096;

/** @param db looks at the newest commit @param file its path */
export function createLogRoom(db: DatabaseSync, file: string): () => LogRoom {
  const databaseSize = db.prepare(
    'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
  );
  return () => {
    const databaseBytes = Number(databaseSize.get()?.['bytes']);
    return {
      ...readDisk(dirname(file)),
      logBytes: sizeOf(`${file}-wal`),
      growthBytes: Math.max(0, databaseBytes - sizeOf(file)),
    };
  };
}

export function readDisk(folder: string): Pick<LogRoom, 'diskBytes' | 'freeBytes'> {
  try {
    const { blocks, bfree, bavail, bsize } = statfsSync(folder);
    // Many file systems keep blocks that only root may use.
    const isRoot = process.geteuid?.() === 0;
    if (blocks > 0) return { diskBytes: blocks * bsize, freeBytes: (isRoot ? bfree : bavail) * bsize };
  } catch {
    // As for a file system that tells nothing: its own error is told when a commit fails.
  }
  return { diskBytes: Number.POSITIVE_INFINITY, freeBytes: Number.POSITIVE_INFINITY };
}

/** By its name: opening and closing a file of the database would undo SQLite's own locks on it. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Pages in the log from which on it is brought into the database. @param pagesMax on a large disk */
export function checkpointPages({ freeBytes, logBytes }: LogRoom, pagesMax: number): number {
  const share = Math.floor(((freeBytes + logBytes) * logShareMax) / pageBytes);
  return Math.min(pagesMax, Math.max(checkpointPagesMin, share));
}

/** Bytes that the file of the log keeps for the next commits once all of it is in the database. */
export function logBytesKept(room: LogRoom, pagesMax: number): number {
  return peakFactor * checkpointPages(room, pagesMax) * pageBytes;
}

/** Bytes that must be free so that an order can be taken. @param freeBytesMin on a large disk */
export function bytesNeeded({ diskBytes, logBytes, growthBytes }: LogRoom, freeBytesMin: number): number {
  const stayFree = Math.min(freeBytesMin, diskBytes * freeShareMax);
  return Math.ceil(growthBytes + logBytes * indexShare + stayFree);
}
