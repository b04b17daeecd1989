import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeenSkus } from './seen-skus.ts';

test('a SKU is known by the first line that it stood on, and no other is', () => {
  const seen = createSeenSkus();
  const skus = Array.from({ length: 20_000 }, (_, nth) => `p-${nth}`);
  for (const [nth, sku] of skus.entries()) assert.equal(seen.add(sku, nth + 2), null);
  for (const [nth, sku] of skus.entries()) assert.equal(seen.add(sku, 90_000), nth + 2);
  assert.equal(seen.add('p-20000', 4_294_967_295), null);
  assert.equal(seen.add('p-20000', 1), 4_294_967_295);
});

test('a SKU takes 24 bytes at most, however many there are', () => {
  const seen = createSeenSkus();
  const atFirst = seen.bytes;
  for (let count = 1; count <= 50_000; count += 1) {
    seen.add(`p-${count}`, count);
    assert.ok(seen.bytes <= Math.max(atFirst, 24 * count), `${seen.bytes} bytes for ${count}`);
  }
});
