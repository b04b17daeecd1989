/** The log of a shop in a file: the contract, and what only a file has. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { databaseAt } from '../src/storage/engines.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { aProduct, aStep, aSubmission, stockUp } from './builders.ts';
import { inFolder } from './journeys/open-shop.ts';
import { place } from './order-store/opened-store.ts';
import { describeShopLog, type OpenedShop } from './shop-log.contract.ts';

async function openTemporary(): Promise<OpenedShop> {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  const openStore = () => openSqliteStore({ file });
  const store = await openStore();
  let current = store;
  return {
    store,
    openStore,
    openLog: () => databaseAt(`sqlite:${file}`).openLog(),
    async reopen() {
      await current.close();
      current = await openStore();
      return current;
    },
    async dispose() {
      await current.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describeShopLog('SQLite', openTemporary);

/** A file with an order that went one step, and nobody on it. */
async function withShopFile(use: (file: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, 'nozama.db');
    const store = await openSqliteStore({ file });
    await stockUp(store, [aProduct()]);
    const { orderId } = await place(store, aSubmission());
    await store.commitBatch([aStep({ orderId })]);
    await store.close();
    await use(file);
  });
}

function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

const openLog = (file: string) => databaseAt(`sqlite:${file}`).openLog();
const range = { after: 0, through: 10 };

describe('the log of a shop in a file', () => {
  test('makes no file, and says that there is none', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'nozama.db');
      await assert.rejects(openLog(file), { name: 'DatabaseRefusedError', message: /does not exist/ });
      assert.ok(!existsSync(file));
    }));

  test('refuses another schema, newer or older, and changes neither', () =>
    withShopFile(async (file) => {
      for (const [version, message] of [
        [999, /schema version 999, but this program knows only up to/],
        [15, /schema version 15, this program needs \d+. Run `nozama migrate` first/],
      ] as const) {
        change(file, `PRAGMA user_version = ${version}`);
        await assert.rejects(openLog(file), { name: 'DatabaseRefusedError', message });
        const db = new DatabaseSync(file, { readOnly: true });
        assert.equal(db.prepare('PRAGMA user_version').get()?.['user_version'], version);
        db.close();
      }
    }));

  test('refuses a file that is no database, and another program’s', () =>
    inFolder(async (folder) => {
      const [text, foreign] = [join(folder, 'text.db'), join(folder, 'foreign.db')];
      writeFileSync(text, 'This is a text and no database. '.repeat(100));
      await assert.rejects(openLog(text), { name: 'DatabaseRefusedError', message: /not a database/ });
      change(foreign, 'CREATE TABLE theirs (id INTEGER)');
      await assert.rejects(openLog(foreign), { name: 'DatabaseRefusedError', message: /not Nozama's/ });
    }));

  test('does not keep the write-ahead log from starting anew between two calls', () =>
    withShopFile(async (file) => {
      const log = await openLog(file);
      // It asks for the lock once: a reader that holds the log would make it busy.
      const other = new DatabaseSync(file, { timeout: 0 });
      const restart = other.prepare('PRAGMA wal_checkpoint(RESTART)');
      try {
        const calls = [
          () => log.readShopId(),
          () => log.readEnd('orders'),
          () => log.readFact('orders', 1),
          () => log.readTimeAfter('stock', 0),
          () => log.readPlacedOrders(range),
          () => log.readOrderEvents(range),
          () => log.readProductChanges(range),
          () => log.readMovements(range),
        ];
        for (const call of calls) {
          await call();
          other.exec('UPDATE write_probe SET writes = writes + 1');
          assert.equal(restart.get()?.['busy'], 0, String(call));
        }
        await assert.rejects(log.readPlacedOrders({ after: 0, through: 1e9 }), RangeError);
        assert.equal(restart.get()?.['busy'], 0);
      } finally {
        other.close();
        await log.close();
      }
    }));

  test('passes over no entry whose order, lines or step are not there', () =>
    withShopFile(async (file) => {
      const log = await openLog(file);
      try {
        assert.equal((await log.readPlacedOrders(range)).length, 1);
        change(file, 'DROP TRIGGER order_events_are_never_deleted; DELETE FROM order_events');
        await assert.rejects(log.readOrderEvents(range), /position 2 .* `nozama verify`/);
        change(file, 'DELETE FROM order_lines');
        await assert.rejects(log.readPlacedOrders(range), /position 1 .* `nozama verify`/);
        change(file, 'PRAGMA foreign_keys = OFF; DELETE FROM orders');
        await assert.rejects(log.readPlacedOrders(range), /position 1 .* `nozama verify`/);
      } finally {
        await log.close();
      }
    }));
});
