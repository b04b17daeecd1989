/**
 * Rankings of states in which far more products were ordered than a ranking shows: always those that a recount
 * over all orders gives, while orders come from two instances and products are renamed, retired and brought back.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Product } from '../../src/domain/product.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { lockShop } from '../../src/storage/postgres/locks.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { spareRanks } from '../../src/storage/postgres/ranking.ts';
import { shortenAfterMs } from '../../src/storage/server/ranking-keeper.ts';
import { aProduct, aStep, aSubmission, stockUp } from '../builders.ts';
import { seededRandom } from '../drills/outside-ledger.ts';
import { until } from '../journeys/behind-the-service.ts';
import { assertVerifiesClean } from '../order-store/opened-store.ts';
import { countWaiting, openTransaction } from './open-transaction.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const states = ['TX', 'CA'] as const;

/** Thirty products, each ordered once, so that their names alone rank them; twenty and the spare ones are ranked. */
async function openTiedShop() {
  const database = await openTestDatabase();
  const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
  const letters = Array.from({ length: 30 }, (_, nth) => String.fromCodePoint(0x41 + nth));
  const named = (nth: number, name: string) => aProduct({ sku: `item-${nth}`, name });
  await stockUp(
    store,
    letters.map((letter, nth) => named(nth, letter)),
  );
  const orders = letters.map((_, nth) => aSubmission({ lines: [{ sku: `item-${nth}`, quantity: 1 }] }));
  await store.commitBatch(orders);
  const rankedSql = 'SELECT count(*)::int AS ranked_counters FROM popularity WHERE ranked_at_ms IS NOT NULL';
  await until(
    async () => (await database.query(rankedSql))[0]?.['ranked_counters'] === 20 + spareRanks,
    'twenty and the spare ones ranked',
  );
  return {
    store,
    letters,
    orderIds: orders.map(({ orderId }) => orderId),
    query: database.query,
    async save(...products: readonly (readonly [nth: number, name: string, active?: boolean])[]) {
      const catalogued = products.map(([nth, name, active = true]) => {
        const { onHand: _, ...product } = named(nth, name);
        return { ...product, active };
      });
      await store.saveProducts(catalogued);
    },
    top: async () => (await store.topProducts('TX', 20)).map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

describe('rankings on PostgreSQL with many products', { skip: missing ?? false }, () => {
  test(`are those of a recount (SEED=${seed})`, { timeout: 120_000 }, async () => {
    const random = seededRandom(seed);
    const below = (bound: number) => Math.floor(random() * bound);
    await using database = await openTestDatabase();
    const open = () => openPostgresStore({ location: locationOf(database.url), settings: testSettings });
    const stores = [await open(), await open()] as const;
    const model = createMemoryStore();
    try {
      // Few names, so that ties go down to the SKU.
      const product = (nth: number, name = below(6)): Product =>
        aProduct({ sku: `item-${nth}`, name: `name ${name}`, onHand: 1_000_000 });
      const products = Array.from({ length: 60 }, (_, nth) => product(nth));
      await stockUp(stores[0], products);
      await stockUp(model, products);
      const placed: string[] = [];
      for (let round = 0; round < 120; round += 1) {
        // Each product by itself now and then, so that unranked counters come up against ranked ones.
        // What is changed is not ordered in the same moment: which comes first would decide whether it can be.
        const changes = round % 5 === 0 ? 1 + below(2 * spareRanks) : 0;
        const changed = Array.from({ length: changes }, () => {
          const { onHand: _, ...catalogued } = product(below(60));
          return { ...catalogued, active: below(3) > 0 };
        });
        const isOrdered = (sku: string) => changed.every((one) => one.sku !== sku);
        const batch = Array.from({ length: 1 + below(12) }, () =>
          aSubmission({
            state: states[below(2)] ?? 'TX',
            lines: [{ sku: `item-${below(60)}`, quantity: 1 + below(2) }],
          }),
        ).filter(({ lines }) => lines.every(({ sku }) => isOrdered(sku)));
        const cancelled = Array.from({ length: below(4) }, () =>
          placed.splice(below(placed.length), 1),
        ).flat();
        const steps = cancelled.map((orderId) => aStep({ orderId, step: { name: 'cancel', reason: null } }));
        placed.push(...batch.map(({ orderId }) => orderId));
        await Promise.all([
          stores[round % 2 === 0 ? 0 : 1].commitBatch([...batch, ...steps]),
          stores[0].saveProducts(changed),
        ]);
        await model.commitBatch([...batch, ...steps]);
        await model.saveProducts(changed);
        if (round % 20 === 19) await sleep(2 * shortenAfterMs);
        for (const state of states) {
          for (const limit of [3, 20]) {
            assert.deepEqual(
              await stores[1].topProducts(state, limit),
              await model.topProducts(state, limit),
            );
          }
        }
      }
      await sleep(2 * shortenAfterMs);
      const ranked = await database.query(
        'SELECT count(*)::int AS ranked_counters FROM popularity WHERE ranked_at_ms IS NOT NULL GROUP BY state',
      );
      for (const { ranked_counters: count } of ranked)
        assert.ok(Number(count) <= 20 + spareRanks, `${count} ranked of 20 products`);
      await assertVerifiesClean(stores[0]);
    } finally {
      for (const store of stores) await store.close();
    }
  });

  test('settle ties anew when a product is renamed, also with those that were not ranked', async () => {
    await using shop = await openTiedShop();
    const { letters, save, top } = shop;
    assert.deepEqual(await top(), letters.slice(0, 20));
    await save([29, '1']);
    assert.deepEqual(await top(), ['1', ...letters.slice(0, 19)]);
    await save([29, 'zz']);
    assert.deepEqual(await top(), letters.slice(0, 20));
    await save([0, 'zzz']);
    assert.deepEqual(await top(), letters.slice(1, 21));
    await assertVerifiesClean(shop.store);
  });

  test('take in those that move up when more products are retired or renamed at once than are to spare', async () => {
    const changes = {
      retired: (nth: number, letter: string) => [nth, letter, false] as const,
      renamed: (nth: number) => [nth, `zz ${nth}`, true] as const,
    };
    for (const change of Object.values(changes)) {
      await using shop = await openTiedShop();
      const { letters, save, top } = shop;
      const changed = letters.slice(0, 2 * spareRanks).map((letter, nth) => change(nth, letter));
      await save(...changed);
      assert.deepEqual(await top(), letters.slice(2 * spareRanks, 20 + 2 * spareRanks));
      await assertVerifiesClean(shop.store);
    }
  });

  test('take in those that move up when one batch cancels more than are to spare, and the audit log has each', async () => {
    await using shop = await openTiedShop();
    const { store, letters, orderIds } = shop;
    const cancelled = orderIds.slice(0, 2 * spareRanks);
    await store.commitBatch(
      cancelled.map((orderId) => aStep({ orderId, step: { name: 'cancel', reason: null } })),
    );
    assert.deepEqual(await shop.top(), letters.slice(2 * spareRanks, 20 + 2 * spareRanks));
    const audited = (await store.access.readAudit(null, 100)).filter(
      ({ action }) => action === 'order.cancel',
    );
    assert.deepEqual(
      audited.map(({ subject }) => subject).toReversed(),
      cancelled.map((orderId) => `order:${orderId}`),
    );
    await assertVerifiesClean(store);
  });

  test('stay whole when an order is committed while it is looked for what moves up', async () => {
    await using database = await openTestDatabase();
    const open = () => openPostgresStore({ location: locationOf(database.url), settings: testSettings });
    const [selling, changing] = [await open(), await open()];
    try {
      const products = Array.from({ length: 40 }, (_, nth) => aProduct({ sku: `item-${nth}` }));
      await stockUp(selling, products);
      const order = (nth: number, quantity: number) =>
        aSubmission({ lines: [{ sku: `item-${nth}`, quantity }] });
      await selling.commitBatch(products.map((_, nth) => order(nth, 100 - nth)));
      await selling.commitBatch(products.slice(0, 20).map((_, nth) => order(nth, 100 - nth)));
      await sleep(2 * shortenAfterMs);
      const top = async () => (await changing.topProducts('TX', 20)).map(({ sku }) => sku);
      const skus = products.map(({ sku }) => sku);
      assert.deepEqual(await top(), skus.slice(0, 20));

      // The order waits for the shop's lock before the change does, and is not seen by the search that came first.
      await using holder = await openTransaction(database.url, lockShop.text);
      const waiting = () => countWaiting(database, { kinds: ['advisory'] });
      const sold = selling.commitBatch([order(35, 1)]);
      await until(async () => (await waiting()) === 1, 'the lock that the order waits for');
      const { onHand: _, ...first } = products[0] ?? assert.fail();
      const retired = changing.saveProducts([{ ...first, active: false }]);
      await until(async () => (await waiting()) === 2, 'the lock that the change waits for');
      await holder.commit();
      await Promise.all([sold, retired]);
      assert.deepEqual(await top(), [...skus.slice(1, 20), 'item-35']);
      await assertVerifiesClean(changing);
    } finally {
      await selling.close();
      await changing.close();
    }
  });

  test('are read by way of the few that are ranked, however many products there are', async () => {
    await using database = await openTestDatabase();
    await database.query(`
      INSERT INTO products SELECT 'item-' || i, 'Item ' || i, '', '', 1, '', true FROM generate_series(1, 20000) i;
      INSERT INTO popularity SELECT 'TX', 'item-' || i, 'Item ' || i, i, i, CASE WHEN i > 19980 THEN 0 END
        FROM generate_series(1, 20000) i`);
    const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
    try {
      assert.deepEqual(
        (await store.topProducts('TX', 3)).map(({ sku }) => sku),
        ['item-20000', 'item-19999', 'item-19998'],
      );
    } finally {
      await store.close();
    }
    await database.query('SELECT pg_stat_force_next_flush()');
    const [counted] = await database.query(
      `SELECT idx_tup_fetch::int + seq_tup_read::int AS rows_read FROM pg_stat_user_tables WHERE relname = 'popularity'`,
    );
    assert.ok(
      Number(counted?.['rows_read']) <= 40,
      `${counted?.['rows_read']} counters read for three products`,
    );
  });

  test('verify misses none that belongs among the best, wherever it stands there', async () => {
    await using shop = await openTiedShop();
    await assertVerifiesClean(shop.store);
    for (const rank of [1, 2, 19, 20]) {
      const sku = `item-${rank - 1}`;
      await shop.query(`UPDATE popularity SET ranked_at_ms = NULL WHERE sku = '${sku}'`);
      const { findings } = await shop.store.verify();
      assert.deepEqual(findings, [
        { check: 'ranking', subject: `TX ${sku}`, expected: `rank ${rank}`, found: 'not ranked' },
      ]);
      await shop.query(`UPDATE popularity SET ranked_at_ms = 0 WHERE sku = '${sku}'`);
    }
    await shop.query("UPDATE popularity SET ranked_at_ms = NULL WHERE sku = 'item-20'");
    await assertVerifiesClean(shop.store);
  });
});
