/** What the log of product changes promises on every engine. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StoredProduct } from '../src/domain/product.ts';
import type { OrderStore } from '../src/storage/order-store.ts';
import {
  aMovement,
  anImage,
  aProduct,
  aStep,
  aSubmission,
  described,
  stockUp,
  testEpochMs,
} from './builders.ts';
import { assertVerifiesClean, place } from './order-store/opened-store.ts';
import { readProductLog, toldOf } from './read-product-log.ts';

export interface LoggedShop extends AsyncDisposable {
  readonly store: OrderStore;
  /** Closes the store and opens one on the same data. */
  reopen(): Promise<OrderStore>;
  /** Runs statements as the owner of the tables. @throws what the database refuses */
  run(sql: string): Promise<void>;
  /** As DATABASE_URL has it. */
  readonly url: string;
  /** Statements that make a trigger named `refusal`, which refuses rows of a table. */
  refusalOf(event: 'INSERT' | 'UPDATE', table: string): string;
  /** Statements that take it away again. */
  allowing(table: string): string;
}

const [mug, tent] = [
  aProduct({ sku: 'mug', name: 'Mug', description: '傘 “two”\nlines', onHand: 9 }),
  aProduct({ sku: 'tent', name: 'Tent', onHand: 9 }),
];

const readEntries = async ({ url }: LoggedShop) => (await readProductLog(url)).entries;

