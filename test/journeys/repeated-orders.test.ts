/** The same order again from the same browser, by Back and submit: asked about first, with scripts and without. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { type Answer, aForm, anOrder, get, inStock, jsonOf, postForm, postJson } from './shop-client.ts';

let shop: Shop;
let second: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
  const database = shop.postgres === null ? {} : { DATABASE_URL: shop.postgres.url };
  second = await openShop({ folder: shop.folder, settings: database });
});
after(async () => {
  await second?.close();
  await shop?.close();
});

const form = aForm();

/** The cookies that a browser sends back for every page. */
function cookiesOf({ headers }: Answer): { readonly cookie: string } {
  const cookies = headers.getSetCookie().map((cookie) => cookie.split(';', 1)[0] ?? '');
  return { cookie: cookies.filter((cookie) => !cookie.startsWith('order_key=')).join('; ') };
}

function orderIdOf({ headers }: Answer): string {
  return /\/orders\/([0-9a-f-]{36})/.exec(headers.get('location') ?? '')?.[1] ?? '';
}

describe('the same form again from the same browser', () => {
  it('is asked about, with a way to the order and one to order again, by any instance', async () => {
    const first = await postForm(`${shop.url}/`, { ...form, idempotency_key: 'once' });
    assert.equal(first.status, 303);
    const cookies = cookiesOf(first);
    const { number } = jsonOf(await get(`${shop.url}/api/v1/orders/${orderIdOf(first)}`));
    const stock = await inStock(shop.url, 'tent-4p');
    for (const { url } of [shop, second]) {
      const again = await postForm(`${url}/`, { ...form, idempotency_key: 'twice' }, cookies);
      assert.equal(again.status, 409);
      assert.ok(again.text.includes(`placed this same order less than a minute ago: it is order ${number}.`));
      assert.ok(again.text.includes(`href="/orders/${orderIdOf(first)}"`));
      assert.match(again.text, /<button type="submit"[^>]* name="if_repeated" value="place">Order it again</);
      assert.match(again.text, /name="customer_name"[^>]* value="Ada Lovelace"/);
      assert.match(again.text, /name="idempotency_key" value="twice"/);
    }
    assert.equal(await inStock(shop.url, 'tent-4p'), stock);

    const agreed = await postForm(
      `${second.url}/`,
      { ...form, idempotency_key: 'twice', if_repeated: 'place' },
      cookies,
    );
    assert.equal(agreed.status, 303);
    assert.notEqual(orderIdOf(agreed), orderIdOf(first));
    assert.equal(await inStock(shop.url, 'tent-4p'), stock - 1);
  });

  it('is a retry under its own key, and no repeat with something else in it or without the cookie', async () => {
    const wish = { ...form, customer_name: 'Grace Hopper' };
    const first = await postForm(`${shop.url}/`, { ...wish, idempotency_key: 'grace' });
    const cookies = cookiesOf(first);
    const retry = await postForm(`${shop.url}/`, { ...wish, idempotency_key: 'grace' }, cookies);
    assert.deepEqual([retry.status, orderIdOf(retry)], [303, orderIdOf(first)]);
    assert.equal((await postForm(`${shop.url}/`, { ...wish, quantity: '2' }, cookies)).status, 303);
    assert.equal((await postForm(`${shop.url}/`, wish)).status, 303);
    assert.equal((await postForm(`${shop.url}/`, wish, cookies)).status, 409);
  });
});

describe('the same order again by the API', () => {
  const post = (body: unknown, headers = {}) => postJson(`${shop.url}/api/v1/orders`, body, headers);

  it('is asked about when the page wants it so', async () => {
    const order = anOrder({ customer_name: 'Katherine' });
    const first = await post({ ...order, if_repeated: 'ask' });
    assert.equal(first.status, 201);
    const placed = jsonOf(first);
    const cookies = cookiesOf(first);
    const again = await post({ ...order, if_repeated: 'ask' }, cookies);
    assert.equal(again.status, 409);
    const { code, earlier_order } = jsonOf(again);
    assert.equal(code, 'order_repeated');
    assert.deepEqual(earlier_order, {
      order_id: placed.order_id,
      number: placed.number,
      placed_at: placed.placed_at,
      confirmation_url: `/orders/${placed.order_id}`,
    });
    assert.equal((await post({ ...order, if_repeated: 'place' }, cookies)).status, 201);
    // The page with scripts and the form without know of each other.
    const asForm = { ...form, customer_name: 'Katherine', city: 'Austin', email: 'ada@example.com' };
    assert.equal((await postForm(`${shop.url}/`, asForm, cookies)).status, 409);
  });

  it('is placed, and nothing is kept, when nobody wants to be asked', async () => {
    const order = anOrder({ customer_name: 'Dorothy' });
    const asked = await post({ ...order, if_repeated: 'ask' });
    const plain = await post(order, cookiesOf(asked));
    assert.equal(plain.status, 201);
    assert.equal(plain.headers.getSetCookie().length, 1, 'the order’s key alone');
    assert.equal((await post({ ...order, if_repeated: null }, cookiesOf(asked))).status, 201);
    const wrong = await post({ ...order, if_repeated: 'never' });
    assert.equal(wrong.status, 422);
    const [{ pointer, code, detail }] = jsonOf(wrong).errors;
    assert.deepEqual([pointer, code], ['/if_repeated', 'not_allowed']);
    assert.match(detail, /ask, place/);
  });
});
