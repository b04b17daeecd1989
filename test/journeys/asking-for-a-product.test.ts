/** A link to a product, in a shop with more products than its page lists: nothing else is ever selected for it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { aProduct } from '../builders.ts';
import { changeProduct, saveProducts } from './behind-the-service.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { get, inStock, postForm } from './shop-client.ts';

/** The page shows the first by name; most of these are beyond it. */
const products = Array.from({ length: 1_020 }, (_, index) => {
  const number = String(index).padStart(4, '0');
  const { onHand: _stock, ...product } = aProduct({ sku: `z-${number}`, name: `Zither ${number}` });
  return product;
});
const last = products.at(-1) ?? assert.fail();

let shop: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
  await saveProducts(shop, products, 5);
});
after(() => shop?.close());

async function pageFor(sku: string): Promise<string> {
  const page = await get(`${shop.url}/?product=${encodeURIComponent(sku)}`, { accept: 'text/html' });
  assert.equal(page.status, 200);
  return page.text;
}

const selectedIn = (page: string) =>
  Array.from(page.matchAll(/data-sku="([^"]*)"[^>]* selected/g), ([, sku]) => sku);
const shownIn = (page: string) => /id="stage-name"[^>]*>([^<]*)</.exec(page)?.[1];

describe('/?product=', () => {
  it('of a product beyond the list shows and selects it, and it can be ordered', async () => {
    // The second is made of what was kept of the first.
    for (const page of [await pageFor(last.sku), await pageFor(last.sku)]) {
      assert.deepEqual(selectedIn(page), [last.sku]);
      assert.equal(shownIn(page), last.name);
    }
    const form = {
      product_name: last.name,
      quantity: '2',
      customer_name: 'Ada Lovelace',
      street_address: '12 Analytical Way',
      state: 'TX',
      zip_code: '123',
    };
    const refused = await postForm(`${shop.url}/`, form);
    assert.equal(refused.status, 422);
    assert.deepEqual(selectedIn(refused.text), [last.sku], 'kept when something else is wrong');
    assert.equal((await postForm(`${shop.url}/`, { ...form, zip_code: '78701' })).status, 303);
    assert.equal(await inStock(shop.url, last.sku), 3);
  });

  it('of one that is unknown, retired or none says so, and selects nothing', async () => {
    await changeProduct(shop, 'wool-throw', { active: false });
    await changeProduct(shop, 'z-1018', { active: false });
    for (const sku of ['no-such', 'wool-throw', 'z-1018', 'TENT-4P', ' ', '"><script>', 'x'.repeat(2_000)]) {
      const page = await pageFor(sku);
      assert.deepEqual(selectedIn(page), [], sku);
      assert.match(page, /This is not on our counter/);
      assert.match(page, /id="stage-words" hidden/);
    }
    const gone = await postForm(`${shop.url}/`, { product_name: 'Orchard Wool Throw', quantity: '1' });
    assert.equal(gone.status, 422);
    assert.deepEqual(selectedIn(gone.text), []);
  });

  it('of one in the list selects it, and of none the piece in the window', async () => {
    assert.deepEqual(selectedIn(await pageFor('fig-candle')), ['fig-candle']);
    assert.deepEqual(selectedIn(await pageFor('')).length, 1);
    assert.doesNotMatch(await pageFor(''), /not on our counter/);
  });
});
