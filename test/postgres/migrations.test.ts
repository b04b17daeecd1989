/** A database of an older program, with orders in it, brought to this one's schema. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aMovement, aSubmission } from '../builders.ts';
import { assertVerifiesClean, place } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const folder = join(import.meta.dirname, '../../src/storage/postgres/migrations');

/**
 * Version 2 with 30 products that were ordered once each in Texas, the first ones more units. The first is retired, and
 * the names of two are not composed: the second, and the 22nd, which moves into the best 24.
 */
const versionTwo = `
  CREATE TABLE schema_versions (version integer NOT NULL PRIMARY KEY, supports_from integer NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now());
  INSERT INTO schema_versions (version, supports_from) VALUES (1, 1), (2, 1);
  INSERT INTO products
    SELECT 'item-' || i, CASE i WHEN 2 THEN E'Lumie\\u0300re' WHEN 22 THEN E'Lumie\\u0300re 22'
      ELSE 'Item ' || i END, '', '', 100, '/i.svg', i <> 1
    FROM generate_series(1, 30) i;
  INSERT INTO stock SELECT sku, 0 FROM products;
  INSERT INTO stock_receipts (sku, units, received_at_ms) SELECT 'item-' || i, 100 - i, 0 FROM generate_series(1, 30) i;
  INSERT INTO orders SELECT ('01927f3e-7c00-7abc-8def-' || lpad(i::text, 12, '0'))::uuid, 1000 + i, 'placed', i, 'Ada',
    '1 Main St', NULL, 'TX', '73301', NULL, 100 * (100 - i) FROM generate_series(1, 30) i;
  INSERT INTO order_lines SELECT order_id, 0, 'item-' || (number - 1000), name, 1100 - number, 100, total_cents
    FROM orders JOIN products ON sku = 'item-' || (number - 1000);
  INSERT INTO order_log SELECT number - 1000, order_id, number, 'order_placed', placed_at_ms FROM orders;
  INSERT INTO popularity SELECT 'TX', sku, name, 1, quantity, CASE WHEN quantity > 79 THEN 0 END FROM order_lines;
  UPDATE order_numbers SET next_number = 1031;`;

const missing = await postgresMissing();

describe('a PostgreSQL database of version 2', { skip: missing ?? false }, () => {
  test('keeps its orders; rankings lose retired products and names are composed', async () => {
    await using database = await openTestDatabase({ isEmpty: true });
    const old = readdirSync(folder).filter((name) => name < '0003');
    assert.equal(old.length, 2);
    for (const name of old.sort()) await database.query(readFileSync(join(folder, name), 'utf8'));
    await database.query(versionTwo);
    const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
    try {
      await assertVerifiesClean(store);
      assert.deepEqual(
        (await store.topProducts('TX', 20)).map(({ sku }) => sku),
        Array.from({ length: 20 }, (_, nth) => `item-${nth + 2}`),
      );
      const named = await store.findProductByName('Lumi\u00e8re');
      assert.equal(named?.sku, 'item-2');
      assert.equal((await store.topProducts('TX', 1))[0]?.name, named?.name);
      const counter =
        "SELECT name || ', ranked at ' || ranked_at_ms AS told FROM popularity WHERE sku = 'item-22'";
      assert.deepEqual(await database.query(counter), [{ told: 'Lumi\u00e8re 22, ranked at 0' }]);
      const order = await store.findOrder('01927f3e-7c00-7abc-8def-000000000002');
      assert.equal(order?.lines[0]?.name, 'Lumie\u0300re', 'an order keeps the name it was placed with');
      // As a program of before this version does, and as it reads.
      await database.query(
        "INSERT INTO stock_receipts (sku, units, received_at_ms) VALUES ('item-29', 3, 4); UPDATE stock SET on_hand = 3 WHERE sku = 'item-29'",
      );
      assert.deepEqual(
        await database.query("SELECT sum(units)::int AS units FROM stock_receipts WHERE sku = 'item-29'"),
        [{ units: 74 }],
      );
      const [newest, first] = (await store.listStockMovements('item-29', null, 10)).movements;
      assert.deepEqual(
        [newest, first].map((movement) => [
          movement?.units,
          movement?.reason,
          movement?.actor,
          movement?.atMs,
        ]),
        [
          [3, 'receipt', 'service', 4],
          [71, 'receipt', 'service', 0],
        ],
      );
      assert.equal((await store.findProduct('item-29'))?.revision, 1);
      await store.moveStock([aMovement({ sku: 'item-30', units: 5 })]);
      assert.equal(
        (await place(store, aSubmission({ lines: [{ sku: 'item-30', quantity: 1 }] }))).number,
        1031,
      );
      await assertVerifiesClean(store);
    } finally {
      await store.close();
    }
  });
});
