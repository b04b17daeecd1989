/** The routes that clients had before the API: same fields, same codes. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import {
  cookieOf,
  get,
  inStock,
  type Json,
  jsonOf,
  postForm,
  postJson,
  type RequestHeaders,
} from './shop-client.ts';

let shop: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
});
after(() => shop?.close());

const wish = {
  product_name: 'Sundown Four-Person Tent',
  quantity: 2,
  customer_name: 'Ada Lovelace',
  street_address: '12 Analytical Way',
  state: 'MA',
  zip_code: '02139',
};

/** What came of an order, as the API tells it. */
async function orderOf(orderId: string, headers: RequestHeaders = {}): Promise<Json> {
  return jsonOf(await get(`${shop.url}/api/v1/orders/${orderId}`, headers));
}

describe('the original contract', () => {
  it('GET / is the shop page, which names every product', async () => {
    const page = await get(`${shop.url}/`, { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    const { products } = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`));
    for (const { sku, image_url } of products) {
      assert.ok(page.text.includes(`data-sku="${sku}"`), sku);
      assert.ok(page.text.includes(image_url), image_url);
    }
    assert.match(page.text, /<form[^>]*method="post"[^>]*action="\/"/);
    // The form names its product by the SKU, because two may share a name.
    const fields = Object.keys(wish).map((field) => (field === 'product_name' ? 'sku' : field));
    for (const field of fields) assert.ok(page.text.includes(`name="${field}"`), field);
  });

  it('POST / as JSON answers 201 with exactly message and order_id', async () => {
    const tents = await inStock(shop.url, 'tent-4p');
    const answer = await postJson(`${shop.url}/`, wish);
    assert.equal(answer.status, 201, answer.text);
    const created = jsonOf(answer);
    assert.deepEqual(Object.keys(created).sort(), ['message', 'order_id']);
    assert.equal(created.message, 'Order created');
    assert.equal(typeof created.order_id, 'string');
    const order = await orderOf(created.order_id);
    assert.equal(order.lines[0].quantity, 2);
    assert.deepEqual(order.total, { amount: 39_998, currency: 'USD' });
    assert.equal(await inStock(shop.url, 'tent-4p'), tents - 2);
    const page = await get(`${shop.url}/orders/${created.order_id}`, { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.text, /Sundown Four-Person Tent/);
  });

  it('takes quantity and zip_code as a number and as a numeric string', async () => {
    for (const [given, quantity, zip] of [
      [{ quantity: '3', zip_code: 78701 }, 3, '78701'],
      [{ quantity: 1, zip_code: 2139 }, 1, '02139'],
      [{ quantity: ' 4 ', zip_code: ' 10001 ' }, 4, '10001'],
      [{ quantity: '10000', zip_code: '10001-1234' }, 10_000, '10001-1234'],
    ] as const) {
      const answer = await postJson(`${shop.url}/`, { ...wish, ...given });
      assert.equal(answer.status, 201, `${JSON.stringify(given)} ${answer.text}`);
      const order = await orderOf(jsonOf(answer).order_id, cookieOf(answer));
      assert.equal(order.lines[0].quantity, quantity);
      assert.equal(order.shipping.zip_code, zip);
    }
  });

  it('refuses what is no quantity or ZIP code, naming both at once', async () => {
    for (const quantity of [
      '',
      '1.5',
      '1e3',
      '0x10',
      '-1',
      '０',
      'two',
      0,
      1.5,
      10_001,
      1e9,
      -1,
      true,
      null,
      [1],
      {},
    ]) {
      for (const zip_code of ['1234', 'abcde', -1, 100_000, 1.5, null]) {
        const answer = await postJson(`${shop.url}/`, { ...wish, quantity, zip_code });
        assert.equal(answer.status, 422, JSON.stringify({ quantity, zip_code }));
        const pointers = jsonOf(answer).errors.map(({ pointer }: { pointer: string }) => pointer);
        assert.deepEqual(pointers.toSorted(), ['/quantity', '/zip_code']);
      }
    }
  });

  it('says which product it does not know', async () => {
    for (const product_name of ['No such thing', 'tent-4p', 'sundown four-person tent']) {
      const answer = await postJson(`${shop.url}/`, { ...wish, product_name });
      assert.equal(answer.status, 422);
      assert.equal(jsonOf(answer).errors[0].pointer, '/product_name');
    }
  });

  it('answers 409 when there is not enough', async () => {
    const answer = await postJson(`${shop.url}/`, { ...wish, product_name: 'Porch Song Ukulele' });
    assert.equal(answer.status, 409);
    const [error] = jsonOf(answer).errors;
    assert.equal(error.pointer, '/quantity');
  });

  it('POST / as a form answers 303 to the order', async () => {
    const answer = await postForm(`${shop.url}/`, { ...wish, quantity: '1' });
    assert.equal(answer.status, 303);
    const orderId = /^\/orders\/([0-9a-f-]{36})\?key=/.exec(answer.headers.get('location') ?? '')?.[1];
    assert.equal((await orderOf(orderId ?? '')).shipping.state, 'MA');
  });

  it('GET /get_product answers the five fields, the price as a decimal number', async () => {
    const name = 'Fig & Amber Candle';
    const answer = await get(`${shop.url}/get_product?product_name=${encodeURIComponent(name)}`);
    assert.equal(answer.status, 200);
    const product = jsonOf(answer);
    const known = jsonOf(await get(`${shop.url}/api/v1/products/fig-candle`));
    assert.deepEqual(product, {
      product_name: name,
      price: known.price.amount / 100,
      description: known.description,
      image: known.image_url,
      num_in_stock: known.num_in_stock,
    });
    const plus = await get(
      `${shop.url}/get_product?product_name=${new URLSearchParams({ n: name }).toString().slice(2)}`,
    );
    assert.equal(plus.text, answer.text);
  });

  it('GET /get_product answers 404 with a message for anything else', async () => {
    for (const query of [
      '',
      '?product_name=',
      '?product_name=Nothing',
      '?product_name=%EF%BF%BD',
      '?name=Tent',
    ]) {
      const answer = await get(`${shop.url}/get_product${query}`);
      assert.equal(answer.status, 404, query);
      assert.deepEqual(jsonOf(answer), { message: 'Product not found' });
    }
  });

  it('GET /health_check is healthy', async () => {
    const answer = await get(`${shop.url}/health_check`);
    assert.equal(answer.status, 200);
    assert.deepEqual(jsonOf(answer), { message: 'Healthy :)' });
  });
});
