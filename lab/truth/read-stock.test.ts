import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readStock } from './check-truth.ts';
import { startLyingShop } from './lying-shop.ts';
import type { StockLevel } from './truth.ts';

describe('the stock of a host', () => {
  it('is empty when it has no products, and one sentence when it does not answer', async () => {
    const stock: readonly StockLevel[] = [{ sku: 'mug', onHand: 7 }];
    await using shop = await startLyingShop({ stock: { mug: 7 } });
    assert.deepEqual(await readStock(shop.url), stock);
    assert.deepEqual(await readStock(`${shop.url}/elsewhere`), []);
    shop.only = { status: 503, body: '{}' };
    await assert.rejects(readStock(shop.url), /^Error: The stock at \S+ cannot be read: it answered 503/);
    await shop[Symbol.asyncDispose]();
    await assert.rejects(readStock(shop.url), /^Error: The stock at \S+ cannot be read: /);
  });
});
