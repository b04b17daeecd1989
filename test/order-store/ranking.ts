import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CatalogProduct } from '../../src/domain/product.ts';
import { topProductsMax } from '../../src/domain/top-products.ts';
import type { UsState } from '../../src/domain/us-state.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aProduct, aSubmission, stockUp } from '../builders.ts';
import { assertVerifiesClean, type OpenStore, place, withStore } from './opened-store.ts';

async function buy(store: OrderStore, state: UsState, basket: Readonly<Record<string, number>>) {
  const lines = Object.entries(basket).map(([sku, quantity]) => ({ sku, quantity }));
  return place(store, aSubmission({ state, lines }));
}

async function topSkus(
  store: OrderStore,
  state: UsState,
  limit = topProductsMax,
): Promise<readonly string[]> {
  return (await store.topProducts(state, limit)).map(({ sku }) => sku);
}

/** Saves products of the shelf once more, unchanged except for the given fields. */
async function saveAs(
  store: OrderStore,
  skus: readonly string[],
  { active }: { readonly active: boolean },
  names: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  const products: CatalogProduct[] = [];
  for (const sku of skus) {
    const found = await store.findProduct(sku);
    assert.ok(found, `${sku} is there`);
    const { onHand: _, ...product } = found;
    products.push({ ...product, active, name: names.get(sku) ?? product.name });
  }
  await store.saveProducts(products);
}

const shelf = ['tent', 'stove', 'mug', 'lamp'].map((sku) => aProduct({ sku, name: sku }));

