/**
 * Many buyers race for the last units: exactly what was there is sold, never more, and whoever comes too
 * late is told how much is left. 500 sell-outs straight through the store, half of them with a second
 * connection on the same file that races along; some more through the running service.
 *
 * `SEED=…` replays a run, `RUNS=…` makes more or fewer of them.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Outcome } from '../src/domain/outcome.ts';
import type { RequestedLine, Submission } from '../src/domain/submission.ts';
import { createCommitBatcher } from '../src/intake/commit-batcher.ts';
import type { OrderStore } from '../src/storage/order-store.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { aProduct, aSubmission, keyed, stockUp } from './builders.ts';
import { withShop } from './journeys/open-shop.ts';
import {
  type Answer,
  anOrder,
  get,
  inStock,
  type Json,
  jsonOf,
  postForm,
  postJson,
  postOrder,
} from './journeys/shop-client.ts';

const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const numRuns = Number(process.env['RUNS'] || 500);

interface Buyer {
  /** Units of the product that sells out. */
  readonly quantity: number;
  /** Whether the order has a second line, of a product there is plenty of. */
  readonly wantsMore: boolean;
  /** Whether a double click sends the order twice. */
  readonly clicksTwice: boolean;
  /** Buyers come in this order. */
  readonly turn: number;
}

interface SellOut {
  readonly stock: number;
  readonly buyers: readonly Buyer[];
  readonly batchSizeMax: number;
  readonly isSecondProcessThere: boolean;
}

const turn = fc.nat({ max: 1_000 });

/** As many buyers of one unit as there are units, and greedier ones between them: it must sell out. */
const sellOuts: fc.Arbitrary<SellOut> = fc.integer({ min: 1, max: 20 }).chain((stock) =>
  fc.record({
    stock: fc.constant(stock),
    buyers: fc
      .tuple(
        fc.array(aBuyer(fc.constant(1)), { minLength: stock, maxLength: stock + 5 }),
        fc.array(aBuyer(fc.integer({ min: 1, max: 8 })), { maxLength: 20 }),
      )
      .map(([modest, greedy]) => [...modest, ...greedy].toSorted((a, b) => a.turn - b.turn)),
    batchSizeMax: fc.constantFrom(1, 3, 16, 256),
    isSecondProcessThere: fc.boolean(),
  }),
);

function aBuyer(quantity: fc.Arbitrary<number>): fc.Arbitrary<Buyer> {
  return fc.record({ quantity, turn, wantsMore: fc.boolean(), clicksTwice: fc.boolean() });
}

