/** The log of product changes on SQLite; on PostgreSQL: postgres/product-log.test.ts. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { describeProductLog, type LoggedShop } from './product-log.contract.ts';

async function openLogged(): Promise<LoggedShop> {
  const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
  const file = join(folder, 'nozama.db');
  let store = await openSqliteStore({ file });
  return {
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = await openSqliteStore({ file });
      return store;
    },
    url: `sqlite:${file}`,
    async run(sql) {
      const db = new DatabaseSync(file, { timeout: 5_000 });
      try {
        db.exec(sql);
      } finally {
        db.close();
      }
    },
    refusalOf: (event, table) =>
      `CREATE TRIGGER refusal BEFORE ${event} ON ${table} BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    allowing: () => 'DROP TRIGGER refusal',
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describeProductLog('SQLite', openLogged);
