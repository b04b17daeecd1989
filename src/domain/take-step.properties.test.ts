import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aProduct, aStep, aSubmission, keyed, keyedStep, orderIdOf } from '../../test/builders.ts';
import { ordersOf, play, type ShopWorld, worldWith } from '../../test/shop-world.ts';
import type { Command } from './decide-batch.ts';
import { orderAt } from './order-event.ts';
import { unitsKept, unitsToShip } from './order-lifecycle.ts';
import type { Step } from './order-step.ts';

/** Few orders, so that they go far; few units, so that they race for stock. */
const skus = ['tent', 'mug'] as const;
const serialMax = 5;

const shop: fc.Arbitrary<ShopWorld> = fc
  .tuple(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 12 }))
  .map(([tents, mugs]) =>
    worldWith(aProduct({ sku: 'tent', onHand: tents }), aProduct({ sku: 'mug', onHand: mugs })),
  );

const line = fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 4 }) });
const units = fc.uniqueArray(line, { minLength: 1, maxLength: 2, selector: ({ sku }) => sku });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ name: 'pack' }) },
  { weight: 2, arbitrary: fc.constant<Step>({ name: 'cancel', reason: 'late' }) },
  {
    weight: 4,
    arbitrary: fc
      .option(units)
      .map(
        (lines): Step => ({ name: 'ship', lines, carrier: 'Fleet', trackingNumber: 'T', trackingUrl: null }),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 3 }).map((shipment): Step => ({ name: 'deliver', shipment })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(units, fc.boolean())
      .map(([lines, restock]): Step => ({ name: 'return', lines, restock, reason: null })),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ name: 'erase' }) },
);

const command: fc.Arbitrary<Command> = fc
  .record({
    serial: fc.nat({ max: serialMax }),
    event: fc.nat({ max: 2_000 }),
    asked: fc.oneof(
      {
        weight: 1,
        arbitrary: fc.record({ lines: units, state: fc.constantFrom('TX' as const, 'CA' as const) }),
      },
      { weight: 4, arbitrary: step },
    ),
    expectedRevisions: fc.option(fc.constantFrom([1], [2, 3]), { freq: 6 }),
    key: fc.option(fc.constantFrom('k1', 'k2'), { freq: 5 }),
  })
  .map(({ serial, event, asked, expectedRevisions, key }) => {
    const orderId = orderIdOf(serial);
    if (!('name' in asked)) {
      const submission = aSubmission({ ...asked, orderId, placedAtMs: serial });
      return key === null ? submission : keyed(key, submission);
    }
    const eventId = orderIdOf(10_000 + event);
    const one = aStep({ orderId, eventId, step: asked, atMs: event, expectedRevisions });
    return key === null ? one : keyedStep(key, one);
  });

const commands = fc.array(command, { size: 'max', maxLength: 40 });
const cut = commands.chain((all) =>
  fc.array(fc.boolean(), { minLength: all.length, maxLength: all.length }).map((cuts) => {
    const batches: Command[][] = [[]];
    for (const [index, each] of all.entries()) {
      if (cuts[index]) batches.push([]);
      batches.at(-1)?.push(each);
    }
    return { all, batches };
  }),
);

const runs = { numRuns: 500 };

