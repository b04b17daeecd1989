import assert from 'node:assert/strict';
import { test } from 'node:test';
import { centsMax } from '../../domain/money.ts';
import { priceShown, writePricesShown } from './prices-shown.ts';

test('each product has its price', () => {
  const products = Array.from({ length: 1_000 }, (_, index) => ({
    sku: `${'long-name-'.repeat(6)}${index}`,
    priceCents: index === 0 ? 0 : index === 1 ? centsMax : index * 997,
  }));
  const field = writePricesShown(products);
  for (const { sku, priceCents } of products) assert.equal(priceShown(field, sku), priceCents, sku);
  assert.ok(field.length < 20_000, String(field.length));
});

test('a product that was not shown has none, and a field that is none of ours has none either', () => {
  const field = writePricesShown([{ sku: 'tent-4p', priceCents: 19_999 }]);
  assert.equal(priceShown(field, 'mug'), null);
  for (const odd of ['', '.', '-', 'x', field.replace(/-.*/, '-'), `${field}x`.repeat(2).slice(1), '-1.-1']) {
    assert.equal(priceShown(odd, 'tent-4p'), null, odd);
  }
});
