import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aProduct, aSubmission, keyed, orderIdOf } from '../../test/builders.ts';
import { ordersOf, play, type ShopWorld, worldWith } from '../../test/shop-world.ts';
import { decideBatch } from './decide-batch.ts';
import { centsMax } from './money.ts';
import type { Submission } from './submission.ts';

/** Small pools, so that orders race for stock, keys collide and submissions come twice. */
const shop: fc.Arbitrary<ShopWorld> = fc
  .tuple(fc.nat({ max: 12 }), fc.nat({ max: 12 }), fc.nat({ max: 3 }))
  .map(([tents, mugs, lamps]) =>
    worldWith(
      aProduct({ sku: 'tent', onHand: tents, priceCents: 19_999 }),
      aProduct({ sku: 'mug', onHand: mugs, priceCents: 1_250 }),
      aProduct({ sku: 'lamp', onHand: lamps, priceCents: 0 }),
      aProduct({ sku: 'jewel', onHand: 5, priceCents: centsMax }),
      aProduct({ sku: 'retired', onHand: 5, active: false }),
    ),
  );

const line = fc.record(
  {
    sku: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('tent', 'mug', 'lamp') },
      { weight: 1, arbitrary: fc.constantFrom('jewel', 'retired', 'ghost') },
    ),
    quantity: fc.integer({ min: 1, max: 4 }),
  },
  { noNullPrototype: true },
);

const submission: fc.Arbitrary<Submission> = fc
  .record({
    serial: fc.nat({ max: 40 }),
    customerName: fc.constantFrom('Ada', 'Grace'),
    state: fc.constantFrom('TX' as const, 'CA' as const, 'PR' as const),
    lines: fc.array(line, { minLength: 1, maxLength: 3 }),
    key: fc.option(fc.constantFrom('k1', 'k2', 'k3')),
    scope: fc.constantFrom('ann', 'bob'),
  })
  .map(({ serial, key, scope, ...given }) => {
    const orderId = orderIdOf(serial);
    const asked = aSubmission({ ...given, orderId, placedAtMs: 1_000 + serial });
    return key === null ? asked : keyed(key, asked, scope);
  });

const submissions = fc.array(submission, { maxLength: 24 });

/** The submissions in the same order, cut into batches anywhere. */
const batches = submissions.chain((all) =>
  fc.array(fc.boolean(), { minLength: all.length, maxLength: all.length }).map((cuts) => {
    const cut: Submission[][] = [[]];
    for (const [index, each] of all.entries()) {
      if (cuts[index]) cut.push([]);
      cut.at(-1)?.push(each);
    }
    return { all, cut };
  }),
);

const runs = { numRuns: 300 };

