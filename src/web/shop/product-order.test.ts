import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Product } from '../../domain/product.ts';
import { orderForDisplay, pickFeatured } from './product-order.ts';

function aProduct(name: string, category: string, priceCents: number, onHand = 500): Product {
  return {
    sku: name,
    name,
    description: '',
    category,
    priceCents,
    imageUrl: `/images/${name}.svg`,
    onHand,
    active: true,
    revision: 1,
    createdAtMs: 0,
  };
}

const chair = aProduct('chair', 'Home', 39_999, 3);
const tent = aProduct('tent', 'Outdoors', 19_999);
const pack = aProduct('pack', 'Outdoors', 8_950);
const lamp = aProduct('lamp', 'Desk', 6_499);
const ukulele = aProduct('ukulele', 'Desk', 8_499, 0);

test('the window piece is the dearest that is well in stock', () => {
  assert.equal(pickFeatured([ukulele, chair, lamp, tent]), tent);
});

test('where all is scarce, whatever can be bought is in the window', () => {
  assert.equal(pickFeatured([ukulele, chair]), chair);
  assert.equal(pickFeatured([ukulele]), ukulele);
  assert.equal(pickFeatured([]), null);
});

test('the window piece’s category leads, then by category and name, sold out last', () => {
  const shown = orderForDisplay([ukulele, tent, chair, lamp, pack], tent);
  assert.deepEqual(
    shown.map(({ name }) => name),
    ['pack', 'tent', 'lamp', 'chair', 'ukulele'],
  );
});
