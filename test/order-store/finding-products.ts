import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Product } from '../../src/domain/product.ts';
import {
  askedWords,
  type ProductPosition,
  type ProductSearch,
  productSorts,
} from '../../src/domain/product-search.ts';
import { rareMax, wordsWalkedMax } from '../../src/domain/search-plan.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aProduct, described, testEpochMs } from '../builders.ts';
import { type OpenStore, withStore } from './opened-store.ts';

/** More than any list here has: an engine whose pages go round in circles must fail, not hang. */
const pagesMax = 300;

function asking(question: string, more: Partial<ProductSearch> = {}): ProductSearch {
  return { words: askedWords(question), category: null, sort: 'name', ...more };
}

/** Every SKU that is found, page by page, with how many came on each page. */
async function findPages(store: OrderStore, search: ProductSearch, limit: number) {
  const skus: string[] = [];
  const sizes: number[] = [];
  let after: ProductPosition | null = null;
  do {
    const page = await store.findProducts(search, after, limit);
    skus.push(...page.products.map(({ sku }) => sku));
    sizes.push(page.products.length);
    after = page.next;
    assert.ok(sizes.length <= pagesMax, 'the pages come to an end');
  } while (after !== null);
  return { skus, sizes };
}

const findSkus = async (store: OrderStore, search: ProductSearch) =>
  (await findPages(store, search, 100)).skus;

const shelf: readonly Product[] = [
  aProduct({ sku: 'kettle', name: 'Copper Kettle', category: 'Kitchen', priceCents: 4_000 }),
  aProduct({ sku: 'kettle-2', name: 'copper kettle', category: 'Garden', priceCents: 4_000 }),
  aProduct({ sku: 'cup', name: 'Pencil Cup', category: 'Desk', priceCents: 0 }),
  aProduct({ sku: 'brulee', name: 'Crème “brûlée” set', category: 'Kitchen', priceCents: 100_000_000 }),
  aProduct({ sku: 'kyusu', name: '手作り急須', category: 'Kitchen', priceCents: 900 }),
  aProduct({ sku: 'ibriq', name: 'إبريق شاي', category: 'Äste', priceCents: 900 }),
  aProduct({ sku: 'gone', name: 'Copper Pan', category: 'Gone', priceCents: 1, active: false }),
];

