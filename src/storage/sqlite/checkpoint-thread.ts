/**
 * The thread that moves the write-ahead log into the database file, beside the commits and not in their
 * way. It does all but the last few pages, then asks for the writer to do those between two commits:
 * a log that is whole in the database starts anew, and so stays bounded.
 *
 * SQLite's own automatic checkpoint would do this inside a commit, and the orders of that commit would
 * wait for the whole of it.
 *
 * It also keeps the reserve on the disk, and tells when a reader keeps the log from starting anew.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openConnection } from './connection.ts';
import { createHeldLogWatch, type LogSeen } from './held-log-watch.ts';
import { findLogReaders } from './log-readers.ts';
import { openLogReserve } from './log-reserve.ts';
import { bytesNeeded, checkpointPages, createLogRoom, logBytesKept, sizeOf } from './log-room.ts';

export interface CheckpointSettings {
  readonly file: string;
  /** Looks at the log this often, in milliseconds. */
  readonly intervalMs: number;
  /** Starts once the log holds this many pages; sooner on a small disk. */
  readonly logPagesMax: number;
  /** Bytes that stay free on a large disk. */
  readonly freeBytesMin: number;
  /** How long a log may be held before a warning, and the time between two warnings, in milliseconds. */
  readonly warnAfterMs: number;
  readonly warnEveryMs: number;
}

/** What this thread says to the one that serves. */
export type CheckpointNews =
  /** The writer shall do the last few pages, and cut the log however short it is. */
  | { readonly kind: 'finish'; readonly isToBeCut: boolean }
  /** A reader keeps the log from starting anew, or does so no more. */
  | { readonly kind: 'held'; readonly isHeld: boolean }
  /** One sentence for the operator. */
  | { readonly kind: 'warning'; readonly sentence: string }
  | { readonly kind: 'closed' };

/** What this thread is told. */
export type CheckpointOrder =
  | { readonly kind: 'finished'; readonly isCut: boolean }
  /** The log has data of persons who were erased. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'close' };

/**
 * The log is cut so long after an erasure, in milliseconds: an erasure of many orders asks for it many times. It is also
 * cut at the start and once an hour, for erasures by other processes and before a kill.
 */
const cutDelayMs = 1_000;
const cutEveryMs = 3_600_000;

/** Pages the writer may be left with: some 8 MB, written while orders wait. */
const pagesLeftMax = 2_000;

/** Each pass leaves only what was committed meanwhile, so three come close to nothing or nothing does. */
const passesMax = 3;

/** Between two tries while a reader holds the log or the disk fails, in milliseconds: each costs the writer a sync. */
const retryMs = 1_000;

/** The reserve grows with each look until it has so many bytes, because a small disk is soon full. */
const reserveAtOnceBytes = 2 * 1024 ** 2;

/** Between two later steps of it, in milliseconds: its bytes reach the disk together with those of the commits. */
const growEveryMs = 500;

const port = parentPort;
if (port === null) throw new Error('the checkpointer runs as a worker thread only');

const { file, intervalMs, logPagesMax, freeBytesMin, warnAfterMs, warnEveryMs } =
  workerData as CheckpointSettings;
const db = openConnection({ file, readOnly: false, cacheKib: 1_024 });
const noop = db.prepare('PRAGMA wal_checkpoint(NOOP)');
const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const lookAtRoom = createLogRoom(db, file);
const reserve = openLogReserve(file);
const heldLog = createHeldLogWatch({ warnAfterMs, warnEveryMs });

let isFinishing = false;
let nextPassMs = 0;
let nextGrowMs = 0;
let isReserveMissing = false;
let nextCutMs = performance.now() + cutDelayMs;

function tick(): void {
  if (isFinishing) return;
  try {
    const room = lookAtRoom();
    const nowMs = performance.now();
    if (nowMs >= nextGrowMs) {
      nextGrowMs = reserve.bytes() < reserveAtOnceBytes ? 0 : nowMs + growEveryMs;
      growReserve(room.diskBytes, room.freeBytes - bytesNeeded(room, freeBytesMin));
    }
    const { log } = noop.get() as unknown as LogState;
    const isLong = log >= checkpointPages(room, logPagesMax);
    tellWhetherHeld(heldLog.see(nowMs, log, isLong));
    if (nowMs < nextPassMs) return;
    const isToBeCut = nowMs >= nextCutMs && room.logBytes > 0;
    if (isToBeCut || isLong || room.logBytes > logBytesKept(room, logPagesMax)) checkpoint(nowMs, isToBeCut);
  } catch {
    // A full or failing disk, and no reader: the commits report it. The log waits and is looked at again.
    const nowMs = performance.now();
    nextPassMs = nowMs + retryMs;
    tellWhetherHeld(heldLog.see(nowMs, 0, false));
  }
}

/** The reserve is for a full disk; without it the log must still be checkpointed. */
function growReserve(diskBytes: number, spareBytes: number): void {
  try {
    reserve.grow(diskBytes, spareBytes);
    isReserveMissing = false;
  } catch (error) {
    if (isReserveMissing) return;
    isReserveMissing = true;
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = 'Remove what is at its path, or give the service room and inodes there.';
    say({ kind: 'warning', sentence: `The reserve for a full disk can’t be written (${reason}). ${remedy}` });
  }
}

function checkpoint(nowMs: number, isToBeCut: boolean): void {
  for (let passes = 0; passes < passesMax; passes += 1) {
    const state = passive.get() as unknown as LogState;
    if (state.log - state.checkpointed < pagesLeftMax && passes > 0) break;
  }
  if (heldLog.hasWarned()) nextPassMs = nowMs + retryMs;
  isFinishing = true;
  say({ kind: 'finish', isToBeCut });
  if (isToBeCut) nextCutMs = nowMs + retryMs;
}

function tellWhetherHeld({ forMs, isHeld, changed, isToWarn }: LogSeen): void {
  if (changed) say({ kind: 'held', isHeld });
  if (isToWarn) say({ kind: 'warning', sentence: heldSentence(forMs) });
}

function heldSentence(forMs: number): string {
  const readers = findLogReaders(file);
  const who = readers.length > 0 ? readers.join(' and ') : `a program that \`fuser ${file}\` names`;
  return (
    `For ${Math.round(forMs / 1_000)} s the write-ahead log could not start anew and has grown to ` +
    `${Math.ceil(sizeOf(`${file}-wal`) / 1024 ** 2)} MiB: ${who} keeps a transaction open in ${file}. End it; ` +
    'else orders are refused when the disk has no more room for the log.'
  );
}

function say(news: CheckpointNews): void {
  port?.postMessage(news);
}

interface LogState {
  readonly busy: number;
  /** Pages in the log, and how many of them are in the database. */
  readonly log: number;
  readonly checkpointed: number;
}

const timer = setInterval(tick, intervalMs);
port.on('message', (order: CheckpointOrder) => {
  if (order.kind === 'cut') {
    nextCutMs = Math.min(nextCutMs, performance.now() + cutDelayMs);
    return;
  }
  if (order.kind === 'finished') {
    isFinishing = false;
    if (order.isCut) nextCutMs = performance.now() + cutEveryMs;
    return;
  }
  clearInterval(timer);
  db.close();
  say({ kind: 'closed' });
  port.close();
});
