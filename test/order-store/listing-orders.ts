import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  askedTexts,
  costlyWalkedMax,
  everyOrder,
  type OrderFilter,
  ordersWalkedMax,
} from '../../src/domain/order-filter.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aProduct, aStep, aSubmission, testEpochMs } from '../builders.ts';
import { type OpenStore, place, withStore } from './opened-store.ts';

const tent = aProduct({ sku: 'tent-4p', onHand: 100_000 });
const mug = aProduct({ sku: 'mug', onHand: 100 });

/** More than any list here has: an engine whose pages go round in circles must fail, not hang. */
const pagesMax = 100;

async function pagesOf(store: OrderStore, filter: OrderFilter, limit: number) {
  const numbers: number[] = [];
  const sizes: number[] = [];
  let before: number | null = null;
  do {
    const page = await store.listOrders(filter, before, limit);
    numbers.push(...page.orders.map(({ number }) => number));
    sizes.push(page.orders.length);
    before = page.next;
    assert.ok(sizes.length <= pagesMax, 'the pages come to an end');
  } while (before !== null);
  return { numbers, sizes };
}

const numbersOf = async (store: OrderStore, given: Partial<OrderFilter>) =>
  (await pagesOf(store, { ...everyOrder, ...given }, 100)).numbers;

export function describeListingOrders(openStore: OpenStore): void {
  describe('listing orders', () => {
    test('gives them as they are now, the highest number first, in pages that meet', () =>
      withStore(openStore, [tent, mug], async (store) => {
        assert.deepEqual(await store.listOrders(everyOrder, null, 10), { orders: [], next: null });
        const placed = [];
        for (let nth = 0; nth < 5; nth += 1) placed.push(await place(store, aSubmission()));
        const [first] = placed;
        await store.commitBatch([aStep({ orderId: first?.orderId ?? '' })]);
        const { orders } = await store.listOrders(everyOrder, null, 5);
        assert.deepEqual(
          orders,
          await Promise.all(placed.toReversed().map(({ orderId }) => store.findOrder(orderId))),
        );
        assert.equal(orders.at(-1)?.status, 'packed');
        const numbers = orders.map(({ number }) => number);
        for (const limit of [1, 2, 3, 4, 5, 100]) {
          const pages = await pagesOf(store, everyOrder, limit);
          assert.deepEqual(pages.numbers, numbers, `${limit} at a time`);
          assert.equal(pages.sizes.length, Math.ceil(numbers.length / limit), 'no empty last page');
        }
      }));

    test('finds by each filter, and by several at once', () =>
      withStore(openStore, [tent, mug], async (store) => {
        const atMs = testEpochMs;
        const mugs = [
          { sku: 'tent-4p', quantity: 1 },
          { sku: 'mug', quantity: 1 },
        ];
        const numberOf = async (given: Parameters<typeof aSubmission>[0]) =>
          (await place(store, aSubmission(given))).number;
        const a = await numberOf({ placedAtMs: atMs, state: 'TX', zipCode: '78701' });
        const b = await numberOf({ placedAtMs: atMs + 2, state: 'CA', zipCode: '78701-1234', lines: mugs });
        const c = await numberOf({
          placedAtMs: atMs + 1,
          state: 'TX',
          zipCode: '78702',
          customerName: 'Zoë Müller',
          email: null,
        });
        const found: readonly (readonly [Partial<OrderFilter>, readonly number[]])[] = [
          [{ number: b }, [b]],
          [{ number: c + 1 }, []],
          [{ number: 1 }, []],
          [{ number: Number.MAX_SAFE_INTEGER }, []],
          [{ number: b, state: 'TX' }, []],
          [{ state: 'TX' }, [c, a]],
          [{ state: 'WY' }, []],
          [{ zipCode: '78701' }, [b, a]],
          [{ zipCode: '78701-1234' }, [b]],
          [{ zipCode: '78701-1235' }, []],
          [{ sku: 'mug' }, [b]],
          [{ sku: 'tent-4p' }, [c, b, a]],
          [{ sku: 'ghost' }, []],
          [{ sku: 'mug\0' }, []],
          [{ placedFromMs: atMs + 1 }, [c, b]],
          [{ placedToMs: atMs + 1 }, [a]],
          [{ placedFromMs: atMs + 1, placedToMs: atMs + 2 }, [c]],
          [{ placedFromMs: atMs + 3 }, []],
          [{ texts: askedTexts('zoe') }, [c]],
          [{ texts: askedTexts('MULLER analytical') }, [c]],
          [{ texts: askedTexts('ada@') }, [b, a]],
          [{ texts: askedTexts('%') }, []],
          [{ email: 'ADA@Example.com' }, [b, a]],
          [{ email: 'ada@example.co' }, []],
          [{ email: 'ada@example.com', state: 'CA' }, [b]],
          [{ email: 'ada@example.com\0' }, []],
          [{ texts: askedTexts('ada'), state: 'CA', sku: 'mug', zipCode: '78701', status: 'placed' }, [b]],
        ];
        for (const [filter, numbers] of found)
          assert.deepEqual(await numbersOf(store, filter), numbers, JSON.stringify(filter));
      }));

    test('finds an order by the status that it has now, and no erased name', () =>
      withStore(openStore, [tent], async (store) => {
        const { orderId, number } = await place(store, aSubmission());
        await store.commitBatch([
          aStep({ orderId }),
          aStep({ orderId, step: { name: 'cancel', reason: null } }),
          aStep({ orderId, step: { name: 'erase' } }),
        ]);
        assert.deepEqual(await numbersOf(store, { status: 'cancelled' }), [number]);
        assert.deepEqual(await numbersOf(store, { status: 'placed' }), []);
        assert.deepEqual(await numbersOf(store, { texts: askedTexts('lovelace') }), []);
        assert.deepEqual(await numbersOf(store, { email: 'ada@example.com' }), []);
      }));

    test('looks at a bounded part of the orders of a status, and goes on below it', () =>
      withStore(openStore, [tent], async (store) => {
        const oldest = await place(store, aSubmission({ state: 'WY' }));
        const rest = Array.from({ length: costlyWalkedMax }, () => aSubmission());
        await store.commitBatch(rest);
        const ids = [oldest.orderId, ...rest.map(({ orderId }) => orderId)];
        await store.commitBatch(ids.map((orderId) => aStep({ orderId })));
        const filter = { ...everyOrder, status: 'packed', texts: askedTexts('nobody') } as const;
        // The reference model looks at all of them.
        const { next } = await store.listOrders(filter, null, 10);
        assert.ok(next === null || next === oldest.number + 1, 'the oldest is the only one left');
        assert.deepEqual((await pagesOf(store, filter, 10)).numbers, []);
        assert.equal((await numbersOf(store, { status: 'packed' })).length, ids.length);
        assert.deepEqual(await numbersOf(store, { status: 'packed', state: 'WY' }), [oldest.number]);
        assert.deepEqual(await numbersOf(store, { status: 'placed' }), []);
      }));

    test('leads to an order that lies deeper than one look goes', () =>
      withStore(openStore, [tent], async (store) => {
        const oldest = await place(
          store,
          aSubmission({ state: 'WY', zipCode: '82001', customerName: 'Zoë' }),
        );
        const rest = Array.from({ length: ordersWalkedMax + 1 }, () => aSubmission());
        await store.commitBatch(rest);
        const rare: readonly Partial<OrderFilter>[] = [
          { state: 'WY' },
          { zipCode: '82001' },
          { texts: askedTexts('zoe') },
          { placedToMs: oldest.placedAtMs + 1 },
          { number: oldest.number },
        ];
        for (const filter of rare) {
          const pages = await pagesOf(store, { ...everyOrder, ...filter }, 2);
          assert.deepEqual(pages.numbers, [oldest.number], JSON.stringify(filter));
          const looks = filter.texts === undefined ? 2 : 1 + Math.ceil(ordersWalkedMax / costlyWalkedMax);
          assert.ok(pages.sizes.length <= looks, 'a look goes as deep as it says');
        }
        await store.commitBatch([aStep({ orderId: oldest.orderId })]);
        // One look, as an index leads to it.
        const packed = { ...everyOrder, status: 'packed' } as const;
        assert.deepEqual(await pagesOf(store, packed, 2), { numbers: [oldest.number], sizes: [1] });
        assert.deepEqual(await pagesOf(store, { ...packed, state: 'WY' }, 2), {
          numbers: [oldest.number],
          sizes: [1],
        });
        assert.deepEqual(await pagesOf(store, { ...packed, status: 'shipped' }, 2), {
          numbers: [],
          sizes: [0],
        });
        assert.deepEqual(await numbersOf(store, { state: 'CA' }), []);
        assert.equal((await numbersOf(store, { state: 'TX' })).length, ordersWalkedMax + 1);
      }));
  });
}
