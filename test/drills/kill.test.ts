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
import { type Shop, withShop } from '../journeys/open-shop.ts';
import { seededRandom } from './outside-ledger.ts';
import { openShopRecord, type ShopRecord } from './shop-record.ts';

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
      const record = await openShopRecord(shop, random);
      for (let round = 1; round <= rounds; round += 1) {
        const load = await killUnderLoad(shop, record, round, random);
        // In turn, the service itself or a reader recovers the write-ahead log.
        if (round % 4 === 0) await assertVerifies(shop);
        await shop.start();
        await record.settle(shop.url);
        record.assertAllAcknowledged(round);
        assert.deepEqual(countedIn(shop), record.rows(), `round ${round}: each order and each step once`);
        if (round % 4 === 2 || round === rounds) await assertVerifies(shop);
        process.stdout.write(`round ${round}: ${load}\n`);
      }
      await record.assertStock(shop.url, stock);
    });
  });
});

/** @returns what was done until the service was dead, in words */
async function killUnderLoad(
  shop: Shop,
  record: ShopRecord,
  round: number,
  random: () => number,
): Promise<string> {
  const blow = blows[round % blows.length] ?? blows[0];
  const buyers = [1, 2, 8, 24][Math.floor(random() * 4)] ?? 1;
  const kill = () => shop.service.kill('SIGKILL');
  const after = 1 + Math.floor(random() * 40 * buyers);
  if (blow === 'on an answer to a buyer') record.buyers.onAcknowledged(after, kill);
  if (blow === 'on an answer to a clerk') record.clerks.onAcknowledged(after, kill);
  let isOver = false;
  const working = Array.from({ length: buyers }, () => record.workUntil(shop.url, () => isOver));
  await Promise.race([shop.service.exited, sleep(random() * loadMsMax)]);
  const lock = blow === 'while commits wait' ? holdWriteLock(shop.file) : null;
  if (lock !== null) await sleep(lockedMs);
  await shop.kill();
  lock?.release();
  isOver = true;
  await Promise.all(working);
  const { orders, steps } = record.acknowledgedSinceSettled();
  return `${orders} orders and ${steps} steps acknowledged, ${buyers} buyers and clerks each, killed ${blow}`;
}

function countedIn({ file }: Shop) {
  return {
    orders: countOrders(file),
    events: countRows(file, 'order_events'),
    log: countRows(file, 'order_log'),
    audit: countRows(file, 'audit_log'),
  };
}

async function assertVerifies(shop: Shop): Promise<void> {
  const { code, output } = await shop.verify();
  assert.equal(code, 0, output);
}
