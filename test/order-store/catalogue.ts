import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aProduct, aSubmission, described, testEpochMs } from '../builders.ts';
import { handIn, type OpenStore, onHandOf, place, withStore } from './opened-store.ts';

/** More than any list here has: an engine whose pages go round in circles must fail, not hang. */
const pagesMax = 100;

/** Every SKU, page by page, with how many came on each page. */
async function readPages(store: OrderStore, limit: number) {
  const skus: string[] = [];
  const sizes: number[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const page = await store.listProducts(after, limit);
    skus.push(...page.products.map(({ sku }) => sku));
    sizes.push(page.products.length);
    after = skus.at(-1) ?? null;
    more = page.hasMore;
    assert.ok(sizes.length <= pagesMax, 'the pages come to an end');
  }
  return { skus, sizes };
}

export function describeCatalogue(openStore: OpenStore): void {
  describe('products', () => {
    test('come back as they were saved, with nothing on hand until something is received', () =>
      withStore(openStore, [], async (store, reopen) => {
        const odd = aProduct({
          sku: 'a',
          name: `Grüße 😀 "x" 'y'`,
          description: 'Two\nlines.',
          priceCents: 0,
          active: false,
          onHand: 0,
        });
        await store.saveProducts([described(odd)], testEpochMs);
        assert.deepEqual(await store.findProduct('a'), odd);
        assert.deepEqual(await store.findProductByName(odd.name), odd);
        assert.deepEqual(await store.listProducts(null, 10), { products: [odd], hasMore: false });
        assert.deepEqual(await (await reopen()).findProduct('a'), odd);
      }));

    test('that are unknown are null', () =>
      withStore(openStore, [aProduct({ sku: 'mug', name: 'Mug' })], async (store) => {
        for (const sku of ['ghost', 'MUG', 'mug ', '', '%', 'mug\0'])
          assert.equal(await store.findProduct(sku), null);
        for (const name of ['mug', 'Mug ', 'Mu', '', '%', 'Mug\0'])
          assert.equal(await store.findProductByName(name), null);
      }));

    test('are found by many SKUs at once, those that there are', () => {
      const products = Array.from({ length: 1_000 }, (_, nth) => aProduct({ sku: `p-${nth}`, onHand: nth }));
      return withStore(openStore, products, async (store) => {
        const found = await store.findProductsBySku(products.map(({ sku }) => sku));
        assert.deepEqual(found, new Map(products.map((product) => [product.sku, product])));
        const some = await store.findProductsBySku(['p-7', 'ghost', 'P-8', 'p-7', '', 'p-9\0', '%']);
        assert.deepEqual([...some.keys()], ['p-7']);
        assert.equal((await store.findProductsBySku([])).size, 0);
      });
    });

    test('are found by exact name, the lowest SKU when several share it', () => {
      const named = (sku: string, name: string) => aProduct({ sku, name });
      const products = [named('z', 'Twin'), named('b', 'Twin'), named('c', 'Twin'), named('a', 'Other')];
      return withStore(openStore, products, async (store) => {
        assert.equal((await store.findProductByName('Twin'))?.sku, 'b');
        assert.equal((await store.findProductByName('Other'))?.sku, 'a');
        await store.saveProducts([described(named('b', 'Renamed'))]);
        assert.equal((await store.findProductByName('Twin'))?.sku, 'c');
        assert.equal((await store.findProductByName('Renamed'))?.sku, 'b');
      });
    });

    test('of one name are found by it with those first that can be ordered', () => {
      const twin = (sku: string, active: boolean) => aProduct({ sku, name: 'Twin', active });
      return withStore(openStore, [twin('a', false), twin('b', true), twin('c', true)], async (store) => {
        assert.equal((await store.findProductByName('Twin'))?.sku, 'b');
        await store.saveProducts([described(twin('b', false))]);
        assert.equal((await store.findProductByName('Twin'))?.sku, 'c');
        await store.saveProducts([described(twin('c', false))]);
        assert.equal((await store.findProductByName('Twin'))?.sku, 'a');
        await store.saveProducts([described(twin('b', true))]);
        assert.equal((await store.findProductByName('Twin'))?.sku, 'b');
      });
    });

    test('are found by their name however its accents are encoded, and keep it composed', () => {
      // Latin, Vietnamese with two marks, Hangul as syllables and as letters, and the Kelvin sign.
      const composed = ['Crème brûlée', 'Ph\u1edf', '\ud55c\uae00', 'K\u00c5K'];
      const products = composed.map((name, nth) =>
        aProduct({ sku: `p-${nth}`, name: nth % 2 === 0 ? name.normalize('NFD') : name }),
      );
      return withStore(openStore, products, async (store) => {
        for (const [nth, name] of composed.entries()) {
          for (const form of [name, name.normalize('NFD'), name.replace('K', '\u212a')]) {
            assert.equal((await store.findProductByName(form))?.sku, `p-${nth}`, form);
          }
          assert.equal((await store.findProduct(`p-${nth}`))?.name, name);
        }
        const order = await place(store, aSubmission({ lines: [{ sku: 'p-0', quantity: 1 }] }));
        assert.equal(order.lines[0]?.name, composed[0]);
        assert.equal(await store.findProductByName('Creme brulee'), null);
      });
    });

    test('can be changed in everything but their stock', () =>
      withStore(openStore, [aProduct({ sku: 'mug', onHand: 5 })], async (store) => {
        await place(store, aSubmission({ lines: [{ sku: 'mug', quantity: 2 }] }));
        const changed = aProduct({
          sku: 'mug',
          name: 'New name',
          description: 'New words.',
          category: 'New shelf',
          priceCents: 1,
          imageUrl: '/new.svg',
          active: false,
          onHand: 3,
          revision: 2,
        });
        await store.saveProducts([described(changed)]);
        assert.deepEqual(await store.findProduct('mug'), changed);
        const order = aSubmission({ lines: [{ sku: 'mug', quantity: 1 }] });
        assert.deepEqual(await handIn(store, order), {
          kind: 'rejected',
          problems: [{ lineIndex: 0, sku: 'mug', code: 'product_unavailable' }],
        });
        await store.saveProducts([{ ...described(changed), active: true }]);
        assert.equal((await place(store, order)).totalCents, 1);
        assert.equal(await onHandOf(store, 'mug'), 2);
      }));

    test('none saved changes nothing', () =>
      withStore(openStore, [aProduct()], async (store) => {
        await store.saveProducts([]);
        assert.equal((await store.listProducts(null, 10)).products.length, 1);
      }));
  });

  describe('the product list', () => {
    // '-' sorts before digits and letters, as bytes do and as many locales do not.
    const skus = ['a', 'a-1', 'a-10', 'a-2', 'a0', 'aa', 'b', 'b-c', 'bc', 'z9'];
    const products = skus.toReversed().map((sku) => aProduct({ sku, onHand: 0 }));

    test('is in the order of the SKUs, whatever order they were saved in', () =>
      withStore(openStore, products, async (store) => {
        const { products: listed, hasMore } = await store.listProducts(null, 1_000);
        assert.deepEqual(
          listed.map(({ sku }) => sku),
          skus,
        );
        assert.equal(hasMore, false);
      }));

    test('comes in pages that meet without gap or overlap, of every size', () =>
      withStore(openStore, products, async (store) => {
        for (const limit of [1, 3, 5, 9, 10, 11]) {
          const pages = await readPages(store, limit);
          assert.deepEqual(pages.skus, skus, `limit ${limit}`);
          assert.equal(pages.sizes.length, Math.ceil(skus.length / limit), 'no empty last page');
          assert.ok(pages.sizes.slice(0, -1).every((size) => size === limit));
        }
      }));

    test('goes on after a SKU that is not there, and ends after the last', () =>
      withStore(openStore, products, async (store) => {
        const page = await store.listProducts('a-11', 2);
        assert.deepEqual(
          page.products.map(({ sku }) => sku),
          ['a-2', 'a0'],
        );
        assert.equal(page.hasMore, true);
        const afterNul = await store.listProducts('a-1\0', 1);
        assert.equal(afterNul.products[0]?.sku, 'a-10');
        assert.deepEqual(await store.listProducts('z9', 10), { products: [], hasMore: false });
        assert.deepEqual(await store.listProducts('zz', 10), { products: [], hasMore: false });
      }));

    test('has the active products alone when they are asked for, however many are retired before them', () => {
      const many = Array.from({ length: 1_205 }, (_, index) =>
        aProduct({
          sku: `item-${String(index).padStart(4, '0')}`,
          onHand: 1,
          active: index === 0 || index > 1_201,
        }),
      );
      return withStore(openStore, many, async (store) => {
        const first = await store.listActiveProducts(null, 2);
        assert.deepEqual(first, { products: [many[0], many[1_202]], hasMore: true });
        const rest = await store.listActiveProducts('item-1202', 2);
        assert.deepEqual(rest, { products: [many[1_203], many[1_204]], hasMore: false });
        assert.deepEqual(await store.listActiveProducts('item-1204', 2), { products: [], hasMore: false });
      });
    });

    test('of an empty shop is empty', () =>
      withStore(openStore, [], async (store) => {
        assert.deepEqual(await store.listProducts(null, 10), { products: [], hasMore: false });
      }));

    test('goes up to 1,000 on a page', () => {
      const many = Array.from({ length: 1_001 }, (_, index) =>
        aProduct({ sku: `item-${String(index).padStart(4, '0')}`, onHand: 0 }),
      );
      return withStore(openStore, many, async (store) => {
        const page = await store.listProducts(null, 1_000);
        assert.equal(page.products.length, 1_000);
        assert.equal(page.hasMore, true);
        assert.deepEqual(
          (await store.listProducts('item-0999', 1_000)).products.map(({ sku }) => sku),
          ['item-1000'],
        );
      });
    });
  });
}
