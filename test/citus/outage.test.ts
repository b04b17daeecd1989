/**
 * Nodes of a Citus cluster crash under a running service, one at a time: nothing acknowledged is lost, nothing is
 * there twice, and half of an order is never anywhere.
 *
 * `DRILL_ROUNDS` rounds, 20 unless told, of which every fourth counts here; `SEED=…` repeats them.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseAt } from '../../src/storage/engines.ts';
import { openLedger, seededRandom } from '../drills/outside-ledger.ts';
import { until } from '../journeys/behind-the-service.ts';
import { withShop } from '../journeys/open-shop.ts';
import { get, jsonOf } from '../journeys/shop-client.ts';
import { citusBin, distributeSql, startCitus } from './citus-cluster.ts';
import { citusMissing } from './citus-databases.ts';

const rounds = Math.ceil(Number(process.env['DRILL_ROUNDS'] || 20) / 4);
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const stock = 1_000_000;
const loadMsMax = 600;

describe('nodes of a Citus cluster crashing under load', { skip: citusMissing ?? false }, () => {
  it(`lose nothing in ${rounds} rounds (SEED=${seed})`, { timeout: 60_000 + rounds * 30_000 }, async () => {
    const random = seededRandom(seed);
    await using cluster = await startCitus({
      bin: citusBin() ?? '',
      fsync: true,
      // After so long Citus commits or undoes transactions that a crash left prepared on a worker; the default is a minute.
      settings: { 'citus.recover_2pc_interval': '500ms' },
    });
    const { coordinator, workers } = cluster;
    await cluster.createDatabase('shop');
    const url = coordinator.url('shop');
    await databaseAt(url).migrate();
    await coordinator.query(distributeSql, 'shop');
    await withShop({ settings: { DATABASE_URL: url, DEMO_STOCK: String(stock) } }, async (shop) => {
      const skus = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`)).products.map(
        ({ sku }: { sku: string }) => sku,
      );
      const ledger = openLedger({ skus, random });
      for (let round = 1; round <= rounds; round += 1) {
        let isOver = false;
        // Each of the three in turn.
        const victim = [...workers, coordinator][round % 3] ?? coordinator;
        const buyers = [1, 2, 8, 24][Math.floor(random() * 4)] ?? 1;
        const before = ledger.acknowledgedCount();
        const buying = Array.from({ length: buyers }, () => ledger.buyUntil(shop.url, () => isOver));
        await sleep(random() * loadMsMax);
        await victim.stop('immediate');
        await until(async () => (await get(`${shop.url}/readyz`)).status === 503, 'a node to be missed');
        await sleep(random() * loadMsMax);
        await victim.start();
        await until(async () => (await get(`${shop.url}/readyz`)).status === 200, 'readiness');
        isOver = true;
        await Promise.all(buying);
        await until(async () => {
          const unsettled = await Promise.all(
            workers.map((worker) => worker.query('SELECT count(*)::int AS n FROM pg_prepared_xacts')),
          );
          return unsettled.every(([row]) => row?.['n'] === 0);
        }, 'the end of every prepared transaction');
        await ledger.settle(shop.url);
        assert.equal(ledger.openCount(), 0, `round ${round}: every request has its answer`);
        const [counted] = await coordinator.query(
          'SELECT (SELECT count(*) FROM orders)::int AS orders, (SELECT count(*) FROM order_log)::int AS log',
          'shop',
        );
        const acknowledged = ledger.acknowledgedCount();
        assert.deepEqual(counted, { orders: acknowledged, log: acknowledged }, `round ${round}`);
        for (const { status } of ledger.otherAnswers) assert.equal(status, 503);
        const who = victim === coordinator ? 'the coordinator' : 'a worker';
        process.stdout.write(
          `round ${round}: ${who} crashed, ${acknowledged - before} acknowledged, ${buyers} buying\n`,
        );
      }
      const sold = ledger.unitsSold();
      const { products } = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`));
      for (const { sku, num_in_stock } of products) {
        assert.equal(num_in_stock, stock - (sold.get(sku) ?? 0), `${sku}: what is left and what was sold`);
      }
      const { code, output } = await shop.verify();
      assert.equal(code, 0, output);
    });
  });
});
