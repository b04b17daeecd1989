import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { readCommitChain } from '../../src/events/lake/commit-chain.ts';
import { lakeTables } from '../../src/events/tables/lake-tables.ts';
import { openFolderObjects } from '../../src/objects/folder/folder-objects.ts';
import { storeBelow } from '../../src/objects/store-below.ts';
import type { Shop } from '../journeys/open-shop.ts';
import { rowsIn } from '../lake/small-shop.ts';

/** Every entry of the logs of a shop on SQLite stands in the lake once, after the rest was written in one go. */
export async function assertLakeWhole(shop: Shop, lake: string, when: string): Promise<void> {
  const filled = await shop.run(['lake', 'backfill']);
  assert.equal(filled.code, 0, filled.output);
  const db = new DatabaseSync(shop.file, { readOnly: true });
  const expected: Readonly<Record<string, string>> = {
    orders: "SELECT position FROM order_log WHERE type = 'order_placed' ORDER BY position",
    order_lines: `SELECT position FROM order_log JOIN order_lines USING (order_number)
      WHERE type = 'order_placed' ORDER BY position`,
    order_events: "SELECT position FROM order_log WHERE type <> 'order_placed' ORDER BY position",
    products: 'SELECT position FROM product_changes ORDER BY position',
    stock_movements: 'SELECT movement_id AS position FROM stock_movements ORDER BY movement_id',
  };
  for (const table of lakeTables) {
    const files = storeBelow(openFolderObjects(lake), table.name);
    const { columns } = await rowsIn(files, table);
    const found = Array.from(columns.get(table.positionColumn)?.values ?? [], Number).sort((a, b) => a - b);
    const wanted = db.prepare(expected[table.name] ?? assert.fail(table.name)).all();
    assert.deepEqual(
      found,
      wanted.map(({ position }) => Number(position)),
      `${table.name}: ${when}`,
    );
    assert.deepEqual((await readCommitChain(files)).breaks, [], `${table.name}: ${when}`);
  }
  db.close();
}
