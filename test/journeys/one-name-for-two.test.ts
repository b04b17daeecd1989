/** Two active products with one name: the product that the page shows is the product that is ordered, at its price. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { aProduct } from '../builders.ts';
import { changeProduct, saveProducts } from './behind-the-service.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { aForm, get, inStock, jsonOf, postForm, postJson } from './shop-client.ts';

const name = 'Paper Clips';
const products = [
  { sku: 'clips-100', priceCents: 199 },
  { sku: 'clips-500', priceCents: 799 },
].map(({ sku, priceCents }) => {
  const { onHand: _stock, ...product } = aProduct({ sku, name, priceCents });
  return product;
});

let shop: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
  await saveProducts(shop, products, 10);
});
after(() => shop?.close());

/** The controls of the page's form, as a browser without scripts sends them. */
function fieldsOf(page: string): Record<string, string> {
  const fields = aForm();
  const hidden = Array.from(page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g));
  const [, control = ''] = /<select[^>]* id="field-product_name" name="([^"]*)"/.exec(page) ?? [];
  const [, chosen = ''] =
    /<option value="([^"]*)"[^>]* selected/.exec(page.slice(page.indexOf('field-product_name'))) ?? [];
  const { product_name: _, ...typed } = fields;
  return {
    ...typed,
    ...Object.fromEntries(hidden.map(([, field, value]) => [field, value])),
    [control]: chosen,
  };
}

async function pageFor(sku: string): Promise<string> {
  return (await get(`${shop.url}/?product=${sku}`, { accept: 'text/html' })).text;
}

const selectedIn = (page: string) =>
  Array.from(page.matchAll(/data-sku="([^"]*)"[^>]* selected/g), ([, sku]) => sku);

async function orderAt(location: string | null) {
  return jsonOf(await get(new URL(location ?? '', shop.url).href, { accept: 'application/json' }));
}

describe('of two products with one name', () => {
  for (const { sku, priceCents } of products) {
    it(`the form of the page for ${sku} orders it at its price`, async () => {
      const page = await pageFor(sku);
      assert.deepEqual(selectedIn(page), [sku]);
      const placed = await postForm(`${shop.url}/`, fieldsOf(page));
      assert.equal(placed.status, 303, placed.text);
      const { lines } = await orderAt(placed.headers.get('location'));
      assert.equal(lines[0].sku, sku);
      assert.equal(lines[0].unit_price.amount, priceCents);
      assert.equal(await inStock(shop.url, sku), 9);
    });
  }

  it('a form with a mistake comes back with the product that was chosen', async () => {
    for (const { sku } of products) {
      const refused = await postForm(`${shop.url}/`, { ...fieldsOf(await pageFor(sku)), zip_code: '123' });
      assert.equal(refused.status, 422);
      assert.deepEqual(selectedIn(refused.text), [sku]);
    }
  });

  it('a form that is sent twice makes one order, also when its product was renamed in between', async () => {
    const fields = fieldsOf(await pageFor('clips-500'));
    const first = await postForm(`${shop.url}/`, fields);
    await changeProduct(shop, 'clips-500', { name: 'Paper Clips, 500' });
    const second = await postForm(`${shop.url}/`, fields);
    assert.equal(second.status, 303, second.text);
    assert.equal(second.headers.get('location'), first.headers.get('location'));
    await changeProduct(shop, 'clips-500', { name });
  });

  it('a name alone means the active one with the lowest SKU, as it did', async () => {
    const before = await inStock(shop.url, 'clips-100');
    const { sku: _sku, ...wish } = { ...aForm({ product_name: name }), sku: '' };
    assert.equal((await postForm(`${shop.url}/`, wish)).status, 303);
    assert.equal((await postJson(`${shop.url}/`, wish)).status, 201);
    assert.equal(await inStock(shop.url, 'clips-100'), before - 2);
  });

  it('a SKU that no product has is said beside the product', async () => {
    for (const sku of ['no-such', 'TENT 4P', '"><script>', 'x'.repeat(5_000), '\u0000']) {
      const { product_name: _, ...wish } = aForm();
      const refused = await postForm(`${shop.url}/`, { ...wish, sku });
      assert.equal(refused.status, 422, sku);
      assert.match(refused.text, /id="error-product_name">There is no such product/);
    }
  });
});