export function describeFindingProducts(openStore: OpenStore): void {
  describe('finding products', () => {
    test('finds active products by the beginnings of their words, of every script', () =>
      withStore(openStore, shelf, async (store) => {
        const questions: readonly (readonly [question: string, skus: readonly string[]])[] = [
          ['', ['kettle', 'kettle-2', 'brulee', 'cup', 'ibriq', 'kyusu']],
          ['cop', ['kettle', 'kettle-2']],
          ['KETTLE copper', ['kettle', 'kettle-2']],
          ['opper', []],
          ['creme brul', ['brulee']],
          ['kitchen', ['kettle', 'brulee', 'kyusu']],
          ['kitchen copper', ['kettle']],
          ['2', ['kettle-2']],
          ['急', ['kyusu']],
          ['須急', ['kyusu']],
          ['ابريق', ['ibriq']],
          ['copper pan', []],
          ['%', ['kettle', 'kettle-2', 'brulee', 'cup', 'ibriq', 'kyusu']],
        ];
        for (const [question, skus] of questions) {
          assert.deepEqual(await findSkus(store, asking(question)), skus, question);
        }
      }));

    test('finds those of one category, exactly', () =>
      withStore(openStore, shelf, async (store) => {
        const inCategory = (category: string, question = '') =>
          findSkus(store, asking(question, { category }));
        assert.deepEqual(await inCategory('Kitchen'), ['kettle', 'brulee', 'kyusu']);
        assert.deepEqual(await inCategory('Kitchen', 'c'), ['kettle', 'brulee']);
        for (const none of ['kitchen', 'Kitchen ', '', 'Gone', '%', 'Kitchen\0'])
          assert.deepEqual(await inCategory(none), []);
      }));

    test('sorts by name or by price, ties by SKU', () =>
      withStore(openStore, shelf, async (store) => {
        const cheapest = asking('', { sort: 'cheapest' });
        const skus = ['cup', 'ibriq', 'kyusu', 'kettle', 'kettle-2', 'brulee'];
        assert.deepEqual(await findSkus(store, cheapest), skus);
        assert.deepEqual(await findSkus(store, { ...cheapest, category: 'Kitchen' }), [
          'kyusu',
          'kettle',
          'brulee',
        ]);
        assert.deepEqual(await findSkus(store, asking('k', { sort: 'cheapest' })), [
          'kyusu',
          'kettle',
          'kettle-2',
          'brulee',
        ]);
      }));

    test('comes in pages that meet without gap or overlap, of every size and sort', () =>
      withStore(openStore, shelf, async (store) => {
        for (const sort of productSorts) {
          for (const question of ['', 'k', 'c k']) {
            const search = asking(question, { sort });
            const all = await findSkus(store, search);
            for (const limit of [1, 2, 3, 5]) {
              const pages = await findPages(store, search, limit);
              assert.deepEqual(pages.skus, all, `${question} by ${sort}, ${limit} at a time`);
              assert.equal(
                pages.sizes.length,
                Math.max(1, Math.ceil(all.length / limit)),
                'no empty last page',
              );
            }
          }
        }
      }));

    test('lists the product that was added last first, ties by SKU from the end', () =>
      withStore(openStore, shelf, async (store) => {
        const newest = asking('', { sort: 'newest' });
        assert.deepEqual(await findSkus(store, newest), [
          'kyusu',
          'kettle-2',
          'kettle',
          'ibriq',
          'cup',
          'brulee',
        ]);
        const [before, after] = [testEpochMs - 1, testEpochMs + 1];
        await store.saveProducts([described(aProduct({ sku: 'antique', category: 'Kitchen' }))], before);
        await store.saveProducts([described(aProduct({ sku: 'brand-new', category: 'Kitchen' }))], after);
        await store.saveProducts([described(aProduct({ sku: 'cup', name: 'Changed Cup' }))], after);
        const skus = ['brand-new', 'kyusu', 'kettle-2', 'kettle', 'ibriq', 'cup', 'brulee', 'antique'];
        assert.deepEqual(await findSkus(store, newest), skus);
        for (const limit of [1, 2, 3]) assert.deepEqual((await findPages(store, newest, limit)).skus, skus);
        const inKitchen = await findSkus(store, { ...newest, category: 'Kitchen' });
        assert.deepEqual(inKitchen, ['brand-new', 'kyusu', 'kettle', 'brulee', 'antique']);
        const withK = ['brand-new', 'kyusu', 'kettle-2', 'kettle', 'brulee', 'antique'];
        assert.deepEqual(await findSkus(store, asking('k', { sort: 'newest' })), withK);
      }));

    test('follows every change of the catalogue', () =>
      withStore(openStore, shelf, async (store) => {
        const save = async (sku: string, changed: Partial<Product>) => {
          const { onHand: _, ...product } = {
            ...shelf.find((one) => one.sku === sku),
            ...changed,
          } as Product;
          await store.saveProducts([product]);
        };
        await save('kettle', { name: 'Tin Teapot', category: 'Antiques', priceCents: 1 });
        assert.deepEqual(await findSkus(store, asking('copper')), ['kettle-2']);
        assert.deepEqual(await findSkus(store, asking('tin antiq')), ['kettle']);
        assert.equal((await findSkus(store, asking('', { sort: 'cheapest' })))[1], 'kettle');
        await save('gone', { active: true });
        await save('kettle-2', { active: false });
        assert.deepEqual(await findSkus(store, asking('copper')), ['gone']);
        assert.deepEqual(await store.listCategories(100), ['Antiques', 'Desk', 'Gone', 'Kitchen', 'Äste']);
        assert.deepEqual(await store.listCategories(2), ['Antiques', 'Desk']);
      }));

    test('of an empty shop are none, in no category', () =>
      withStore(openStore, [], async (store) => {
        assert.deepEqual(await store.findProducts(asking('a'), null, 10), { products: [], next: null });
        assert.deepEqual(await store.findProducts(asking(''), null, 10), { products: [], next: null });
        assert.deepEqual(await store.listCategories(10), []);
      }));

    test('finds all among thousands, with words that few or that many have', () => {
      const count = 2 * wordsWalkedMax + 500;
      const many = Array.from({ length: count }, (_, nth) => {
        const words = ['thing', nth % 2 === 0 ? 'even' : 'odd', ...(nth >= count - 3 ? ['last'] : [])];
        const name = `${String(nth).padStart(4, '0')} ${words.join(' ')}`;
        return aProduct({ sku: `p-${nth}`, name, category: 'All', priceCents: nth, onHand: 0 });
      });
      assert.ok(count / 2 > rareMax, 'even and odd are words that many have');
      return withStore(openStore, many, async (store) => {
        for (const sort of ['name', 'cheapest'] as const) {
          const found = async (question: string) => findPages(store, asking(question, { sort }), 100);
          assert.equal((await found('thing')).skus.length, count);
          assert.equal((await found('even thing')).skus.length, count / 2);
          assert.deepEqual((await found('even odd')).skus, []);
          assert.deepEqual(
            (await found('thing last')).skus,
            [count - 3, count - 2, count - 1].map((nth) => `p-${nth}`),
          );
          assert.deepEqual((await found('last odd')).sizes, [2]);
        }
      });
    });
  });
}
