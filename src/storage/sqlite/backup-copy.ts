/**
 * Copies a shop as it is at one moment into another file, while it sells.
 *
 * One read transaction is held for the whole of the copy. SQLite's backup would otherwise begin anew with
 * each commit of another process, and never end on a busy shop. The price: the write-ahead log can't start
 * anew meanwhile. It is bounded here: a copy during which the log grows too far is given up.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import {
  type BackupCopyFigures,
  type BackupCopyOptions,
  BackupRefusedError,
  type ShopIdentity,
} from '../backup-copy.ts';
import { DatabaseRefusedError } from '../engine.ts';
import { blockThread } from './block-thread.ts';
import { cannotOpen, openConnection } from './connection.ts';
import { readDisk, sizeOf } from './log-room.ts';
import { schemaVersionOf } from './migrate.ts';

/** The log may grow by this many bytes during a copy. */
const logGrowthMax = 2 * 1024 ** 3;

/** The log may also grow by only this share of the free disk, so that a copy never makes the shop refuse orders. */
const logGrowthShareMax = 0.5;

/** Beyond this share of that growth the copy makes no pauses, so that the log can soon start anew. */
const hurryShare = 0.25;

/**
 * Bytes that may wait in memory for the disk: the shop's own syncs wait for them too. Without this bound the 99th
 * percentile of orders grew tenfold (decision 21).
 */
const unsyncedMax = 1024 ** 2;

/** @throws DatabaseRefusedError, BackupRefusedError; `into` may then be there in part */
export async function makeSqliteBackupCopy(
  file: string,
  into: string,
  { pagesPerStep, idleShare, positions, onProgress }: BackupCopyOptions,
): Promise<BackupCopyFigures> {
  if (!existsSync(file)) throw new DatabaseRefusedError(`${file} does not exist. Is DATABASE_URL right?`);
  const db = openConnection({ file, readOnly: true, cacheKib: 2_048 });
  try {
    db.exec('BEGIN');
    if (schemaVersionOf(db) === 0)
      throw new DatabaseRefusedError(`${file} is no shop yet: it has no tables.`);
    const stepBytes = pagesPerStep * readNumber(db, 'PRAGMA page_size');
    const log = watchLog(file);
    const sync = createSync(into);
    let beganMs = performance.now();
    try {
      await backup(db, into, {
        rate: pagesPerStep,
        progress: ({ totalPages, remainingPages }) => {
          const isLong = log.assertBounded() > hurryShare;
          sync.after(stepBytes);
          onProgress(totalPages - remainingPages, totalPages);
          const workedMs = performance.now() - beganMs;
          // On this thread: SQLite goes on as soon as we return.
          if (!isLong) blockThread((workedMs * idleShare) / (1 - idleShare));
          beganMs = performance.now();
        },
      });
    } finally {
      sync.end();
    }
  } catch (error) {
    throw toRefusal(file, into, error);
  } finally {
    db.close();
  }
  return readFigures(into, positions);
}

/** From the copy, so that counting does not make the transaction longer. */
function readFigures(copy: string, positions: BackupCopyOptions['positions']): BackupCopyFigures {
  const db = new DatabaseSync(copy);
  try {
    const lastPosition = readNumber(db, 'SELECT max(position) FROM order_log');
    return {
      schemaVersion: schemaVersionOf(db),
      orders: readNumber(db, 'SELECT count(*) FROM orders'),
      lastPosition,
      ordersAt: ordersAt(db, [...positions(lastPosition), lastPosition]),
      shop: identityOf(db),
    };
  } catch (error) {
    throw toRefusal(copy, copy, error);
  } finally {
    db.close();
  }
}

function identityOf(db: DatabaseSync): ShopIdentity | null {
  const receipt = db
    .prepare('SELECT sku, units, at_ms FROM stock_movements ORDER BY movement_id LIMIT 1')
    .get();
  const order = db.prepare('SELECT order_id FROM orders ORDER BY number LIMIT 1').get();
  if (receipt === undefined) return null;
  return { firstReceipt: sumOf(receipt), firstOrder: order === undefined ? null : sumOf(order) };
}

function ordersAt(db: DatabaseSync, positions: readonly number[]): ReadonlyMap<number, string> {
  const select = db.prepare(
    'SELECT order_id FROM order_log JOIN orders ON number = order_number WHERE position = ?',
  );
  const found = new Map<number, string>();
  for (const position of new Set(positions)) {
    const row = select.get(position);
    if (row !== undefined) found.set(position, sumOf(row));
  }
  return found;
}

function sumOf(row: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.values(row)))
    .digest('hex');
}

function readNumber(db: DatabaseSync, sql: string): number {
  return Number(Object.values(db.prepare(sql).get() ?? {})[0] ?? 0);
}

function watchLog(file: string): { assertBounded(): number } {
  const path = `${file}-wal`;
  const sizeBefore = sizeOf(path);
  return {
    /** @returns the share of the bound by which it has grown */
    assertBounded() {
      const growth = sizeOf(path) - sizeBefore;
      if (growth <= 0) return 0;
      const share = growth / Math.min(logGrowthMax, readDisk(dirname(file)).freeBytes * logGrowthShareMax);
      if (share <= 1) return share;
      throw new BackupRefusedError(
        `The backup was given up: ${path} grew too much meanwhile, as it can't start anew before the copy ends. Take backups when fewer orders come in, or onto a faster disk.`,
      );
    },
  };
}

/** Brings the copy to its disk a little at a time. */
function createSync(into: string): { after(bytes: number): void; end(): void } {
  let unsynced = 0;
  const copy = openSync(into, 'a', 0o600);
  return {
    after(bytes) {
      unsynced += bytes;
      if (unsynced < unsyncedMax) return;
      fdatasyncSync(copy);
      unsynced = 0;
    },
    end() {
      try {
        fsyncSync(copy);
      } finally {
        closeSync(copy);
      }
    },
  };
}

function toRefusal(file: string, into: string, error: unknown): unknown {
  if (error instanceof BackupRefusedError || error instanceof DatabaseRefusedError) return error;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const [ioError, corrupt, full, cannotOpenFile, notADatabase] = [10, 11, 13, 14, 26];
  if (code === full)
    return new BackupRefusedError(`${dirname(into)} is full: the copy of ${file} has no room there.`);
  if (code === ioError || code === cannotOpenFile) {
    return new BackupRefusedError(
      `${file} can't be copied into ${dirname(into)}: ${(error as Error).message}. Is there room, and may this user write there?`,
      { cause: error },
    );
  }
  if (code === corrupt || code === notADatabase) return cannotOpen(file, error);
  return error;
}
