import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aMovement, aProduct, stockUp } from '../../../test/builders.ts';
import { createMemoryStore } from '../../storage/memory/memory-store.ts';
import { ageMsMax, createFirstViews, productsShownMax } from './first-view.ts';

async function aShelf(count: number, isActive = (i: number) => i !== 1) {
  const store = createMemoryStore();
  const skuOf = (i: number) => `goods-${String(i).padStart(4, '0')}`;
  await stockUp(
    store,
    Array.from({ length: count }, (_, i) => aProduct({ sku: skuOf(i), onHand: 5, active: isActive(i) })),
  );
  let commits = 0;
  let nowMs = 0;
  const views = createFirstViews({ store, commitCount: () => commits, nowMs: () => nowMs });
  return {
    read: async () => (await views.read()).products,
    view: views.read,
    skuOf,
    receive: (sku: string) => store.moveStock([aMovement({ sku, units: 1 })]),
    commit: () => {
      commits += 1;
    },
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

describe('the products of the shop page', () => {
  it('are all active ones by SKU, when they are few', async () => {
    const { view, skuOf } = await aShelf(productsShownMax + 1);
    const { products, more } = await view();
    assert.equal(products.length, productsShownMax);
    assert.deepEqual(
      products.slice(0, 3).map(({ sku }) => sku),
      [skuOf(0), skuOf(2), skuOf(3)],
    );
    assert.equal(more, null);
  });

  it('are the first by name of more, with their categories and where the rest begins', async () => {
    const { view, skuOf } = await aShelf(productsShownMax + 2);
    const { products, more } = await view();
    assert.equal(products.length, productsShownMax);
    assert.deepEqual(more?.categories, [products[0]?.category]);
    assert.equal(more?.next?.sku, products.at(-1)?.sku);
    assert.notEqual(more?.next?.sku, skuOf(productsShownMax + 1));
  });

  it('are those behind any number of retired ones', async () => {
    const { read, skuOf } = await aShelf(1_300, (i) => i >= 1_290);
    const products = await read();
    assert.equal(products.length, 10);
    assert.equal(products[0]?.sku, skuOf(1_290));
  });

  it('are read again after a commit, and what has not changed stays as it is', async () => {
    const { read, skuOf, receive, commit } = await aShelf(40);
    const before = await read();
    await receive(skuOf(25));
    assert.equal(await read(), before);
    commit();
    const after = await read();
    assert.equal(after.find(({ sku }) => sku === skuOf(25))?.onHand, 6);
    assert.equal(after.filter((product, i) => product !== before[i]).length, 1);
    commit();
    assert.equal(await read(), after, 'nothing has changed');
  });

  it('hold what was committed while they were being read', async () => {
    const { read, skuOf, receive, commit } = await aShelf(40);
    const first = read();
    await receive(skuOf(0));
    commit();
    const [, second] = await Promise.all([first, read()]);
    assert.equal(second[0]?.onHand, 6);
  });

  it('hold what others have changed after a while', async () => {
    const { read, skuOf, receive, wait } = await aShelf(3);
    await read();
    await receive(skuOf(0));
    wait(ageMsMax);
    assert.equal((await read())[0]?.onHand, 6);
  });
});
