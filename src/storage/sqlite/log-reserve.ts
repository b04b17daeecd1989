/**
 * A file beside the database that only takes room. When the disk is full to its last byte, it is removed, and the
 * write-ahead log has room to be brought into the database, which gives back the room of the log.
 *
 * It may be removed by anybody at any time and is made again. Several processes on one database share it.
 * Limit: on a file system with snapshots its room may come back only when the snapshot goes.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

/** On a large disk. */
const reserveBytesMax = 16 * 1024 ** 2;

const diskShareMax = 1 / 16;

const stepBytes = 1024 ** 2;

export interface LogReserve {
  bytes(): number;
  /**
   * Makes it larger by one step at most, so that nobody waits for it, and only from room that nothing else needs.
   * @param spareBytes free bytes beyond those that orders need
   */
  grow(diskBytes: number, spareBytes: number): void;
  /** @returns the bytes that it had */
  release(): number;
}

/** @param file the database */
export function openLogReserve(file: string): LogReserve {
  const path = `${file}.reserve`;
  /** Not zeros: a file system may keep those for nothing. Made when it is first needed. */
  let filling: Buffer | null = null;

  const bytes = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

  return {
    bytes,
    grow(diskBytes, spareBytes) {
      const found = bytes();
      const step = Math.min(stepBytes, reserveBytesFor(diskBytes) - found);
      if (step <= 0 || spareBytes < step) return;
      filling ??= randomBytes(stepBytes);
      const opened = openSync(path, found === 0 ? 'a' : 'r+', 0o600);
      try {
        writeSync(opened, filling, 0, step, found);
      } finally {
        closeSync(opened);
      }
    },
    release() {
      const found = bytes();
      rmSync(path, { force: true });
      return found;
    },
  };
}

/** What the reserve shall have, in bytes. */
export function reserveBytesFor(diskBytes: number): number {
  return Math.floor(Math.min(reserveBytesMax, diskBytes * diskShareMax));
}
