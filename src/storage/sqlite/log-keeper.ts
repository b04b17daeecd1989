/**
 * What the writing thread does about the write-ahead log between two commits: it ends checkpoints, cuts the file
 * after a peak, and refuses commits while the disk has no room to bring the log into the database.
 *
 * No commit of this process can come in between, so that what the reserve gives back is used for that alone.
 */
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { blockThread } from './block-thread.ts';
import { findLogReaders } from './log-readers.ts';
import { openLogReserve, withReserve } from './log-reserve.ts';
import { bytesNeeded, createLogRoom, type LogRoom, logBytesKept } from './log-room.ts';

/** The disk has too little room for a commit: nothing was written. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
  readonly code = 'ERR_NO_ROOM';
  /** SQLITE_FULL */
  readonly errcode = 13;
}

export interface LogKeeperOptions {
  readonly file: string;
  readonly logPagesMax: number;
  /** Bytes that stay free on a large disk. */
  readonly freeBytesMin: number;
}

export interface LogKeeper {
  /** @throws NoRoomError when the disk could have too little room to give the log back after a commit */
  assertRoom(): void;
  /** A transaction has erased a person: the log still has what was there. */
  noteErasure(): void;
  /**
   * The last few pages of a checkpoint. A log that is whole in the database starts anew with the next commit.
   * @param isToBeCut however short it is
   * @returns whether it was cut
   */
  finishCheckpoint(isToBeCut: boolean): boolean;
  /** Before the end of the writer: cuts a log that has data of erased persons, or gives up after a second or two. */
  cutErased(): void;
  /** Brings the log into the database, on a full disk with the help of the reserve, and cuts its file. */
  giveBack(): void;
}

/** With so much to spare, in bytes, nobody fills the disk before the next look, in milliseconds. */
const spareMuch = 1024 ** 3;
const looksEveryMs = 100;

/** Who reads is looked up no sooner again, in milliseconds: many orders are refused in that time. */
const readersEveryMs = 1_000;

/** A log that could not be given back is tried again no sooner, in milliseconds. */
const giveBackEveryMs = 500;

/** Readers hold the log for milliseconds, but a backup for minutes: then it is not waited for. */
const cutTriesMax = 40;
const cutRetryMs = 25;

export function createLogKeeper(db: DatabaseSync, options: LogKeeperOptions): LogKeeper {
  const { file, logPagesMax } = options;
  const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  const truncate = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)');
  const look = createLogRoom(db, file);
  const reserve = openLogReserve(file);
  let holdsErased = false;

  /** @returns whether all of the log is in the database */
  function bringIn(): boolean {
    const { log, checkpointed } = passive.get() as unknown as { log: number; checkpointed: number };
    return log === checkpointed;
  }

  function cutAfterPeak(): boolean {
    const room = look();
    return room.logBytes > logBytesKept(room, logPagesMax) && cut();
  }

  /**
   * At once or not at all, as this connection does not wait for locks: while it waited for a reader, it would keep every
   * other process from writing.
   */
  function cut(): boolean {
    const { busy } = truncate.get() as unknown as { busy: number };
    if (busy === 0) holdsErased = false;
    return busy === 0;
  }

  function bytesMissing(): number {
    const { growthBytes, freeBytes } = look();
    return growthBytes - freeBytes;
  }

  function giveBack(): void {
    if (withReserve(reserve, bringIn, bytesMissing)) cutAfterPeak();
  }

  return {
    assertRoom: createRoomGuard(options, look, giveBack),
    noteErasure() {
      holdsErased = true;
    },
    finishCheckpoint: (isToBeCut) => bringIn() && (isToBeCut ? cut() : cutAfterPeak()),
    giveBack,
    cutErased() {
      for (let tries = 0; holdsErased && tries < cutTriesMax; tries += 1) {
        if (tries > 0) blockThread(cutRetryMs);
        try {
          if (bringIn()) cut();
        } catch {
          // A full or failing disk, or another process that writes: the next program that opens the shop cuts the log.
        }
      }
    },
  };
}

/** @returns a function that throws NoRoomError while the disk has too little room, and tries to give back the log */
function createRoomGuard(
  { file, freeBytesMin }: LogKeeperOptions,
  look: () => LogRoom,
  giveBack: () => void,
): () => void {
  let nextLookMs = 0;
  let nextGiveBackMs = 0;
  let nextReadersMs = 0;
  let readers: readonly string[] = [];

  const spareIn = (room: LogRoom) => room.freeBytes - bytesNeeded(room, freeBytesMin);

  function tryToGiveBack(nowMs: number): void {
    if (nowMs < nextGiveBackMs) return;
    nextGiveBackMs = nowMs + giveBackEveryMs;
    try {
      giveBack();
    } catch {
      // That there is no room is told below, with the remedy.
    }
  }

  return () => {
    const nowMs = performance.now();
    if (nowMs < nextLookMs) return;
    let room = look();
    if (spareIn(room) < 0) {
      tryToGiveBack(nowMs);
      room = look();
    }
    const spare = spareIn(room);
    if (spare < 0) {
      if (nowMs >= nextReadersMs) {
        nextReadersMs = nowMs + readersEveryMs;
        readers = findLogReaders(file);
      }
      throw new NoRoomError(whyNoRoom(file, room, bytesNeeded(room, freeBytesMin), readers));
    }
    nextLookMs = spare > spareMuch ? nowMs + looksEveryMs : 0;
  };
}

function whyNoRoom(
  file: string,
  { freeBytes, logBytes, growthBytes }: LogRoom,
  needed: number,
  readers: readonly string[],
): string {
  const remedy =
    readers.length === 0
      ? ''
      : `, or end ${readers.join(' and ')}, which reads the database and so holds the log`;
  return (
    `${dirname(file)} has ${mebibytes(freeBytes)} left, and orders need ${mebibytes(needed)}: ${mebibytes(growthBytes)} ` +
    `to bring the write-ahead log (${mebibytes(logBytes)}) into the database, and a margin. Make room${remedy}.`
  );
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
