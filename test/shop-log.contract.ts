/**
 * The contract of `src/storage/shop-log.ts`, held against what the order store of the same shop tells.
 *
 * An engine's test file calls {@link describeShopLog} with a way to open an empty shop.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as anotherTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { NumberedMovement } from '../src/domain/stock-movement.ts';
import type { OrderStore } from '../src/storage/order-store.ts';
import {
  factOfEntry,
  factOfMovement,
  type LogName,
  type LogRange,
  logRangeMax,
  type ShopLog,
} from '../src/storage/shop-log.ts';
import { aMovement, aParcel, aProduct, aStep, aSubmission, described, stockUp } from './builders.ts';
import { type OpenedStore, place } from './order-store/opened-store.ts';
import { history, perform } from './order-store/operations.ts';
import { skus } from './order-store/step-operations.ts';

export interface OpenedShop extends OpenedStore {
  openLog(): Promise<ShopLog>;
  /** Another instance of the service on the same shop. */
  openStore(): Promise<OrderStore>;
}

export type OpenShop = () => Promise<OpenedShop>;

const logNames: readonly LogName[] = ['orders', 'products', 'stock'];
const runsDefault = 12;
const runMaxMs = 10_000;

/** @param runs of random operations, unless RUNS says how many */
export function describeShopLog(name: string, openShop: OpenShop, runs = runsDefault): void {
  describe(`the log of a shop on ${name}`, () => {
    describeReading(openShop);
    describeWriters(openShop);
    describeRandomOperations(openShop, runs);
  });
}