describe('whatever is done to orders', () => {
  test('a batch has the same result as its commands one by one, or cut anywhere', () => {
    fc.assert(
      fc.property(shop, cut, (before, { all, batches }) => {
        const oneByOne = play(
          before,
          all.map((each) => [each]),
        );
        assert.deepEqual(play(before, [all]), oneByOne);
        assert.deepEqual(play(before, batches), oneByOne);
      }),
      runs,
    );
  });

  test('stock is what was there, less what was sold, with what was put back; never below zero', () => {
    fc.assert(
      fc.property(shop, cut, (before, { batches }) => {
        const { world } = play(before, batches);
        for (const sku of skus) {
          const unitsOf = (lines: readonly { readonly sku: string; readonly quantity: number }[]) =>
            lines.reduce((sum, each) => sum + (each.sku === sku ? each.quantity : 0), 0);
          let expected = before.products.get(sku)?.onHand ?? 0;
          for (const order of ordersOf(world)) {
            if (order.status !== 'cancelled') expected -= unitsOf(order.lines);
            for (const { lines, restock } of order.returns) if (restock) expected += unitsOf(lines);
          }
          assert.ok(expected >= 0);
          assert.equal(world.products.get(sku)?.onHand, expected);
        }
      }),
      runs,
    );
  });

  test('the counters are what a recount of the units kept gives', () => {
    fc.assert(
      fc.property(shop, cut, (before, { batches }) => {
        const { world } = play(before, batches);
        const recounted = new Map<string, { orders: number; units: number }>();
        for (const order of ordersOf(world)) {
          for (const { sku, quantity } of unitsKept(order)) {
            const counter = recounted.get(`${order.state} ${sku}`) ?? { orders: 0, units: 0 };
            recounted.set(`${order.state} ${sku}`, {
              orders: counter.orders + 1,
              units: counter.units + quantity,
            });
          }
        }
        const kept = new Map(
          Array.from(world.popularity, ([id, { orders, units }]) => [id, { orders, units }]),
        );
        assert.deepEqual(kept, recounted);
      }),
      runs,
    );
  });

  test('cancelling every order, or returning all of it, restores stock and counters exactly', () => {
    fc.assert(
      fc.property(shop, cut, fc.boolean(), (before, { all }, isCancelled) => {
        const placed = play(before, [all.filter((each) => !('step' in each))]).world;
        const steps: readonly Command[] = ordersOf(placed).flatMap(({ orderId, lines }) => {
          const of = (one: Step) => aStep({ orderId, step: one });
          if (isCancelled) return [of({ name: 'cancel', reason: null })];
          const ship: Step = {
            name: 'ship',
            lines: null,
            carrier: 'F',
            trackingNumber: null,
            trackingUrl: null,
          };
          const back = lines.map(({ sku, quantity }) => ({ sku, quantity }));
          return [
            of({ name: 'pack' }),
            of(ship),
            of({ name: 'return', lines: back, restock: true, reason: null }),
          ];
        });
        const { world, outcomes } = play(placed, [steps]);
        assert.ok(outcomes.every(({ kind }) => kind === 'stepped'));
        assert.deepEqual(world.products, before.products);
        assert.equal(world.popularity.size, 0);
      }),
      runs,
    );
  });

  test('the status follows from the last step, and from the units that are left', () => {
    fc.assert(
      fc.property(shop, cut, (before, { batches }) => {
        for (const history of play(before, batches).world.ordersById.values()) {
          for (const { type, revision, data, atMs } of history.events) {
            const [earlier, order] = [orderAt(history, revision - 1), orderAt(history, revision)];
            const { shipments, returns } = order;
            assert.equal(order.revision, revision);
            assert.equal(shipments.length - earlier.shipments.length, type === 'order_shipped' ? 1 : 0);
            assert.equal(returns.length - earlier.returns.length, type === 'order_returned' ? 1 : 0);
            if (type === 'order_delivered') assert.equal(shipments[data.shipment - 1]?.deliveredAtMs, atMs);
            const haveArrived =
              shipments.every(({ deliveredAtMs }) => deliveredAtMs !== null) &&
              unitsToShip(order).length === 0;
            const expected = {
              order_packed: 'packed',
              order_cancelled: 'cancelled',
              order_shipped: 'shipped',
              order_delivered: haveArrived ? 'delivered' : earlier.status,
              order_returned: unitsKept(order).length === 0 ? 'returned' : earlier.status,
              order_erased: earlier.status,
            } as const;
            assert.equal(order.status, expected[type]);
          }
        }
      }),
      runs,
    );
  });

  test('no order ships or returns more than it holds, revisions count its events, and each is in the log once', () => {
    fc.assert(
      fc.property(shop, cut, (before, { batches }) => {
        const { world } = play(before, batches);
        for (const history of world.ordersById.values()) {
          const order = orderAt(history);
          assert.deepEqual(
            history.events.map(({ revision }) => revision),
            history.events.map((_, index) => index + 2),
          );
          for (const { sku, quantity } of order.lines) {
            const sum = (
              parts: readonly {
                readonly lines: typeof order.lines | readonly { sku: string; quantity: number }[];
              }[],
            ) =>
              parts
                .flatMap(({ lines }) => lines)
                .reduce((all, each) => all + (each.sku === sku ? each.quantity : 0), 0);
            assert.ok(sum(order.returns) <= sum(order.shipments) && sum(order.shipments) <= quantity);
          }
        }
        const logged = world.log.map(({ orderId, revision }) => `${orderId} ${revision}`);
        assert.equal(new Set(logged).size, logged.length);
        const revisions = Array.from(world.ordersById.values(), ({ events }) => 1 + events.length);
        assert.equal(
          logged.length,
          revisions.reduce((sum, count) => sum + count, 0),
        );
      }),
      runs,
    );
  });
});
