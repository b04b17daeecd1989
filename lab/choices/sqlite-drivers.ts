/** Which driver reaches SQLite on Bun: the same durable batches through bun:sqlite and node:sqlite. */
import { Database } from 'bun:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { compare } from './interleave.ts';

const batch = 32;
const folder = mkdtempSync(join(tmpdir(), 'nozama-drivers-'));
const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE orders (number INTEGER PRIMARY KEY, order_id TEXT UNIQUE, name TEXT, street TEXT, total INTEGER);
  CREATE TABLE stock (sku TEXT PRIMARY KEY, on_hand INTEGER) STRICT, WITHOUT ROWID;
  INSERT INTO stock VALUES ('tent-4p', 1000000000);`;
const insertSql = 'INSERT INTO orders (order_id, name, street, total) VALUES (?, ?, ?, ?)';
const readSql = 'SELECT sku, on_hand FROM stock WHERE sku = ?';

interface Driver {
  exec(sql: string): unknown;
  prepare(sql: string): { run(...values: (string | number)[]): unknown; get(...values: string[]): unknown };
}

function writer(db: Driver): () => void {
  db.exec(schema);
  const insert = db.prepare(insertSql);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  let number = 0;
  return () => {
    begin.run();
    for (let i = 0; i < batch; i += 1) {
      number += 1;
      insert.run(
        `0192f1d4-${String(number).padStart(12, '0')}`,
        'Ada Lovelace',
        '12 St James Square',
        19_999,
      );
    }
    commit.run();
  };
}

function reader(db: Driver): () => unknown {
  const select = db.prepare(readSql);
  return () => select.get('tent-4p');
}

const viaBun = new Database(join(folder, 'bun.db')) as unknown as Driver;
const viaNode = new DatabaseSync(join(folder, 'node.db')) as unknown as Driver;
try {
  compare(
    `A durable batch of ${batch} orders, per order`,
    [
      { name: 'node:sqlite', run: writer(viaNode) },
      { name: 'bun:sqlite', run: writer(viaBun) },
    ],
    batch,
  );
  compare('One row by key', [
    { name: 'node:sqlite', run: reader(viaNode) },
    { name: 'bun:sqlite', run: reader(viaBun) },
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
