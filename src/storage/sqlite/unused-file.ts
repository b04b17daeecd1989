/** Whether anybody has a database file open, before it is moved out of the way. */
import { DatabaseSync } from 'node:sqlite';
import { BackupRefusedError } from '../backup-copy.ts';
import { cannotOpen } from './connection.ts';

/** For a reader that only looks at the file for a moment. */
const lockWaitMs = 2_000;

/**
 * Takes the file for ourselves for a moment, which SQLite grants to nobody else then, and brings what is in
 * its write-ahead log into it. A file that is damaged can't be asked, and counts as unused.
 * @throws BackupRefusedError when it is in use, DatabaseRefusedError when it can't be opened
 */
export function assertUnused(file: string): void {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: lockWaitMs });
    // Said before the file is first read, else the mode would wait for a write (sqlite.org/wal.html, "noshm").
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF');
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
  } catch (error) {
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
    const [busy, locked, corrupt, notADatabase] = [5, 6, 11, 26];
    if (code === busy || code === locked) {
      throw new BackupRefusedError(
        `${file} is in use: stop the service, or whatever else has it open, and restore then.`,
        { cause: error },
      );
    }
    if (code !== corrupt && code !== notADatabase) throw cannotOpen(file, error);
  } finally {
    db?.close();
  }
}
