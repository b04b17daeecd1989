/**
 * Batches that overlap, of one instance and of several: what one process alone gets by handing in a batch at
 * a time must hold all the same. `RUNS=…` races, 50 unless told, each with a seed of its own: what fails says which
 * `SEED=…` begins with that one.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { Submission } from '../../src/domain/submission.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aProduct, aRetryOf, aSubmission, keyed, stockUp } from '../builders.ts';
import { seededRandom } from '../drills/outside-ledger.ts';
import { onHandOf, readWholeLog } from '../order-store/opened-store.ts';
import { postgresMissing } from './postgres-databases.ts';
import { withInstances } from './several-instances.ts';

const missing = await postgresMissing();
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const numRuns = Number(process.env['RUNS'] || 50);

/** Longer than a commit takes, so that some come while another is being committed. */
const retryWithinMs = 30;

function placedOf(outcomes: readonly Outcome[]) {
  return outcomes.flatMap((outcome) => (outcome.kind === 'placed' ? [outcome.order] : []));
}

const anyOf = <Item>(items: readonly Item[], random: () => number): Item => {
  const item = items[Math.floor(random() * items.length)];
  assert.ok(item !== undefined);
  return item;
};

describe('overlapping batches on PostgreSQL', { skip: missing ?? false }, () => {
  for (const instances of [1, 2, 4]) {
    test(`${instances} of them sell the last units once (SEED=${seed} RUNS=${numRuns})`, {
      timeout: 300_000,
    }, async () => {
      await withInstances(instances, async (stores) => {
        const [first] = stores;
        assert.ok(first);
        for (let run = 0; run < numRuns; run += 1) {
          const random = seededRandom(seed + run);
          const which = `SEED=${seed + run} RUNS=1 begins with this race`;
          const stock = 1 + Math.floor(random() * 20);
          const [hot, cold] = [`hot-${run}`, `cold-${run}`];
          await stockUp(first, [aProduct({ sku: hot, onHand: stock }), aProduct({ sku: cold })]);
          // Some ask for both, in either order: locks in that order would deadlock.
          const wish = (quantity: number): Submission => {
            const lines = [{ sku: hot, quantity }, ...(random() < 0.5 ? [{ sku: cold, quantity: 1 }] : [])];
            return aSubmission({ lines: random() < 0.5 ? lines : lines.toReversed() });
          };
          const batches = Array.from({ length: 12 }, () =>
            Array.from({ length: 1 + Math.floor(random() * 6) }, () => wish(1 + Math.floor(random() * 3))),
          );
          const answers = await Promise.all([
            ...batches.map((batch) => anyOf(stores, random).commitBatch(batch)),
          ]);
          // Buyers of one unit come last, so that nothing is left over.
          const rest = await anyOf(stores, random).commitBatch(Array.from({ length: stock }, () => wish(1)));
          const sold = placedOf([...answers.flat(), ...rest]).flatMap(({ lines }) => lines);
          const unitsSold = sold
            .filter(({ sku }) => sku === hot)
            .reduce((sum, line) => sum + line.quantity, 0);
          assert.equal(unitsSold, stock, which);
          assert.equal(await onHandOf(first, hot), 0, which);
        }
      });
    });
  }

  test('of several instances never share a number, and the log has each order once', () =>
    withInstances(3, async (stores) => {
      const [first] = stores;
      assert.ok(first);
      await stockUp(first, [aProduct({ sku: 'a' }), aProduct({ sku: 'b' }), aProduct({ sku: 'c' })]);
      const batchOf = (sku: string) =>
        Array.from({ length: 7 }, () => aSubmission({ lines: [{ sku, quantity: 1 }] }));
      const outcomes = await Promise.all(
        stores.flatMap((store) => ['a', 'b', 'c', 'a'].map((sku) => store.commitBatch(batchOf(sku)))),
      );
      const orders = placedOf(outcomes.flat());
      assert.equal(orders.length, 84);
      assert.equal(new Set(orders.map(({ number }) => number)).size, 84);
      const log = await readWholeLog(first);
      assert.deepEqual(
        log.map(({ position }) => position),
        orders.map((_, index) => index + 1),
      );
      assert.deepEqual(
        new Set(log.map(({ orderId, orderNumber }) => `${orderId} ${orderNumber}`)),
        new Set(orders.map(({ orderId, number }) => `${orderId} ${number}`)),
      );
    }));

  test('with one key make one order, whoever of them is asked', () =>
    withInstances(3, async (stores) => {
      const [first] = stores;
      assert.ok(first);
      // Products of their own, so that no stock row keeps the batches apart.
      const skus = stores.map((_, index) => `item-${index}`);
      await stockUp(
        first,
        skus.map((sku) => aProduct({ sku })),
      );
      for (let round = 0; round < 20; round += 1) {
        const key = `key-${round}`;
        const other = `other-${round}`;
        const outcomes = await Promise.all(
          stores.map((store, index) => {
            const sku = skus[index] ?? '';
            const mine = keyed(key, aSubmission({ lines: [{ sku, quantity: 1 }] }));
            const second = keyed(other, aSubmission({ lines: [{ sku, quantity: 1 }] }));
            // In either order: two that insert keys crosswise would wait for each other.
            return store.commitBatch(index % 2 === 0 ? [mine, second] : [second, mine]);
          }),
        );
        assert.equal(placedOf(outcomes.flat()).length, 2);
        // They ask for other products under one key: all but one learn that it is taken.
        assert.equal(outcomes.flat().filter(({ kind }) => kind === 'conflict').length, 4);
      }
    }));

  test('with one key and one payload all get the one order', () =>
    withInstances(3, async (stores) => {
      const [first] = stores;
      assert.ok(first);
      await stockUp(first, [aProduct()]);
      for (let round = 0; round < 20; round += 1) {
        const wish = keyed(`key-${round}`, aSubmission());
        const outcomes = await Promise.all(stores.map((store) => store.commitBatch([aRetryOf(wish)])));
        const orders = outcomes.flat().flatMap((outcome) => ('order' in outcome ? [outcome.order] : []));
        assert.equal(orders.length, 3);
        for (const order of orders) assert.deepEqual(order, orders[0]);
        assert.equal(placedOf(outcomes.flat()).length, 1);
      }
    }));
});