describe('selling out through the store', () => {
  test(`sells exactly what is there (SEED=${seed} RUNS=${numRuns})`, { timeout: 100_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nozama-test-'));
    const stores: OrderStore[] = [];
    try {
      const file = join(folder, 'nozama.db');
      for (let i = 0; i < 2; i += 1) stores.push(await openSqliteStore({ file }));
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(sellOuts, (sellOut) => {
          runs += 1;
          return assertSellsOut(stores, `${runs}`, sellOut);
        }),
        { seed, numRuns, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
      );
      const [store] = stores;
      assert.deepEqual((await store?.verify())?.findings, []);
    } finally {
      for (const store of stores) await store.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('selling out over HTTP', () => {
  test(`sells exactly what is there of each of the twenty products (SEED=${seed})`, {
    timeout: 60_000,
  }, async () => {
    const stock = 12;
    await withShop({ settings: { DEMO_STOCK: String(stock) } }, async ({ url, verify }) => {
      const { products } = jsonOf(await get(`${url}/api/v1/products?limit=100`));
      // By the API, the original contract and the form; buyers of one unit see to it that it sells out.
      const random = fc.sample(fc.integer({ min: 1, max: 5 }), { seed, numRuns: products.length * 8 });
      const asked: readonly (() => Promise<Bought>)[] = products.flatMap((product: Json, nth: number) => [
        ...Array.from({ length: stock }, (_, i) => () => buy(url, product, 1, i)),
        ...random.slice(nth * 8, nth * 8 + 8).map((quantity, i) => () => buy(url, product, quantity, i)),
      ]);
      const answers: readonly Bought[] = await Promise.all(inAnyOrder(asked).map((ask) => ask()));
      for (const { sku, name } of products) {
        const mine = answers.filter((bought) => bought.sku === sku);
        const sold = mine.filter(({ answer }) => answer.status === 201 || answer.status === 303);
        assert.equal(
          sold.reduce((sum, { quantity }) => sum + quantity, 0),
          stock,
          sku,
        );
        assert.equal(await inStock(url, sku), 0);
        for (const { answer, quantity } of mine) {
          if (sold.some((bought) => bought.answer === answer)) continue;
          assert.equal(answer.status, 409, answer.text);
          if (!answer.headers.get('content-type')?.includes('json')) continue;
          const [shortage] = jsonOf(answer).shortages;
          assert.deepEqual(
            { sku: shortage.sku, name: shortage.name, requested: shortage.requested },
            { sku, name, requested: quantity },
          );
          assert.ok(shortage.available >= 0 && shortage.available < quantity);
          assert.ok(jsonOf(answer).detail.includes(name));
        }
      }
      const { code, output } = await verify();
      assert.equal(code, 0, output);
    });
  });
});

function inAnyOrder<Item>(items: readonly Item[]): readonly Item[] {
  const all = fc.shuffledSubarray([...items], { minLength: items.length });
  return fc.sample(all, { seed, numRuns: 1 })[0] ?? items;
}

interface Bought {
  readonly sku: string;
  readonly quantity: number;
  readonly answer: Answer;
}

async function buy(url: string, { sku, name }: Json, quantity: number, nth: number): Promise<Bought> {
  const { lines: _, ...customer } = anOrder({ city: 'Austin' });
  const wish = { ...(customer as Record<string, string>), product_name: name, quantity: String(quantity) };
  const ways = [
    () => postOrder(url, anOrder({ lines: [{ sku, quantity }] })),
    () => postJson(`${url}/`, wish),
    () => postForm(`${url}/`, wish),
  ];
  const answer = await (ways[nth % ways.length] ?? assert.fail('no way'))();
  return { sku, quantity, answer };
}

/** @param name makes the products of this run its own */
async function assertSellsOut(stores: readonly OrderStore[], name: string, sellOut: SellOut): Promise<void> {
  const { stock, buyers, batchSizeMax, isSecondProcessThere } = sellOut;
  const [first] = stores;
  assert.ok(first);
  const scarce = aProduct({ sku: `scarce-${name}`, onHand: stock });
  const plenty = aProduct({ sku: `plenty-${name}`, onHand: 1_000 });
  await stockUp(first, [scarce, plenty]);

  const batchers = (isSecondProcessThere ? stores : [first]).map((store) =>
    createCommitBatcher({ store, queueDepthMax: 1_000, batchSizeMax, onCommit: () => undefined }),
  );
  const submit = (submission: Submission, nth: number) =>
    (batchers[nth % batchers.length] ?? assert.fail('no store')).submit(submission);
  const answers = await Promise.all(
    buyers.flatMap(({ quantity, wantsMore, clicksTwice }, nth) => {
      const lines: RequestedLine[] = [{ sku: scarce.sku, quantity }];
      if (wantsMore) lines.unshift({ sku: plenty.sku, quantity: 1 });
      const submission = keyed(`${name}-${nth}`, aSubmission({ lines }));
      const clicks = clicksTwice
        ? [submission, { ...submission, orderId: aSubmission().orderId }]
        : [submission];
      return clicks.map(async (click, clicked) => ({
        click,
        quantity,
        outcome: await submit(click, nth + clicked),
      }));
    }),
  );

  const placed = new Map<string, Outcome & { kind: 'placed' }>();
  for (const { outcome } of answers)
    if (outcome.kind === 'placed') placed.set(outcome.order.orderId, outcome);
  const orders = Array.from(placed.values(), ({ order }) => order);
  assert.equal(unitsOf(orders, scarce.sku), stock, 'exactly the stock is sold');
  assert.equal((await first.findProduct(scarce.sku))?.onHand, 0);
  assert.equal(
    (await first.findProduct(plenty.sku))?.onHand,
    plenty.onHand - unitsOf(orders, plenty.sku),
    'a refused order takes nothing of its other line',
  );
  for (const { outcome, quantity } of answers) assertFair(outcome, scarce.sku, quantity, stock);
  const keys = answers.flatMap(({ click, outcome }) =>
    outcome.kind === 'placed' ? (click.idempotency?.key ?? []) : [],
  );
  assert.equal(new Set(keys).size, keys.length, 'a double click buys once');
}

function assertFair(outcome: Outcome, sku: string, quantity: number, stock: number): void {
  if (outcome.kind === 'out_of_stock') {
    const [shortage, ...more] = outcome.shortages;
    assert.deepEqual(more, []);
    assert.equal(shortage?.sku, sku);
    assert.equal(shortage.requested, quantity);
    assert.ok(shortage.available >= 0 && shortage.available < Math.min(quantity, stock + 1));
  } else {
    assert.ok(outcome.kind === 'placed' || outcome.kind === 'replayed', outcome.kind);
    assert.equal(outcome.order.lines.find((line) => line.sku === sku)?.quantity, quantity);
  }
}

function unitsOf(orders: readonly { readonly lines: readonly RequestedLine[] }[], sku: string): number {
  return orders
    .flatMap(({ lines }) => lines.filter((line) => line.sku === sku))
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
