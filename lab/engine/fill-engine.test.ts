import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { usStates } from '../../src/domain/us-state.ts';
import { fillTextbook } from '../baselines/textbook/fill-textbook.ts';
import { openSqliteTextbookFile } from '../baselines/textbook/sqlite-textbook.ts';
import { countLoggedOrders, lastLogPosition, openEngine, verifyEngine } from './engine-under-test.ts';
import { fillEngine } from './fill-engine.ts';
import { createSubmissions } from './submissions.ts';

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'fill-'));
  const clean = () => rmSync(folder, { recursive: true, force: true });
  const result = use(folder);
  if (!(result instanceof Promise)) clean();
  return result instanceof Promise ? (result.finally(clean) as T) : result;
}

test('a filled database holds its orders, agrees with itself, and is counted on from its end', () =>
  inFolder(async (folder) => {
    const database = `sqlite:${join(folder, 'orders.db')}`;
    const seen: number[] = [];
    const filled = await fillEngine(database, 6_001, (done) => seen.push(done));
    assert.deepEqual(seen, [5_000, 6_001]);
    assert.deepEqual((await verifyEngine(database)).findings, []);
    assert.ok(filled.pagePaths.every((path) => /^\/orders\/[0-9a-f-]{36}$/.test(path)));

    const store = await openEngine(database);
    try {
      assert.equal(await countLoggedOrders(store, 0), 6_001);
      assert.equal(await lastLogPosition(store), filled.logPosition);
      const newSubmission = createSubmissions({ skus: ['tent-4p'], seed: 2, nowMs: Date.now });
      await store.commitBatch([newSubmission(), newSubmission(), newSubmission()]);
      assert.equal(await countLoggedOrders(store, filled.logPosition), 3);
      const path = filled.pagePaths[17] ?? '';
      assert.notEqual(await store.findOrder(path.slice('/orders/'.length)), null);
    } finally {
      await store.close();
    }
  }));

test('a filled textbook has its orders spread over states and products, taken from stock', () =>
  inFolder(async (folder) => {
    const file = join(folder, 'textbook.db');
    await fillTextbook(`sqlite:${file}`, 5_000, { products: 20, stock: 1_000 });
    const database = openSqliteTextbookFile(file);
    const row = database
      .prepare(
        'SELECT COUNT(*) AS orders, COUNT(DISTINCT state) AS states, COUNT(DISTINCT sku) AS skus, ' +
          '(SELECT SUM(stock) FROM products) AS stock FROM orders',
      )
      .get();
    database.close();
    assert.deepEqual({ ...row }, { orders: 5_000, states: usStates.length, skus: 20, stock: 15_000 });
  }));