export function describeRanking(openStore: OpenStore): void {
  describe('top products', () => {
    test('of a state without orders are none', () =>
      withStore(openStore, shelf, async (store) => {
        await buy(store, 'CA', { tent: 1 });
        assert.deepEqual(await store.topProducts('TX', 3), []);
      }));

    test('count orders, then units, for each state by itself', () =>
      withStore(openStore, shelf, async (store, reopen) => {
        await buy(store, 'TX', { mug: 1 });
        await buy(store, 'TX', { mug: 1, stove: 9 });
        await buy(store, 'TX', { tent: 500 });
        await buy(store, 'CA', { lamp: 1 });
        const expected = [
          { rank: 1, sku: 'mug', name: 'mug', imageUrl: '/images/mug.svg', orders: 2, units: 2 },
          { rank: 2, sku: 'tent', name: 'tent', imageUrl: '/images/tent.svg', orders: 1, units: 500 },
          { rank: 3, sku: 'stove', name: 'stove', imageUrl: '/images/stove.svg', orders: 1, units: 9 },
        ];
        assert.deepEqual(await store.topProducts('TX', 3), expected);
        assert.deepEqual(await topSkus(store, 'CA'), ['lamp']);
        assert.deepEqual(await (await reopen()).topProducts('TX', 3), expected);
      }));

    test('count within one batch as over several', () =>
      withStore(openStore, shelf, async (store) => {
        const texan = (sku: string, quantity: number) =>
          aSubmission({ state: 'TX', lines: [{ sku, quantity }] });
        await store.commitBatch([texan('mug', 1), texan('tent', 2), texan('mug', 3), texan('lamp', 9_999)]);
        await store.commitBatch([texan('mug', 5)]);
        const counted = (await store.topProducts('TX', 9)).map(({ sku, orders, units }) => [
          sku,
          orders,
          units,
        ]);
        assert.deepEqual(counted, [
          ['mug', 3, 9],
          ['tent', 1, 2],
        ]);
      }));

    test('settle ties by name, code point by code point, then by SKU', () => {
      const named = (sku: string, name: string) => aProduct({ sku, name });
      const products = [
        named('a', 'same'),
        named('z', 'Zelt'),
        named('b', 'same'),
        named('astral', '😀'),
        named('bmp', '\uffff'),
        named('accent', 'éclair'),
        named('short', 'Zel'),
        named('lower', 'zelt'),
      ];
      return withStore(openStore, products, async (store) => {
        for (const { sku } of products) await buy(store, 'TX', { [sku]: 1 });
        const expected = ['short', 'z', 'a', 'b', 'lower', 'accent', 'bmp', 'astral'];
        assert.deepEqual(await topSkus(store, 'TX'), expected);
        assert.deepEqual(await topSkus(store, 'TX', 3), expected.slice(0, 3));
      });
    });

    test('settle ties by name however closely the names came to stand', () =>
      withStore(openStore, [], async (store) => {
        // Each stands between the one before it and 'c', or between 'Z' and the one before it.
        const upwards = Array.from({ length: 40 }, (_, i) => `b${'z'.repeat(i)}`);
        const downwards = Array.from({ length: 40 }, (_, i) => 'a'.repeat(41 - i));
        const names = ['c', 'Z', ...upwards, ...downwards];
        for (const name of names) {
          const sku = `n-${name.toLowerCase()}`;
          await stockUp(store, [aProduct({ sku, name, onHand: 5 })]);
          await buy(store, 'TX', { [sku]: 1 });
        }
        const top = await store.topProducts('TX', 20);
        assert.deepEqual(
          top.map(({ name }) => name),
          names.toSorted().slice(0, 20),
        );
        const { onHand: _, ...renamed } = aProduct({ sku: 'n-c', name: 'aaa' });
        await store.saveProducts([renamed]);
        assert.deepEqual(await topSkus(store, 'TX', 4), ['n-z', 'n-aa', 'n-aaa', 'n-c']);
      }));

    test('go by the name a product has now', () =>
      withStore(openStore, shelf, async (store) => {
        await buy(store, 'TX', { lamp: 1, mug: 1, tent: 1 });
        assert.deepEqual(await topSkus(store, 'TX'), ['lamp', 'mug', 'tent']);
        const { onHand: _, ...renamed } = aProduct({
          sku: 'tent',
          name: 'Alpine tent',
          imageUrl: '/new.svg',
        });
        await store.saveProducts([renamed]);
        const [first] = await store.topProducts('TX', 1);
        assert.deepEqual(first, {
          rank: 1,
          sku: 'tent',
          name: 'Alpine tent',
          imageUrl: '/new.svg',
          orders: 1,
          units: 1,
        });
        await buy(store, 'TX', { tent: 1 });
        await buy(store, 'TX', { lamp: 1 });
        assert.deepEqual(await topSkus(store, 'TX'), ['tent', 'lamp', 'mug']);
      }));

    test('are as many as asked for, from 1 to 20, and no more than there are', () => {
      const many = Array.from({ length: 25 }, (_, index) =>
        aProduct({ sku: `item-${index}`, name: `item ${String(index).padStart(2, '0')}` }),
      );
      return withStore(openStore, many, async (store) => {
        for (const [index, { sku }] of many.entries()) {
          if (index < 22) await buy(store, 'TX', { [sku]: 1 });
        }
        for (const limit of [1, 3, 19, 20]) {
          const top = await store.topProducts('TX', limit);
          assert.deepEqual(
            top.map(({ rank }) => rank),
            Array.from({ length: limit }, (_, index) => index + 1),
          );
          assert.equal(top[0]?.sku, 'item-0');
        }
        await buy(store, 'CA', { 'item-1': 1 });
        assert.equal((await store.topProducts('CA', 20)).length, 1);
      });
    });

    test('leave out a retired product and fill up with the next, in the confirmation too', () =>
      withStore(openStore, shelf, async (store, reopen) => {
        const { orderId } = await buy(store, 'TX', { tent: 4, stove: 3, mug: 2, lamp: 1 });
        await buy(store, 'CA', { stove: 1 });
        assert.deepEqual(await topSkus(store, 'TX', 3), ['tent', 'stove', 'mug']);
        await saveAs(store, ['stove'], { active: false });
        const expected = [
          { rank: 1, sku: 'tent', name: 'tent', imageUrl: '/images/tent.svg', orders: 1, units: 4 },
          { rank: 2, sku: 'mug', name: 'mug', imageUrl: '/images/mug.svg', orders: 1, units: 2 },
          { rank: 3, sku: 'lamp', name: 'lamp', imageUrl: '/images/lamp.svg', orders: 1, units: 1 },
        ];
        assert.deepEqual(await store.topProducts('TX', 3), expected);
        assert.deepEqual(await store.topProducts('CA', 3), []);
        assert.deepEqual((await store.findConfirmation(orderId, 3))?.topProducts, expected);
        const reopened = await reopen();
        assert.deepEqual(await reopened.topProducts('TX', 3), expected);
        await assertVerifiesClean(reopened);
      }));

    test('show a product that is brought back where its orders put it, among what was sold meanwhile', () =>
      withStore(openStore, shelf, async (store) => {
        await buy(store, 'TX', { tent: 5, mug: 3 });
        await saveAs(store, ['tent'], { active: false });
        await buy(store, 'TX', { mug: 1 });
        await buy(store, 'TX', { lamp: 1 });
        assert.deepEqual(await topSkus(store, 'TX'), ['mug', 'lamp']);
        await saveAs(store, ['tent'], { active: true });
        assert.deepEqual(await topSkus(store, 'TX'), ['mug', 'tent', 'lamp']);
        await buy(store, 'TX', { tent: 1 });
        assert.deepEqual(await topSkus(store, 'TX'), ['tent', 'mug', 'lamp']);
      }));

    for (const count of [1, 2, 4, 5, 20, 29]) {
      test(`are full again when ${count} of the first are retired, renamed or brought back at once`, () => {
        const nameOf = (index: number) => `item ${String(index).padStart(2, '0')}`;
        const many = Array.from({ length: 60 }, (_, index) =>
          aProduct({ sku: `item-${index}`, name: nameOf(index) }),
        );
        const skus = many.map(({ sku }) => sku);
        const changed = skus.slice(0, count);
        const rest = skus.slice(count);
        return withStore(openStore, many, async (store) => {
          for (const { sku } of many.slice(0, 55)) await buy(store, 'TX', { [sku]: 1 });
          const bought = (list: readonly string[]) =>
            list.filter((sku) => skus.indexOf(sku) < 55).slice(0, 20);
          await saveAs(store, changed, { active: false });
          assert.deepEqual(await topSkus(store, 'TX'), bought(rest));
          await saveAs(store, changed, { active: true });
          assert.deepEqual(await topSkus(store, 'TX'), bought(skus));
          const names = new Map(changed.map((sku, index) => [sku, `zz ${nameOf(index)}`]));
          await saveAs(store, changed, { active: true }, names);
          assert.deepEqual(await topSkus(store, 'TX'), bought([...rest, ...changed]));
          // One more order lifts a product over all others, wherever it stood.
          await buy(store, 'TX', { 'item-54': 1 });
          assert.deepEqual(await topSkus(store, 'TX', 1), ['item-54']);
        });
      });
    }
  });

  describe('a confirmation', () => {
    test('shows the order with its state’s ranking, the order itself counted', () =>
      withStore(openStore, shelf, async (store) => {
        const first = await buy(store, 'TX', { tent: 2 });
        assert.deepEqual(await store.findConfirmation(first.orderId, 3), {
          order: first,
          events: [],
          lineImageUrls: ['/images/tent.svg'],
          topProducts: [
            { rank: 1, sku: 'tent', name: 'tent', imageUrl: '/images/tent.svg', orders: 1, units: 2 },
          ],
        });
        await buy(store, 'CA', { lamp: 1 });
        const later = await buy(store, 'TX', { mug: 3 });
        const confirmation = await store.findConfirmation(later.orderId, 3);
        assert.deepEqual(confirmation?.order, later);
        assert.deepEqual(confirmation?.topProducts, await store.topProducts('TX', 3));
        assert.deepEqual(
          confirmation?.topProducts.map(({ sku }) => sku),
          ['mug', 'tent'],
        );
        assert.equal((await store.findConfirmation(later.orderId, 1))?.topProducts.length, 1);
      }));

    test('has the picture of each line as the catalogue has it now, whatever the SKU is', () =>
      withStore(openStore, shelf, async (store) => {
        // Not in the order of their SKUs: the pictures go by the lines.
        const { orderId } = await buy(store, 'TX', { tent: 1, lamp: 2, mug: 1 });
        const { onHand: _, ...repainted } = aProduct({ sku: 'lamp', imageUrl: '/images/lamp-by-night.svg' });
        await store.saveProducts([repainted]);
        const confirmation = await store.findConfirmation(orderId, 3);
        assert.deepEqual(
          confirmation?.order.lines.map(({ sku }, index) => [sku, confirmation.lineImageUrls[index]]),
          [
            ['tent', '/images/tent.svg'],
            ['lamp', '/images/lamp-by-night.svg'],
            ['mug', '/images/mug.svg'],
          ],
        );
        assert.equal(confirmation?.lineImageUrls.length, 3);
      }));
  });
}
