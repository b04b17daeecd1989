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
import { postgresMissing, type TestDatabase } from '../postgres/postgres-databases.ts';
import { seededRandom } from './outside-ledger.ts';
import { openShopRecord, type ShopRecord } from './shop-record.ts';

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
      const record = await openShopRecord(first, random);
      for (let round = 1; round <= rounds; round += 1) {
        const [victim, survivor] = round % 2 === 0 ? [first, second] : [second, first];
        const load = await killOneUnderLoad({ victim, survivor, record, round, random });
        // Asked again at the one that lives, on even rounds while the other is still away.
        if (round % 4 < 2) await record.settle(survivor.url);
        await victim.start();
        await record.settle(victim.url);
        record.assertAllAcknowledged(round);
        const counted = await countIn(database);
        assert.deepEqual(counted, record.rows(), `round ${round}: each order and each step once`);
        process.stdout.write(`round ${round}: ${load}\n`);
      }
      await record.assertStock(first.url, stock);
      const { code, output } = await first.verify();
      assert.equal(code, 0, output);
    } finally {
      await second.close();
      await first.close();
    }
  });
});

interface Round {
  readonly victim: Shop;
  readonly survivor: Shop;
  readonly record: ShopRecord;
  readonly round: number;
  readonly random: () => number;
}

/** @returns what was done until all requests had ended, in words */
async function killOneUnderLoad({ victim, survivor, record, round, random }: Round): Promise<string> {
  const buyers = [1, 2, 8][Math.floor(random() * 3)] ?? 1;
  const kill = () => victim.service.kill('SIGKILL');
  const after = 1 + Math.floor(random() * 40 * buyers);
  if (round % 3 === 0) record.buyers.onAcknowledged(after, kill);
  if (round % 3 === 1) record.clerks.onAcknowledged(after, kill);
  let isOver = false;
  const working = [victim, survivor].flatMap(({ url }) =>
    Array.from({ length: buyers }, () => record.workUntil(url, () => isOver)),
  );
  await Promise.race([victim.service.exited, sleep(random() * loadMsMax)]);
  await victim.kill();
  await sleep(random() * 50);
  isOver = true;
  await Promise.all(working);
  const { orders, steps } = record.acknowledgedSinceSettled();
  return `${orders} orders and ${steps} steps acknowledged, ${2 * buyers} buyers and clerks each`;
}