function describeReading(openShop: OpenShop): void {
  test('is empty in an empty shop, which has an id all the same', () =>
    withLog(openShop, async ({ log, openLog }) => {
      for (const one of logNames) {
        assert.equal(await log.readEnd(one), 0);
        assert.equal(await log.readTimeAfter(one, 0), null);
        assert.equal(await log.readFact(one, 1), null);
      }
      const range = { after: 0, through: logRangeMax };
      assert.deepEqual(await log.readPlacedOrders(range), []);
      assert.deepEqual(await log.readOrderEvents(range), []);
      assert.deepEqual(await log.readProductChanges(range), []);
      assert.deepEqual(await log.readMovements(range), []);
      const shopId = await log.readShopId();
      assert.match(shopId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      await using another = closing(await openLog());
      assert.equal(await another.log.readShopId(), shopId);
    }));

  test('has orders as they were placed, also when they went on, and nobody’s name after an erasure', () =>
    withLog(openShop, async ({ store, log }) => {
      await stockUp(store, [aProduct(), aProduct({ sku: 'kite' })]);
      const lines = [
        { sku: 'kite', quantity: 3 },
        { sku: 'tent-4p', quantity: 2 },
      ];
      const order = await place(store, aSubmission({ lines, zipCode: '78701-1234' }));
      const { orderId } = order;
      const range = { after: 0, through: 10 };
      assert.deepEqual(await log.readPlacedOrders(range), [{ position: 1, order }]);
      await store.commitBatch([
        aStep({ orderId }),
        aStep({ orderId, step: { name: 'ship', ...aParcel } }),
        aStep({ orderId, step: { name: 'erase' } }),
      ]);
      const [entry] = await log.readPlacedOrders(range);
      assert.deepEqual(entry?.order, {
        ...order,
        customerName: 'Erased',
        streetAddress: 'Erased',
        zipCode: '78701',
        email: null,
      });
      const events = await log.readOrderEvents(range);
      assert.deepEqual(
        events.map(({ position, orderNumber, event }) => [position, orderNumber, event.revision, event.type]),
        [
          [2, order.number, 2, 'order_packed'],
          [3, order.number, 3, 'order_shipped'],
          [4, order.number, 4, 'order_erased'],
        ],
      );
      assert.deepEqual(
        events.map((one) => one.event),
        (await store.findOrderWithEvents(orderId))?.events,
      );
    }));

  test('has each change of a product, as the change left it', () =>
    withLog(openShop, async ({ store, log }) => {
      const kite = described(aProduct({ sku: 'kite' }));
      await store.saveProducts([kite], 5_000);
      await store.saveProducts([{ ...kite, priceCents: 7 }]);
      const end = await log.readEnd('products');
      const entries = await log.readProductChanges({ after: 0, through: end });
      assert.deepEqual(
        entries.map(({ product }) => [product.sku, product.revision, product.priceCents]),
        [
          ['kite', 1, kite.priceCents],
          ['kite', 2, 7],
        ],
      );
      assert.equal(entries.at(-1)?.position, end);
      assert.equal(await log.readTimeAfter('products', 0), 5_000);
      assert.equal(await log.readTimeAfter('products', end), null);
      assert.match((await log.readFact('products', end)) ?? '', /kite/);
    }));

  test('is read by ranges that go forward, of 10,000 positions at most', () =>
    withLog(openShop, async ({ log }) => {
      assert.deepEqual(await log.readMovements({ after: 7, through: 7 + logRangeMax }), []);
      assert.deepEqual(await log.readMovements({ after: 7, through: 7 }), []);
      for (const [after, through] of [
        [7, 8 + logRangeMax],
        [7, 6],
        [-1, 6],
        [0.5, 6],
        [0, Number.NaN],
      ] as const) {
        const range: LogRange = { after, through };
        await assert.rejects(log.readPlacedOrders(range), RangeError);
        await assert.rejects(log.readOrderEvents(range), RangeError);
        await assert.rejects(log.readProductChanges(range), RangeError);
        await assert.rejects(log.readMovements(range), RangeError);
      }
    }));

  test('reads no more once it is closed, and is closed twice without harm', () =>
    withLog(openShop, async ({ log }) => {
      await log.close();
      await log.close();
      await assert.rejects(log.readEnd('orders'));
      await assert.rejects(log.readPlacedOrders({ after: 0, through: 1 }));
    }));
}

function describeWriters(openShop: OpenShop): void {
  test(
    'never shows an entry at or before an end that it has told, while two instances write',
    {
      timeout: 120_000,
    },
    () =>
      withLog(openShop, async ({ store, log, openStore }) => {
        const second = await openStore();
        try {
          await stockUp(
            store,
            ['a', 'b'].map((sku) => aProduct({ sku, onHand: 100_000 })),
          );
          const writing = [write(store, 'a'), write(second, 'b')];
          let isWriting = true;
          const written = Promise.all(writing).finally(() => {
            isWriting = false;
          });
          const seen = await follow(log, () => isWriting);
          await written;
          for (const one of logNames) assert.deepEqual(seen[one], await positionsOf(log, one));
          assert.deepEqual(
            seen.orders,
            seen.orders.map((_, index) => index + 1),
          );
          assert.ok(seen.orders.length >= 300 && seen.stock.length >= 60 && seen.products.length >= 60);
        } finally {
          await second.close();
        }
      }),
  );
}

/** Orders with their steps, movements and new products, all at once as far as the store lets them. */
async function write(store: OrderStore, sku: string): Promise<void> {
  for (let round = 0; round < 30; round += 1) {
    const placing = Array.from({ length: 1 + (round % 5) }, () =>
      aSubmission({ lines: [{ sku, quantity: 1 }] }),
    );
    const steps = placing.map(({ orderId }) => aStep({ orderId }));
    await Promise.all([
      store.commitBatch([...placing, ...steps]),
      store.moveStock([aMovement({ sku, units: 1 }), aMovement({ sku, units: 2 })]),
      store.saveProducts([described(aProduct({ sku: `${sku}-${round}` }))]),
    ]);
  }
}

type Positions = Readonly<Record<LogName, number[]>>;

/** Goes on from each end to the next, as long as somebody writes and once more. */
async function follow(log: ShopLog, isWriting: () => boolean): Promise<Positions> {
  const seen: Positions = { orders: [], products: [], stock: [] };
  const ends = { orders: 0, products: 0, stock: 0 };
  for (let isLast = false; !isLast; ) {
    isLast = !isWriting();
    for (const name of logNames) {
      const end = await log.readEnd(name);
      assert.ok(end >= ends[name], `the end of ${name} went back from ${ends[name]} to ${end}`);
      seen[name].push(...(await positionsOf(log, name, ends[name], end)));
      ends[name] = end;
    }
    // Reads of a file are answered before anybody else has a turn.
    await anotherTurn();
  }
  return seen;
}

async function positionsOf(log: ShopLog, name: LogName, after = 0, end?: number): Promise<readonly number[]> {
  const range = { after, through: end ?? (await log.readEnd(name)) };
  switch (name) {
    case 'orders': {
      const entries = [...(await log.readPlacedOrders(range)), ...(await log.readOrderEvents(range))];
      return entries.map(({ position }) => position).sort((a, b) => a - b);
    }
    case 'products':
      return (await log.readProductChanges(range)).map(({ position }) => position);
    case 'stock':
      return (await log.readMovements(range)).map(({ movementId }) => movementId);
  }
}

function describeRandomOperations(openShop: OpenShop, runs: number): void {
  const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
  const numRuns = Number(process.env['RUNS'] || runs);
  const sizes = fc.integer({ min: 1, max: 30 });
  test(
    `tells what the store tells after random operations (SEED=${seed} RUNS=${numRuns})`,
    {
      timeout: 2 * numRuns * runMaxMs,
    },
    () =>
      fc.assert(
        fc.asyncProperty(history, sizes, (operations, size) =>
          withLog(openShop, async ({ store, log }) => {
            for (const operation of operations)
              if (operation.kind !== 'reopen') await perform(store, operation);
            await assertSameOrders(store, log, size);
            await assertSameMovements(store, log, size);
          }),
        ),
        { seed, numRuns, interruptAfterTimeLimit: numRuns * runMaxMs },
      ),
  );
}

async function assertSameOrders(store: OrderStore, log: ShopLog, size: number): Promise<void> {
  const entries = await store.readOrderLog(0, 10_000);
  assert.equal(await log.readEnd('orders'), entries.length);
  const placed: unknown[] = [];
  const events: unknown[] = [];
  for (const entry of entries) {
    const { position, orderId, orderNumber, revision, atMs } = entry;
    const history = await store.findOrderWithEvents(orderId);
    if (revision === 1) placed.push({ position, order: history?.placed });
    else events.push({ position, orderId, orderNumber, event: history?.events[revision - 2] });
    assert.equal(await log.readFact('orders', position), factOfEntry(entry));
    assert.equal(await log.readTimeAfter('orders', position - 1), atMs);
  }
  const ranges = rangesOf(entries.length, size);
  assert.deepEqual(await readAll(ranges, log.readPlacedOrders), placed);
  assert.deepEqual(await readAll(ranges, log.readOrderEvents), events);
}

async function assertSameMovements(store: OrderStore, log: ShopLog, size: number): Promise<void> {
  const expected: NumberedMovement[] = [];
  for (const sku of skus) expected.push(...(await store.listStockMovements(sku, null, 1_000)).movements);
  expected.sort((a, b) => a.movementId - b.movementId);
  const end = await log.readEnd('stock');
  assert.equal(end, expected.at(-1)?.movementId);
  assert.deepEqual(await readAll(rangesOf(end, size), log.readMovements), expected);
  for (const movement of expected) {
    assert.equal(await log.readFact('stock', movement.movementId), factOfMovement(movement));
    assert.equal(await log.readTimeAfter('stock', movement.movementId - 1), movement.atMs);
  }
}

function rangesOf(end: number, size: number): readonly LogRange[] {
  const count = Math.ceil(end / size);
  return Array.from({ length: count }, (_, nth) => ({
    after: nth * size,
    through: Math.min((nth + 1) * size, end),
  }));
}

async function readAll<Entry>(
  ranges: readonly LogRange[],
  read: (range: LogRange) => Promise<readonly Entry[]>,
): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const range of ranges) entries.push(...(await read(range)));
  return entries;
}

type ShopWithLog = Pick<OpenedShop, 'store' | 'openStore' | 'openLog'> & { readonly log: ShopLog };

async function withLog(openShop: OpenShop, use: (shop: ShopWithLog) => Promise<void>): Promise<void> {
  const opened = await openShop();
  try {
    await using closed = closing(await opened.openLog());
    await use({ ...opened, log: closed.log });
  } finally {
    await opened.dispose();
  }
}

function closing(log: ShopLog): AsyncDisposable & { readonly log: ShopLog } {
  return { log, [Symbol.asyncDispose]: () => log.close() };
}