describe('a retry that overtakes its answer on PostgreSQL', { skip: missing ?? false }, () => {
  test(`gets the order that took the last unit, never a refusal (SEED=${seed})`, { timeout: 120_000 }, () =>
    withInstances(3, async (stores) => {
      const [first] = stores;
      assert.ok(first);
      const random = seededRandom(seed);
      for (let round = 0; round < numRuns; round += 1) {
        const sku = `last-${round}`;
        await stockUp(first, [aProduct({ sku, onHand: 1 })]);
        const wish = keyed(`key-${round}`, aSubmission({ lines: [{ sku, quantity: 1 }] }));
        const outcomes = await Promise.all(
          [...stores, ...stores].map(async (store) => {
            await sleep(random() * retryWithinMs);
            return store.commitBatch([aRetryOf(wish)]);
          }),
        );
        const orders = outcomes.flat().flatMap((outcome) => ('order' in outcome ? [outcome.order] : []));
        assert.equal(orders.length, outcomes.length, `${outcomes.flat().map(({ kind }) => kind)}`);
        for (const order of orders) assert.deepEqual(order, orders[0]);
      }
    }),
  );
});

describe('the order log on PostgreSQL, read while several instances write', {
  skip: missing ?? false,
}, () => {
  test('never shows a position before a lower one, and misses none', { timeout: 120_000 }, () =>
    withInstances(3, async (stores) => {
      const [first] = stores;
      assert.ok(first);
      const skus = ['a', 'b', 'c', 'd', 'e', 'f'];
      await stockUp(
        first,
        skus.map((sku) => aProduct({ sku, onHand: 100_000 })),
      );
      let isWriting = true;
      const write = async (store: OrderStore, nth: number) => {
        const random = seededRandom(seed + nth);
        for (let i = 0; i < 60; i += 1) {
          const sku = anyOf(skus, random);
          const size = 1 + Math.floor(random() * 20);
          await store.commitBatch(
            Array.from({ length: size }, () => aSubmission({ lines: [{ sku, quantity: 1 }] })),
          );
        }
      };
      const follow = async (store: OrderStore) => {
        let seen = 0;
        for (let more = true; more; ) {
          more = isWriting;
          for (const { position } of await store.readOrderLog(seen, 1_000)) {
            assert.equal(position, seen + 1);
            seen = position;
            more = true;
          }
        }
        return seen;
      };
      const following = Promise.all(stores.map(follow));
      await Promise.all([...stores, ...stores].map(write));
      isWriting = false;
      const ends = await following;
      const [last] = await first.readOrderLog((ends[0] ?? 0) - 1, 10);
      assert.equal(last?.position, ends[0]);
      assert.deepEqual(
        ends,
        ends.map(() => ends[0]),
      );
    }),
  );
});
