/**
 * kill -9 of one of two services on one PostgreSQL database, again and again under load: orders and steps that were
 * acknowledged are there, nothing is there twice, and the other goes on.
 *
 * `DRILL_ROUNDS` rounds, 20 unless told, of which every other counts here; `SEED=…` repeats the moments.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openShop, type Shop } from '../journeys/open-shop.ts';
import { get, jsonOf } from '../journeys/shop-client.ts';
import { postgresMissing, type TestDatabase } from '../postgres/postgres-databases.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';
import { openStepsLedger } from './steps-ledger.ts';

const missing = await postgresMissing();
const rounds = Math.ceil(Number(process.env['DRILL_ROUNDS'] || 20) / 2);
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const stock = 1_000_000;
const loadMsMax = 300;

async function countIn(database: TestDatabase): Promise<Readonly<Record<string, unknown>> | undefined> {
  const [counted] = await database.query(
    `SELECT (SELECT count(*) FROM orders)::int AS orders, (SELECT count(*) FROM order_events)::int AS events,
      (SELECT count(*) FROM order_log)::int AS log, (SELECT count(*) FROM audit_log)::int AS audit`,
  );
  return counted;
}

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
      const made = await first.run([
        'keys',
        'create',
        '--name',
        'clerk',
        '--scopes',
        'orders:read,orders:write',
      ]);
      const steps = openStepsLedger({ skus, random, apiKey: made.stdout.trim() });
      for (let round = 1; round <= rounds; round += 1) {
        let isOver = false;
        const victim: Shop = round % 2 === 0 ? first : second;
        const survivor: Shop = round % 2 === 0 ? second : first;
        const buyers = [1, 2, 8][Math.floor(random() * 3)] ?? 1;
        const before = [ledger.acknowledgedCount(), steps.acknowledgedSteps()] as const;
        const kill = () => victim.service.kill('SIGKILL');
        const after = 1 + Math.floor(random() * 40 * buyers);
        if (round % 3 === 0) ledger.onAcknowledged(after, kill);
        if (round % 3 === 1) steps.onAcknowledged(after, kill);
        const buying = [victim, survivor].flatMap(({ url }) =>
          Array.from({ length: buyers }, () => [
            ledger.buyUntil(url, () => isOver),
            steps.workUntil(url, () => isOver),
          ]),
        );
        await Promise.race([victim.service.exited, sleep(random() * loadMsMax)]);
        await victim.kill();
        await sleep(random() * 50);
        isOver = true;
        await Promise.all(buying.flat());
        const [bought, stepped] = [
          ledger.acknowledgedCount() - before[0],
          steps.acknowledgedSteps() - before[1],
        ];
        // Asked again at the one that lives, on even rounds while the other is still away.
        if (round % 4 < 2) {
          await ledger.settle(survivor.url);
          await steps.settle(survivor.url);
        }
        await victim.start();
        await ledger.settle(victim.url);
        await steps.settle(victim.url);
        assert.deepEqual([...ledger.otherAnswers, ...steps.otherAnswers], [], `round ${round}`);
        assert.equal(
          ledger.openCount() + steps.openCount(),
          0,
          `round ${round}: every request has its answer`,
        );
        const orders = ledger.acknowledgedCount() + steps.acknowledgedOrders();
        const taken = steps.acknowledgedSteps();
        // The API key has an audit entry too.
        assert.deepEqual(
          await countIn(database),
          { orders, events: taken, log: orders + taken, audit: taken + 1 },
          `round ${round}: each order and each step once`,
        );
        process.stdout.write(
          `round ${round}: ${bought} orders and ${stepped} steps acknowledged, ${2 * buyers} buyers and clerks each\n`,
        );
      }
      const sold = ledger.unitsSold();
      const gone = steps.unitsGone();
      const { products } = jsonOf(await get(`${first.url}/api/v1/products?limit=100`));
      for (const { sku, num_in_stock } of products) {
        assert.equal(
          num_in_stock,
          stock - (sold.get(sku) ?? 0) - (gone.get(sku) ?? 0),
          `${sku}: what is left and what was sold`,
        );
      }
      const { code, output } = await first.verify();
      assert.equal(code, 0, output);
    } finally {
      await second.close();
      await first.close();
    }
  });
});
