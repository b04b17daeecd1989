/** The shopper's pages after the order: following it, cancelling it, finding it again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import {
  type Answer,
  get,
  inStock,
  keyIn,
  place,
  postForm,
  postJson,
  type RequestHeaders,
  ranking,
  send,
} from './shop-client.ts';

const engine = engineOf(import.meta.url);
const asBrowser = { accept: 'text/html,*/*;q=0.8' };
const unknownId = '01900000-0000-7000-8000-000000000000';

describe(`the pages of an order (${engine})`, () => {
  let shop: Shop;
  let desk: RequestHeaders;
  before(async () => {
    shop = await openShop({ engine, settings: { DEMO_STOCK: '50' } });
    const scopes = 'orders:write,orders:read,customers:read';
    const made = await shop.run(['keys', 'create', '--name', 'erp', '--scopes', scopes]);
    desk = { authorization: `Bearer ${made.stdout.trim()}`, 'if-match': '*' };
  });
  after(async () => {
    if (shop === undefined) return;
    const { code, output } = await shop.verify();
    await shop.close();
    assert.equal(code, 0, output);
  });

  const placeOne = async (given: Readonly<Record<string, unknown>> = {}) => {
    const order = await place(shop.url, given);
    const key = keyIn(order.confirmation_url);
    const url = `${shop.url}/orders/${order.order_id}`;
    return { order, key, url, cookie: { ...asBrowser, cookie: `order_key=${key}` } };
  };
  const step = async (orderId: string, name: string, body?: unknown) => {
    const url = `${shop.url}/api/v1/orders/${orderId}/${name}`;
    const answer =
      body === undefined
        ? await send(url, { method: 'POST', headers: desk })
        : await postJson(url, body, desk);
    assert.ok(answer.status < 300, answer.text);
  };
  const formIn = ({ text }: Answer) =>
    Object.fromEntries(
      Array.from(text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g), ([, name, value]) => [
        name ?? '',
        value ?? '',
      ]),
    );
  const headOf = ({ text }: Answer) =>
    /class="order-number">(\d+)<\/span><\/span> <span class="tag \w+">([^<]+)</
      .exec(text)
      ?.slice(1)
      .join(' ');

  it('follow it from placed to returned', async () => {
    const { order, url, cookie } = await placeOne({
      lines: [{ sku: 'wool-throw', quantity: 2 }],
      state: 'ID',
    });
    const seen = async () => headOf(await get(url, cookie));
    assert.equal(await seen(), `${order.number} Placed`);
    await step(order.order_id, 'pack');
    assert.equal(await seen(), `${order.number} Packed`);
    const parcel = {
      carrier: 'UPS',
      tracking_number: '1Z999AA',
      tracking_url: 'https://ups.example/1Z999AA',
    };
    await step(order.order_id, 'shipments', { ...parcel, lines: [{ sku: 'wool-throw', quantity: 1 }] });
    assert.equal(await seen(), `${order.number} Partly shipped`);
    assert.match(
      (await get(url, cookie)).text,
      /href="https:\/\/ups\.example\/1Z999AA" rel="noopener noreferrer"/,
    );
    const stranger = await get(url, asBrowser);
    assert.equal(headOf(stranger), `${order.number} Partly shipped`);
    assert.doesNotMatch(stranger.text, /ups\.example|1Z999AA/);
    await step(order.order_id, 'shipments', parcel);
    assert.equal(await seen(), `${order.number} Shipped`);
    for (const shipment of [1, 2]) await step(order.order_id, `shipments/${shipment}/deliver`);
    assert.equal(await seen(), `${order.number} Delivered`);
    const back = { lines: [{ sku: 'wool-throw', quantity: 1 }], restock: true, reason: 'too warm' };
    await step(order.order_id, 'returns', back);
    assert.equal(await seen(), `${order.number} Partly returned`);
    await step(order.order_id, 'returns', back);
    assert.equal(await seen(), `${order.number} Returned`);
    assert.match((await get(url, cookie)).text, /<q>too warm<\/q>/);
    assert.doesNotMatch((await get(url, asBrowser)).text, /too warm/);
  });

  it('cancel it once it is confirmed, and then lead back to it: stock and ranking are as they were', async () => {
    const stock = await inStock(shop.url, 'tent-4p');
    const { url, cookie } = await placeOne({ lines: [{ sku: 'tent-4p', quantity: 4 }], state: 'VT' });
    const asked = await get(`${url}/cancel`, cookie);
    assert.equal(asked.status, 200);
    assert.equal(asked.headers.get('cache-control'), 'no-store');
    assert.equal(asked.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(await inStock(shop.url, 'tent-4p'), stock - 4, 'asking changes nothing');
    // As a double click: both are under way at once.
    const answers = await Promise.all([1, 2].map(() => postForm(`${url}/cancel`, formIn(asked), cookie)));
    for (const answer of [...answers, await postForm(`${url}/cancel`, formIn(asked), cookie)]) {
      assert.equal(answer.status, 303, answer.text);
      assert.equal(new URL(answer.headers.get('location') ?? '', `${url}/cancel`).href, url);
    }
    assert.match((await get(url, cookie)).text, />Cancelled</);
    assert.equal(await inStock(shop.url, 'tent-4p'), stock);
    assert.deepEqual(await ranking(shop.url, 'VT'), []);
    const late = await get(`${url}/cancel`, cookie);
    assert.match(late.text, /This order is cancelled/);
    assert.doesNotMatch(late.text, /<form/);
  });

  it('ask again when it has changed since the page was shown', async () => {
    const { order, url, cookie } = await placeOne();
    const asked = formIn(await get(`${url}/cancel`, cookie));
    await step(order.order_id, 'pack');
    const changed = await postForm(`${url}/cancel`, asked, cookie);
    assert.equal(changed.status, 409);
    assert.match(changed.text, /it is packed now\. You can still cancel it/);
    await step(order.order_id, 'shipments', { carrier: 'UPS' });
    const late = await postForm(`${url}/cancel`, formIn(changed), cookie);
    assert.equal(late.status, 409);
    assert.equal(headOf(late), `${order.number} Shipped`);
    assert.match(late.text, /Too late to cancel[\s\S]*have left the shop/);
    assert.doesNotMatch(late.text, /<form/);
  });

  it('take no form but their own: neither another order’s, nor one that is made up', async () => {
    const { url, cookie } = await placeOne();
    const other = await placeOne();
    const own = formIn(await get(`${url}/cancel`, cookie));
    const forged: readonly Readonly<Record<string, string>>[] = [
      {},
      { revision: '1' },
      { revision: '1', confirmation: '' },
      { revision: '2', confirmation: own['confirmation'] ?? '' },
      { revision: '1', confirmation: cookie.cookie.slice('order_key='.length) },
      formIn(await get(`${other.url}/cancel`, other.cookie)),
    ];
    for (const form of forged) {
      const answer = await postForm(`${url}/cancel`, form, cookie);
      assert.equal(answer.status, 409, JSON.stringify(form));
      assert.match(answer.text, /confirm again/);
    }
    assert.match((await get(url, cookie)).text, />Placed</);
    assert.equal((await postForm(`${url}/cancel`, own, cookie)).status, 303);
  });

  it('answer a wrong key, none and an unknown order alike', async () => {
    const { url, key } = await placeOne();
    const wrong = await placeOne();
    const unknown = `${shop.url}/orders/${unknownId}`;
    const withoutId = ({ status, text }: Answer) => [status, text.replace(/request [\w-]+/, '')];
    const first = withoutId(await get(`${unknown}/cancel`, asBrowser));
    assert.equal(first[0], 401);
    for (const address of [url, unknown, `${shop.url}/orders/nonsense`]) {
      for (const headers of [asBrowser, wrong.cookie]) {
        assert.deepEqual(withoutId(await get(`${address}/cancel`, headers)), first);
        assert.deepEqual(withoutId(await postForm(`${address}/cancel`, {}, headers)), first);
      }
      assert.deepEqual(withoutId(await get(`${address}/cancel?key=${wrong.key}`, asBrowser)), first);
    }
    assert.equal((await get(`${url}/cancel?key=${key}`, asBrowser)).status, 200);
  });

  it('work without cookies by the key in their addresses, and drop it where the cookie is', async () => {
    const { url, key, cookie } = await placeOne();
    const page = await get(`${url}?key=${key}`, asBrowser);
    assert.ok(page.text.includes(`/cancel?key=${key}"`));
    const asked = await get(`${url}/cancel?key=${key}`, asBrowser);
    assert.ok(asked.text.includes(`/cancel?key=${key}"`));
    const kept = await get(`${url}/cancel?key=${key}`, cookie);
    assert.equal(kept.status, 303);
    assert.equal(new URL(kept.headers.get('location') ?? '', `${url}/cancel`).href, `${url}/cancel`);
    const done = await postForm(`${url}/cancel?key=${key}`, formIn(asked), asBrowser);
    assert.equal(done.status, 303);
    assert.equal(new URL(done.headers.get('location') ?? '', `${url}/cancel`).href, `${url}?key=${key}`);
  });

  it('say kindly that personal data were erased', async () => {
    const { order, url, cookie } = await placeOne({ customer_name: 'Canary Bird' });
    await step(order.order_id, 'erase');
    const page = await get(url, cookie);
    assert.match(page.text, /Name, street and email were erased from this order/);
    assert.doesNotMatch(page.text, /Canary|>Erased/);
  });
});
