/**
 * kill -9 while the service writes its lake, again and again: every entry of the shop's log stands in the lake once.
 *
 * The blow falls at any moment of a round that takes orders and steps; a second writer is at work in every third round.
 * `DRILL_ROUNDS` rounds, 20 unless told; `SEED=…` repeats the orders and moments, though not the kernel's.
 */
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Shop, withShop } from '../journeys/open-shop.ts';
import { spawnCli } from '../service.ts';
import { seededRandom } from './outside-ledger.ts';
import { openShopRecord } from './shop-record.ts';
import { assertLakeWhole } from './whole-lake.ts';

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
        if (round % 5 === 0 || round === rounds)
          await assertLakeWhole(shop, join(shop.folder, 'lake'), `round ${round}`);
        await shop.start();
      }
    });
  });
});

function besideOf({ folder, file }: Shop) {
  return { dir: folder, env: { ...settings, DATABASE_URL: `sqlite:${file}` } };
}
