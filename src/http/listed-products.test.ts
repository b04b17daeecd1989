import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { aMovement, aProduct, stockUp } from '../../test/builders.ts';
import { createMemoryStore } from '../storage/memory/memory-store.ts';
import { ageMsMax, createListedProducts } from './listed-products.ts';

async function aShelf(count: number, isActive = (i: number) => i !== 1) {
  const store = createMemoryStore();
  const skuOf = (i: number) => `goods-${String(i).padStart(4, '0')}`;
  await stockUp(
    store,
    Array.from({ length: count }, (_, i) => aProduct({ sku: skuOf(i), onHand: 5, active: isActive(i) })),
  );
  let commits = 0;
  const listed = createListedProducts({ store, commitCount: () => commits });
  return {
    read: listed.read,
    skuOf,
    receive: (sku: string) => store.moveStock([aMovement({ sku, units: 1 })]),
    commit: () => {
      commits += 1;
    },
  };
}

describe('the products of the shop page', () => {
  it('are the active ones by SKU, and at most 1,000', async () => {
    const { read, skuOf } = await aShelf(1_100);
    const products = await read();
    assert.equal(products.length, 1_000);
    assert.deepEqual(
      products.slice(0, 3).map(({ sku }) => sku),
      [skuOf(0), skuOf(2), skuOf(3)],
    );
  });

  it('are those behind any number of retired ones', async () => {
    const { read, skuOf } = await aShelf(1_300, (i) => i >= 1_250);
    const products = await read();
    assert.equal(products.length, 50);
    assert.equal(products[0]?.sku, skuOf(1_250));
  });

  it('are read again after a commit, and what has not changed stays as it is', async () => {
    const { read, skuOf, receive, commit } = await aShelf(300);
    const before = await read();
    await receive(skuOf(250));
    assert.equal(await read(), before);
    commit();
    const after = await read();
    assert.equal(after.find(({ sku }) => sku === skuOf(250))?.onHand, 6);
    assert.equal(after.filter((product, i) => product !== before[i]).length, 1);
    commit();
    assert.equal(await read(), after, 'nothing has changed');
  });

  it('hold what was committed while they were being read', async () => {
    const { read, skuOf, receive, commit } = await aShelf(300);
    const first = read();
    await receive(skuOf(0));
    commit();
    const [, second] = await Promise.all([first, read()]);
    assert.equal(second[0]?.onHand, 6);
  });

  it('hold what others have changed after a while', async () => {
    const { read, skuOf, receive } = await aShelf(3);
    await read();
    await receive(skuOf(0));
    await sleep(ageMsMax + 50);
    assert.equal((await read())[0]?.onHand, 6);
  });
});
