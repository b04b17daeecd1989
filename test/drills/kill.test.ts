/**
 * kill -9 in the middle of the load, again and again over the same data: every acknowledged order and every acknowledged
 * step of one is there, nothing is there twice, stock and counters agree. Buyers place orders; clerks place some and take
 * them through their lives.
 *
 * The blow falls at any moment; or right on an answer, when an order or a step that was acknowledged too early is not
 * yet stored; or while commits wait for another process, when nothing may be acknowledged at all.
 * `DRILL_ROUNDS` rounds, 20 unless told; `SEED=…` repeats the orders and moments, though not the kernel's.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { countOrders, countRows, holdWriteLock } from '../journeys/behind-the-service.ts';
import { withShop } from '../journeys/open-shop.ts';
import { get, jsonOf } from '../journeys/shop-client.ts';
import { openLedger, seededRandom } from './outside-ledger.ts';
import { openStepsLedger } from './steps-ledger.ts';

const rounds = Number(process.env['DRILL_ROUNDS'] || 20);
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const stock = 1_000_000;
/** From the first order to the blow. */
const loadMsMax = 300;
const lockedMs = 60;

const blows = [
  'at any moment',
  'on an answer to a buyer',
  'on an answer to a clerk',
  'while commits wait',
] as const;

describe('kill -9 under load', () => {
  it(`loses nothing in ${rounds} rounds (SEED=${seed})`, { timeout: 20_000 + rounds * 6_000 }, async () => {
    const random = seededRandom(seed);
    await withShop({ settings: { DEMO_STOCK: String(stock) } }, async (shop) => {
      const skus = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`)).products.map(
        ({ sku }: { sku: string }) => sku,
      );
      const ledger = openLedger({ skus, random });
      const made = await shop.run([
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
        const blow = blows[round % blows.length] ?? blows[0];
        const buyers = [1, 2, 8, 24][Math.floor(random() * 4)] ?? 1;
        const before = [ledger.acknowledgedCount(), steps.acknowledgedSteps()] as const;
        const kill = () => shop.service.kill('SIGKILL');
        const after = 1 + Math.floor(random() * 40 * buyers);
        if (blow === 'on an answer to a buyer') ledger.onAcknowledged(after, kill);
        if (blow === 'on an answer to a clerk') steps.onAcknowledged(after, kill);
        const buying = Array.from({ length: buyers }, () => [
          ledger.buyUntil(shop.url, () => isOver),
          steps.workUntil(shop.url, () => isOver),
        ]);
        await Promise.race([shop.service.exited, sleep(random() * loadMsMax)]);
        const lock = blow === 'while commits wait' ? holdWriteLock(shop.file) : null;
        if (lock !== null) await sleep(lockedMs);
        await shop.kill();
        lock?.release();
        isOver = true;
        await Promise.all(buying.flat());
        const [bought, stepped] = [
          ledger.acknowledgedCount() - before[0],
          steps.acknowledgedSteps() - before[1],
        ];

        // In turn, what recovers the write-ahead log is the service itself or a reader.
        if (round % 4 === 0) await assertVerifies();
        await shop.start();
        await ledger.settle(shop.url);
        await steps.settle(shop.url);
        assert.deepEqual([...ledger.otherAnswers, ...steps.otherAnswers], [], `round ${round}`);
        assert.equal(
          ledger.openCount() + steps.openCount(),
          0,
          `round ${round}: every request has its answer`,
        );
        const orders = ledger.acknowledgedCount() + steps.acknowledgedOrders();
        const taken = steps.acknowledgedSteps();
        assert.equal(countOrders(shop.file), orders, `round ${round}: each order once`);
        assert.equal(countRows(shop.file, 'order_events'), taken, `round ${round}: each step once`);
        assert.equal(countRows(shop.file, 'order_log'), orders + taken);
        assert.equal(countRows(shop.file, 'audit_log'), taken + 1, 'each step, and the API key');
        if (round % 4 === 2 || round === rounds) await assertVerifies();
        process.stdout.write(
          `round ${round}: ${bought} orders and ${stepped} steps acknowledged, ${buyers} buyers and clerks each, killed ${blow}\n`,
        );
      }
      const sold = ledger.unitsSold();
      const gone = steps.unitsGone();
      const { products } = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`));
      for (const { sku, num_in_stock } of products) {
        assert.equal(
          num_in_stock,
          stock - (sold.get(sku) ?? 0) - (gone.get(sku) ?? 0),
          `${sku}: what is left and what was sold`,
        );
      }

      async function assertVerifies(): Promise<void> {
        const { code, output } = await shop.verify();
        assert.equal(code, 0, output);
      }
    });
  });
});