describe('whatever is handed in', () => {
  test('a batch has the same result as its submissions one by one, or cut anywhere', () => {
    fc.assert(
      fc.property(shop, batches, (before, { all, cut }) => {
        const inOneBatch = play(before, [all]);
        const oneByOne = play(
          before,
          all.map((each) => [each]),
        );
        assert.deepEqual(inOneBatch, oneByOne);
        assert.deepEqual(play(before, cut), oneByOne);
      }),
      runs,
    );
  });

  test('stock never goes below zero, and what left it is what the orders hold', () => {
    fc.assert(
      fc.property(shop, batches, (before, { cut }) => {
        const { world } = play(before, cut);
        for (const [sku, { onHand }] of before.products) {
          const left = world.products.get(sku)?.onHand ?? Number.NaN;
          const sold = ordersOf(world)
            .flatMap(({ lines }) => lines)
            .filter((each) => each.sku === sku)
            .reduce((sum, { quantity }) => sum + quantity, 0);
          assert.ok(left >= 0, `${sku}: ${left}`);
          assert.equal(left, onHand - sold);
        }
      }),
      runs,
    );
  });

  test('one batch takes no more than the snapshot had', () => {
    fc.assert(
      fc.property(shop, submissions, (before, all) => {
        for (const [sku, units] of decideBatch(before, all).writeSet.stockTaken) {
          assert.ok(units > 0 && units <= (before.products.get(sku)?.onHand ?? 0), `${units} of ${sku}`);
        }
      }),
      runs,
    );
  });

  test('an order is refused for stock only when a line wants more than is left, and each such line is named', () => {
    fc.assert(
      fc.property(shop, submissions, (before, all) => {
        let world = before;
        for (const each of all) {
          const { world: after, outcomes } = play(world, [[each]]);
          const [outcome] = outcomes;
          const left = (sku: string) => world.products.get(sku)?.onHand ?? 0;
          const short = each.lines.filter(({ sku, quantity }) => quantity > left(sku));
          if (outcome?.kind === 'placed') assert.deepEqual(short, []);
          if (outcome?.kind === 'out_of_stock') {
            assert.ok(short.length > 0);
            assert.deepEqual(
              outcome.shortages.map(({ sku, requested, available }) => ({ sku, requested, available })),
              short.map(({ sku, quantity }) => ({ sku, requested: quantity, available: left(sku) })),
            );
          }
          world = after;
        }
      }),
      runs,
    );
  });

  test('the counters are what a recount of the orders gives', () => {
    fc.assert(
      fc.property(shop, batches, (before, { cut }) => {
        const { world } = play(before, cut);
        const recounted = new Map<string, { orders: number; units: number }>();
        for (const { state, lines } of ordersOf(world)) {
          for (const { sku, quantity } of lines) {
            const { orders, units } = recounted.get(`${state} ${sku}`) ?? { orders: 0, units: 0 };
            recounted.set(`${state} ${sku}`, { orders: orders + 1, units: units + quantity });
          }
        }
        const counted = Array.from(world.popularity, ([id, { orders, units }]) => [id, { orders, units }]);
        assert.deepEqual(new Map(counted as [string, { orders: number; units: number }][]), recounted);
      }),
      runs,
    );
  });

  test('numbers are consecutive, log entries follow them, and totals add up', () => {
    fc.assert(
      fc.property(shop, batches, (before, { cut }) => {
        const { world, outcomes } = play(before, cut);
        const orders = ordersOf(world);
        assert.deepEqual(
          orders.map(({ number }) => number),
          orders.map((_, index) => before.orderNumberNext + index),
        );
        assert.deepEqual(
          world.log,
          orders.map(({ orderId, number, placedAtMs }) => ({
            orderId,
            orderNumber: number,
            revision: 1,
            type: 'order_placed',
            atMs: placedAtMs,
          })),
        );
        assert.equal(outcomes.filter(({ kind }) => kind === 'placed').length, orders.length);
        for (const { lines, totalCents } of orders) {
          for (const { quantity, unitPriceCents, lineTotalCents } of lines) {
            assert.equal(BigInt(lineTotalCents), BigInt(quantity) * BigInt(unitPriceCents));
          }
          assert.equal(
            BigInt(totalCents),
            lines.reduce((sum, { lineTotalCents }) => sum + BigInt(lineTotalCents), 0n),
          );
        }
      }),
      runs,
    );
  });

  test('handing everything in a second time places no order that was placed, and changes no order', () => {
    fc.assert(
      fc.property(shop, submissions, (before, all) => {
        const once = play(before, [all]);
        const twice = play(once.world, [all]);
        for (const [index, outcome] of once.outcomes.entries()) {
          if (outcome.kind !== 'placed') continue;
          assert.deepEqual(twice.outcomes[index], { kind: 'replayed', order: outcome.order });
        }
        assert.deepEqual(ordersOf(twice.world).slice(0, ordersOf(once.world).length), ordersOf(once.world));
      }),
      runs,
    );
  });

  test('a key makes at most one order, and only the order of its own payload answers to it', () => {
    fc.assert(
      fc.property(shop, submissions, (before, all) => {
        const { world, outcomes } = play(before, [all]);
        for (const [index, { idempotency, orderId }] of all.entries()) {
          const outcome = outcomes[index];
          if (idempotency === null || outcome === undefined || !('order' in outcome)) continue;
          const made = world.ordersByKey.get(`${idempotency.scope} ${idempotency.key}`);
          const byKey = made?.order === outcome.order && made.fingerprint === idempotency.fingerprint;
          assert.ok(byKey || outcome.order.orderId === orderId);
          if (outcome.kind === 'placed') assert.ok(byKey);
        }
      }),
      runs,
    );
  });

  test('the snapshot and the submissions are not changed', () => {
    fc.assert(
      fc.property(shop, submissions, (before, all) => {
        const snapshotCopy = structuredClone(before);
        const submissionsCopy = structuredClone(all);
        decideBatch(before, all);
        assert.deepEqual(before, snapshotCopy);
        assert.deepEqual(all, submissionsCopy);
      }),
      { numRuns: 100 },
    );
  });

  test('nothing is written when nothing is placed', () => {
    fc.assert(
      fc.property(shop, submissions, (before, all) => {
        const { outcomes, writeSet } = decideBatch(before, all);
        const placed = outcomes.filter(({ kind }) => kind === 'placed').length;
        assert.equal(writeSet.orders.length, placed);
        assert.equal(writeSet.log.length, placed);
        assert.ok(writeSet.keys.length <= placed);
        assert.equal(writeSet.stockTaken.size > 0, placed > 0);
        assert.equal(writeSet.popularityAdded.length > 0, placed > 0);
      }),
      runs,
    );
  });
});
