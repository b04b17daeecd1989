/** What another program on the same machine can do to the database, and see in it. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';

/** Takes SQLite's write lock, as a long import would: commits wait until it is released. */
export function holdWriteLock(file: string): { release(): void } {
  const db = new DatabaseSync(file, { timeout: 5_000 });
  db.exec('BEGIN IMMEDIATE');
  return {
    release() {
      if (db.isOpen) db.close();
    },
  };
}

/** Takes a table away, as a damaged file would: whatever reads it fails until it is put back. */
export function takeAwayTable(file: string, table: 'orders' | 'products'): { putBack(): void } {
  const rename = (from: string, to: string) => {
    const db = new DatabaseSync(file, { timeout: 5_000 });
    try {
      db.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
    } finally {
      db.close();
    }
  };
  rename(table, `${table}_away`);
  return { putBack: () => rename(`${table}_away`, table) };
}

export function countOrders(file: string): number {
  return countRows(file, 'orders');
}

export function countRows(file: string, table: 'orders' | 'idempotency_keys' | 'order_log'): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(db.prepare(`SELECT count(*) AS found FROM ${table}`).get()?.['found']);
  } finally {
    db.close();
  }
}

/** Waits for something that must come. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'it',
  maxMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + maxMs;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `${what} never came`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
