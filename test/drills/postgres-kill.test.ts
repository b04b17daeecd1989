/**
 * kill -9 of one of two services on one PostgreSQL database, again and again under load: what was acknowledged
 * is there, nothing is there twice, and the other goes on.
 *
 * `DRILL_ROUNDS` rounds, 20 unless told, of which every other counts here; `SEED=…` repeats the moments.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openShop, type Shop } from '../journeys/open-shop.ts';
import { get, jsonOf } from '../journeys/shop-client.ts';
import { postgresMissing } from '../postgres/postgres-databases.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';

const missing = await postgresMissing();
const rounds = Math.ceil(Number(process.env['DRILL_ROUNDS'] || 20) / 2);
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const stock = 1_000_000;
const loadMsMax = 300;

describe('kill -9 of one service of two', { skip: missing ?? false }, () => {
  it(`loses nothing in ${rounds} rounds (SEED=${seed})`, { timeout: 20_000 + rounds * 6_000 }, async () => {
    const random = seededRandom(seed);
    const first = await openShop({ engine: 'postgres', settings: { DEMO_STOCK: String(stock) } });
    const database = first.postgres;
    assert.ok(database);
    const second = await openShop({ settings: { DATABASE_URL: database.url } });
    try {
      const skus = jsonOf(await get(`${first.url}/api/v1/products?limit=100`)).products.map(
        ({ sku }: { sku: string }) => sku,
      );
      const ledger = openLedger({ skus, random });
      for (let round = 1; round <= rounds; round += 1) {
        let isOver = false;
        const victim: Shop = round % 2 === 0 ? first : second;
        const survivor: Shop = round % 2 === 0 ? second : first;
        const buyers = [1, 2, 8][Math.floor(random() * 3)] ?? 1;
        const before = ledger.acknowledgedCount();
        if (round % 3 === 0) {
          ledger.onAcknowledged(1 + Math.floor(random() * 40 * buyers), () => victim.service.kill('SIGKILL'));
        }
        const buying = [victim, survivor].flatMap(({ url }) =>
          Array.from({ length: buyers }, () => ledger.buyUntil(url, () => isOver)),
        );
        await Promise.race([victim.service.exited, sleep(random() * loadMsMax)]);
        await victim.kill();
        await sleep(random() * 50);
        isOver = true;
        await Promise.all(buying);
        const acknowledged = ledger.acknowledgedCount() - before;
        // Asked again at the one that lives, on even rounds while the other is still away.
        if (round % 4 < 2) await ledger.settle(survivor.url);
        await victim.start();
        await ledger.settle(victim.url);
        assert.equal(ledger.openCount(), 0, `round ${round}: every request has its answer`);
        const counted: readonly unknown[] = await database.query(
          'SELECT (SELECT count(*) FROM orders)::int AS orders, (SELECT count(*) FROM order_log)::int AS log',
        );
        const all = ledger.acknowledgedCount();
        assert.deepEqual(counted, [{ orders: all, log: all }], `round ${round}: each order once`);
        assert.deepEqual(ledger.otherAnswers, [], 'nobody is turned away');
        process.stdout.write(`round ${round}: ${acknowledged} acknowledged, ${2 * buyers} buying\n`);
      }
      const sold = ledger.unitsSold();
      const { products } = jsonOf(await get(`${first.url}/api/v1/products?limit=100`));
      for (const { sku, num_in_stock } of products) {
        assert.equal(num_in_stock, stock - (sold.get(sku) ?? 0), `${sku}: what is left and what was sold`);
      }
      const { code, output } = await first.verify();
      assert.equal(code, 0, output);
    } finally {
      await second.close();
      await first.close();
    }
  });
});
