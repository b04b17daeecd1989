/**
 * kill -9 while the service writes its lake, again and again: every entry of the shop's log stands in the lake once.
 *
 * The blow falls at any moment of a round that takes orders and steps; a second writer is at work in every third round.
 * `DRILL_ROUNDS` rounds, 20 unless told; `SEED=…` repeats the orders and moments, though not the kernel's.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCommitChain } from '../../src/events/lake/commit-chain.ts';
import { lakeTables } from '../../src/events/lake/lake-tables.ts';
import { openFolderObjects } from '../../src/objects/folder/folder-objects.ts';
import { storeBelow } from '../../src/objects/store-below.ts';
import { type Shop, withShop } from '../journeys/open-shop.ts';
import { rowsIn } from '../lake/small-shop.ts';
import { spawnCli } from '../service.ts';
import { seededRandom } from './outside-ledger.ts';
import { openShopRecord } from './shop-record.ts';

const rounds = Number(process.env['DRILL_ROUNDS'] || 20);
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
/** From the start of a round to the blow: a second or more, so that the lake is being written. */
const loadMs = { min: 200, max: 1_700 };
const settings = { DEMO_STOCK: '1000000', LAKE_URL: 'file:./lake', LAKE_COMMIT_SECONDS: '1' };

describe('kill -9 while the lake is written', () => {
  it(`doubles and loses nothing in ${rounds} rounds (SEED=${seed})`, {
    timeout: 30_000 + rounds * 8_000,
  }, async () => {
    const random = seededRandom(seed);
    await withShop({ settings }, async (shop) => {
      const record = await openShopRecord(shop, random);
      for (let round = 1; round <= rounds; round += 1) {
        const second = round % 3 === 0 ? spawnCli(['lake', 'run'], besideOf(shop)) : null;
        let isOver = false;
        const working = Array.from({ length: 4 }, () => record.workUntil(shop.url, () => isOver));
        await sleep(loadMs.min + random() * (loadMs.max - loadMs.min));
        second?.kill('SIGKILL');
        await shop.kill();
        isOver = true;
        await Promise.all([...working, second?.exited]);
        if (round % 5 === 0 || round === rounds) await assertWhole(shop, `round ${round}`);
        await shop.start();
      }
    });
  });
});

function besideOf({ folder, file }: Shop) {
  return { dir: folder, env: { ...settings, DATABASE_URL: `sqlite:${file}` } };
}

/** After the rest was written, in one go. */
async function assertWhole(shop: Shop, when: string): Promise<void> {
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
    const files = storeBelow(openFolderObjects(join(shop.folder, 'lake')), table.name);
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
