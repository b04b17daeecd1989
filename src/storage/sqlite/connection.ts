/** Opens the database file the one way we trust, and reads back that it is so. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseRefusedError } from '../engine.ts';
import { blockThread } from './block-thread.ts';

/**
 * The oldest SQLite that is safe here. 3.51.3 mended the WAL-reset bug (sqlite.org/wal.html#walresetbug),
 * which could corrupt a database when one connection checkpoints while another writes, as ours do.
 */
export const sqliteVersionMin = '3.51.3';

/** How long a statement waits for another process's write to end before it fails. */
export const busyTimeoutMs = 5_000;

export interface ConnectionOptions {
  readonly file: string;
  readonly readOnly: boolean;
  /** Memory for pages of the database, in KiB. */
  readonly cacheKib: number;
}

export function openConnection({ file, readOnly, cacheKib }: ConnectionOptions): DatabaseSync {
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(file, { readOnly, timeout: busyTimeoutMs });
  } catch (cause) {
    throw cannotOpen(file, cause);
  }
  try {
    if (!readOnly) db.exec('PRAGMA journal_mode = WAL');
    db.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA foreign_keys = ON;
      PRAGMA wal_autocheckpoint = 0;
      PRAGMA cache_size = -${cacheKib};
      PRAGMA trusted_schema = OFF;
      PRAGMA secure_delete = FAST;
    `);
  } catch (cause) {
    db.close();
    throw cannotOpen(file, cause);
  }
  return db;
}

/** One sentence with what to look at: SQLite itself says "disk I/O error" of a full disk and of a folder. */
export function cannotOpen(file: string, cause: unknown): DatabaseRefusedError {
  if (isFolder(file)) {
    return new DatabaseRefusedError(`${file} can't be opened: it is a folder. Is DATABASE_URL right?`, {
      cause,
    });
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DatabaseRefusedError(
    `${file} can't be opened: ${reason}. Is DATABASE_URL right, does its folder belong to this user, and has the disk room?`,
    { cause },
  );
}

/** Of a file that can't be seen: is it not there, or may we not look? */
export function notFound(file: string): DatabaseRefusedError {
  try {
    statSync(file);
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (!isMissing) return cannotOpen(file, cause);
  }
  return new DatabaseRefusedError(`${file} does not exist. Is DATABASE_URL right?`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** What makes a commit durable, as this connection itself reports it. */
export function readDurability(db: DatabaseSync): {
  readonly sqlite_version: string;
  readonly journal_mode: string;
  readonly synchronous: string;
  readonly foreign_keys: string;
} {
  const levels = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];
  return {
    sqlite_version: readText(db, 'SELECT sqlite_version()'),
    journal_mode: readText(db, 'PRAGMA journal_mode'),
    synchronous: levels[Number(readText(db, 'PRAGMA synchronous'))] ?? 'unknown',
    foreign_keys: readText(db, 'PRAGMA foreign_keys') === '1' ? 'ON' : 'OFF',
  };
}

/** @throws DatabaseRefusedError when a commit on this connection would not survive a power failure. */
export function assertDurable(db: DatabaseSync): void {
  const settings = readDurability(db);
  if (!isAtLeast(settings.sqlite_version, sqliteVersionMin)) {
    throw new DatabaseRefusedError(
      `SQLite ${settings.sqlite_version} is too old: it needs ${sqliteVersionMin} or newer. Use the pinned runtime.`,
    );
  }
  const wanted = { journal_mode: 'wal', synchronous: 'FULL', foreign_keys: 'ON' } as const;
  for (const [name, value] of Object.entries(wanted)) {
    const found = settings[name as keyof typeof wanted];
    if (found !== value) {
      throw new DatabaseRefusedError(
        `SQLite reports ${name} = ${found}, but orders need ${value}. Is the file on a file system without shared memory or locks, such as a network share? Put it on a local disk.`,
      );
    }
  }
}

function readText(db: DatabaseSync, sql: string): string {
  const row = db.prepare(sql).get();
  return row === undefined ? '' : String(Object.values(row)[0]);
}

/** Compares dotted numbers, `3.51.10` being newer than `3.51.9`. */
function isAtLeast(version: string, wanted: string): boolean {
  const found = version.split('.').map(Number);
  for (const [i, part] of wanted.split('.').map(Number).entries()) {
    const difference = (found[i] ?? 0) - part;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** How often a writer asks for the write lock while another process holds it, in milliseconds. */
const lockPollMs = 1;

/** SQLITE_BUSY (sqlite.org/rescode.html); extended codes carry it in their low byte. */
const isBusy = (error: unknown) => ((error as { errcode?: number }).errcode ?? 0) % 256 === 5;

/** SQLite itself does not wait on this connection: {@link beginWriting} does. */
export function waitForLockOurselves(db: DatabaseSync): void {
  db.exec('PRAGMA busy_timeout = 0');
}

/**
 * Begins a transaction that writes, {@link lockPollMs} after another process's has ended at the latest. SQLite's own wait
 * asks less and less often, every 100 ms in the end: a process that writes one transaction after the other, as an import
 * does, would have the lock again at most of these moments. After {@link busyTimeoutMs} it fails.
 * @param begin runs BEGIN IMMEDIATE
 */
export function beginWriting(begin: () => void): void {
  const endMs = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      begin();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() >= endMs) throw error;
    }
    blockThread(lockPollMs);
  }
}

/** Runs `work` in one immediate transaction; rolled back when it throws. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  beginWriting(() => db.exec('BEGIN IMMEDIATE'));
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

/** SQLite rolls back by itself after some faults (disk full, I/O); then there is nothing left to roll back. */
export function rollBack(db: DatabaseSync): void {
  try {
    db.exec('ROLLBACK');
  } catch {
    // "no transaction is active": the fault that brought us here is the one to report.
  }
}
