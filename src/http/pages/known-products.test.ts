import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aProduct } from '../../../test/builders.ts';
import { createKnownProducts } from './known-products.ts';

test('an unchanged product is the same object again, a changed one is another', () => {
  const know = createKnownProducts();
  const tent = know(aProduct({ onHand: 3 }));
  assert.equal(know(aProduct({ onHand: 3 })), tent);
  const sold = know(aProduct({ onHand: 2 }));
  assert.equal(sold.onHand, 2);
  assert.equal(know(aProduct({ onHand: 2 })), sold);
});

test('it forgets before it knows too many', () => {
  const know = createKnownProducts();
  const first = know(aProduct({ sku: 'first' }));
  for (let i = 0; i < 999; i += 1) know(aProduct({ sku: `goods-${i}` }));
  assert.equal(know(aProduct({ sku: 'first' })), first);
  know(aProduct({ sku: 'one-more' }));
  assert.notEqual(know(aProduct({ sku: 'first' })), first);
});