export function describeProductLog(name: string, openShop: () => Promise<LoggedShop>): void {
  async function withShop(use: (shop: LoggedShop, store: OrderStore) => Promise<void>): Promise<void> {
    await using shop = await openShop();
    await use(shop, shop.store);
  }

  describe(`the log of products on ${name}`, () => {
    test('has every product as each change has left it, with its position and its time', () =>
      withShop(async (shop, store) => {
        await store.saveProducts([described(mug), described(tent)], testEpochMs);
        const beforeMs = Date.now();
        const painted = { ...mug, name: 'Mug, painted', priceCents: 1_300 };
        await store.saveProducts([described(painted)]);
        await store.saveProducts([described({ ...tent, active: false })]);
        await (await shop.reopen()).saveProducts([described({ ...painted, category: 'Gifts' })]);
        const entries = await readEntries(shop);
        const found = await Promise.all(['mug', 'tent'].map((sku) => shop.store.findProduct(sku)));
        const added: StoredProduct = { ...described(mug), revision: 1, createdAtMs: testEpochMs };
        assert.deepEqual(entries[0], { position: 1, product: added, changedAtMs: testEpochMs });
        assert.deepEqual(
          entries.map(({ position, product: { sku, revision } }) => [position, sku, revision]),
          [
            [1, 'mug', 1],
            [2, 'tent', 1],
            [3, 'mug', 2],
            [4, 'tent', 2],
            [5, 'mug', 3],
          ],
        );
        for (const product of found) {
          const { onHand: _, ...stored } = product ?? assert.fail('the product is gone');
          assert.deepEqual(entries.findLast((entry) => entry.product.sku === stored.sku)?.product, stored);
        }
        // The database runs on this machine, so its clock is ours.
        for (const { changedAtMs } of entries.slice(2))
          assert.ok(changedAtMs >= beforeMs && changedAtMs <= Date.now(), `${changedAtMs} is when it was`);
      }));

    test('has nothing of what changes no product: orders, steps, stock, pictures, trials and refusals', () =>
      withShop(async (shop, store) => {
        await stockUp(store, [mug, tent]);
        const before = await readEntries(shop);
        await shop.run(shop.refusalOf('UPDATE', 'products'));
        const { orderId } = await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] }));
        const [stepped] = await store.commitBatch([
          aStep({ orderId, step: { name: 'cancel', reason: null } }),
        ]);
        assert.equal(stepped?.kind, 'stepped');
        await store.moveStock([aMovement({ sku: 'tent', units: -1, reason: 'damage' })]);
        await store.saveImages([anImage()]);
        await store.saveProducts([described(mug)]);
        const change = { atMs: testEpochMs, movements: [], onlyIfEmpty: false };
        const dearer = { ...described(mug), priceCents: 7 };
        for (const [isTrial, expectedRevision] of [
          [true, 1],
          [false, 5],
        ] as const) {
          const products = [{ product: dearer, expectedRevision }];
          await store.changeCatalog({ ...change, products, isTrial });
        }
        assert.deepEqual(await readEntries(shop), before);
        await assert.rejects(store.saveProducts([dearer]), 'the trigger does refuse a change of a product');
        assert.deepEqual(await readEntries(shop), before, 'what was rolled back has no entry');
      }));

    test('has one entry of a change that names a product twice, with its last revision', () =>
      withShop(async (shop, store) => {
        await store.saveProducts([1, 2].map((priceCents) => described({ ...mug, priceCents })));
        await store.saveProducts([3, 2].map((priceCents) => described({ ...mug, priceCents })));
        assert.deepEqual(toldOf(await readEntries(shop)), [
          [1, 'mug', 2, 2],
          [2, 'mug', 4, 2],
        ]);
        await assertVerifiesClean(shop.store);
      }));

    test('has no gap, neither after a change of many products nor after one that was rolled back at its end', () =>
      withShop(async (shop, store) => {
        const many = Array.from({ length: 300 }, (_, nth) =>
          aProduct({ sku: `peg-${nth}`, name: `Peg ${nth}` }),
        );
        await store.saveProducts(many.map(described));
        const dearer = many.map((product) => ({ ...described(product), priceCents: 5 }));
        // Movements are written behind the products.
        await shop.run(shop.refusalOf('INSERT', 'stock_movements'));
        const change = {
          atMs: testEpochMs,
          products: dearer.map((product) => ({ product, expectedRevision: 1 })),
          movements: [aMovement({ sku: 'peg-7' })],
          onlyIfEmpty: false,
          isTrial: false,
        };
        await assert.rejects(store.changeCatalog(change));
        assert.equal((await readEntries(shop)).length, 300);
        await shop.run(shop.allowing('stock_movements'));
        assert.equal((await store.changeCatalog(change)).kind, 'changed');
        const entries = await readEntries(shop);
        assert.deepEqual(
          entries.map(({ position }) => position),
          Array.from({ length: 600 }, (_, nth) => nth + 1),
        );
        assert.ok(
          entries.slice(300).every(({ product }) => product.priceCents === 5 && product.revision === 2),
        );
        await assertVerifiesClean(shop.store);
      }));

    for (const sql of [
      'UPDATE product_changes SET price_cents = 1',
      'DELETE FROM product_changes',
      'UPDATE shop_identity SET shop_id = shop_id',
      'DELETE FROM shop_identity',
    ]) {
      test(`is refused to its owner: ${sql}`, () =>
        withShop(async (shop, store) => {
          await store.saveProducts([described(mug)]);
          await assert.rejects(shop.run(sql), /append-only|keeps its id/);
        }));
    }

    test('refuses a product that is changed by hand without a new revision', () =>
      withShop(async (shop, store) => {
        await store.saveProducts([described(mug)]);
        await assert.rejects(shop.run('UPDATE products SET price_cents = 7'), /unique/i);
        await shop.run('UPDATE products SET price_cents = 7, revision = revision + 1');
        assert.deepEqual(toldOf(await readEntries(shop)), [
          [1, 'mug', 1, mug.priceCents],
          [2, 'mug', 2, 7],
        ]);
        await assertVerifiesClean(shop.store);
      }));

    test('belongs to a shop whose id is a random UUID that a restart keeps', () =>
      withShop(async (shop) => {
        const shopId = (await readProductLog(shop.url)).shopId;
        assert.match(shopId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        await shop.reopen();
        assert.equal((await readProductLog(shop.url)).shopId, shopId);
      }));
  });
}
