/**
 * A file beside the database that only takes room. When the disk is full to its last byte, it is shortened, and the
 * write-ahead log has room to be brought into the database, which gives back the room of the log.
 *
 * It gives no more than is needed, because other programs may take what it gave when the process dies meanwhile: the
 * next start needs the rest. Anybody may remove it at any time; it is made again. Several processes on one database
 * share it.
 * Limit: on a file system with snapshots its room may come back only when the snapshot goes.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, rmSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';

/** On a large disk. */
const reserveBytesMax = 16 * 1024 ** 2;

const diskShareMax = 1 / 16;

const stepBytes = 1024 ** 2;

/** What it first gives: the index of the log needs 32 KiB for each 16 MiB of log. */
const releaseBytesMin = 128 * 1024;

const [ioError, full] = [10, 13];

export interface LogReserve {
  bytes(): number;
  /**
   * Makes it larger by one step at most, so that nobody waits for it, and only from room that nothing else needs.
   * @param spareBytes free bytes beyond those that orders need
   */
  grow(diskBytes: number, spareBytes: number): void;
  /** Makes it shorter by that many bytes, or removes it when it has no more. @returns the bytes that it gave */
  release(bytesMax: number): number;
  /** Whether a small file beside the reserve can't be written for want of room. */
  isRoomLacking(): boolean;
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
    release(bytesMax) {
      const found = bytes();
      const left = Math.max(0, found - bytesMax);
      if (left === 0) rmSync(path, { force: true });
      else shorten(path, left);
      return found - left;
    },
    isRoomLacking() {
      const probe = `${path}.probe`;
      try {
        filling ??= randomBytes(stepBytes);
        writeFileSync(probe, filling.subarray(0, releaseBytesMin), { mode: 0o600, flush: true });
        return false;
      } catch (error) {
        return isCodeOf(error, 'ENOSPC') || isCodeOf(error, 'EDQUOT');
      } finally {
        rmSync(probe, { force: true });
      }
    },
  };
}

/**
 * Does `work`, and again with room that the reserve gives while it fails for want of room: each time twice as much.
 * @param bytesMissing how many bytes `work` is known to need beyond the free ones; when the reserve has fewer, it keeps
 *   them, because other programs would take what it gives
 * @throws what `work` throws when the reserve can't help
 */
export function withReserve<Result>(
  reserve: LogReserve,
  work: () => Result,
  bytesMissing: () => number = () => 0,
): Result {
  for (let bytesLeast = releaseBytesMin; ; bytesLeast *= 2) {
    try {
      return work();
    } catch (error) {
      if (!isWantOfRoom(error, reserve)) throw error;
      const missing = bytesMissing();
      if (missing > reserve.bytes()) throw error;
      if (reserve.release(Math.max(missing, bytesLeast)) === 0) throw error;
    }
  }
}

/** Another process may have removed the file just now; then all of its room has come back. */
function shorten(path: string, bytes: number): void {
  try {
    truncateSync(path, bytes);
  } catch (error) {
    if (!isCodeOf(error, 'ENOENT')) throw error;
  }
}

function isCodeOf(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/**
 * SQLite says "I/O error" of a quota, and of a full disk where it makes the index of its log. It says so of a broken
 * disk, too, which no room mends: then the reserve is kept.
 */
function isWantOfRoom(error: unknown, reserve: LogReserve): boolean {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0;
  return code === full || (code === ioError && reserve.isRoomLacking());
}

/** What the reserve shall have, in bytes. */
export function reserveBytesFor(diskBytes: number): number {
  return Math.floor(Math.min(reserveBytesMax, diskBytes * diskShareMax));
}
