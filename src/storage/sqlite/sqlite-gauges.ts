/** What the operator's metrics tell of the disk that a database is on, of its files and of who holds its log. */
import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { StoreGauge } from '../order-store.ts';
import type { LogReserve } from './log-reserve.ts';
import { readDisk } from './log-room.ts';

/** @param heldMs for how long a reader has kept the write-ahead log from starting anew; 0 when none does */
export function sqliteGauges(file: string, reserve: LogReserve, heldMs: () => number): readonly StoreGauge[] {
  return [
    {
      name: 'nozama_disk_free_bytes',
      help: 'Room left where the database is, for this user.',
      read: () => orNull(() => finite(readDisk(dirname(file)).freeBytes)),
    },
    {
      name: 'nozama_sqlite_database_bytes',
      help: 'Size of the database file, without its write-ahead log.',
      read: () => orNull(() => statSync(file).size),
    },
    {
      name: 'nozama_sqlite_wal_bytes',
      help: 'Size of the write-ahead log file.',
      read: () => orNull(() => statSync(`${file}-wal`).size),
    },
    {
      name: 'nozama_sqlite_wal_held_seconds',
      help: 'For how long a reader has kept the write-ahead log from starting anew; 0 when none does.',
      read: () => heldMs() / 1_000,
    },
    {
      name: 'nozama_sqlite_reserve_bytes',
      help: 'Size of the file that is removed to make room on a full disk; 0 when it has been.',
      read: () => orNull(reserve.bytes),
    },
  ];
}

function finite(bytes: number): number | null {
  return Number.isFinite(bytes) ? bytes : null;
}

function orNull(read: () => number | null): number | null {
  try {
    return read();
  } catch {
    return null;
  }
}
