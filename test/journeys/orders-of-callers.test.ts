/** Orders of callers with API keys: their Idempotency-Keys are their own, and a shop may be closed to all others. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { aForm, anOrder, get, jsonOf, postForm, postJson, type RequestHeaders } from './shop-client.ts';

const engine = engineOf(import.meta.url);

async function bearerOf(shop: Shop, name: string, scopes: string): Promise<RequestHeaders> {
  const { stdout, output } = await shop.run(['keys', 'create', '--name', name, '--scopes', scopes]);
  assert.match(stdout, /^nzm_/, output);
  return { authorization: `Bearer ${stdout.trim()}` };
}

const original = { ...aForm(), quantity: 1 };

describe(`orders of callers with API keys (${engine})`, () => {
  let shop: Shop;
  let erp: RequestHeaders;
  let till: RequestHeaders;
  before(async () => {
    shop = await openShop({ engine });
    erp = await bearerOf(shop, 'erp', 'orders:write');
    till = await bearerOf(shop, 'till', 'orders:read');
  });
  after(() => shop?.close());

  for (const [path, order] of [
    ['/api/v1/orders', anOrder()],
    ['/', original],
  ] as const) {
    it(`one Idempotency-Key of three callers makes three orders, and each replays its own (POST ${path})`, async () => {
      const place = (caller: RequestHeaders) =>
        postJson(`${shop.url}${path}`, order, { ...caller, 'idempotency-key': `the-same${path}` });
      const ids = new Set<string>();
      for (const caller of [erp, till, {}]) {
        const first = await place(caller);
        assert.equal(first.status, 201, first.text);
        assert.equal(first.headers.get('idempotent-replayed'), null);
        ids.add(jsonOf(first).order_id);
        const again = await place(caller);
        assert.equal(again.headers.get('idempotent-replayed'), 'true');
        assert.equal(again.text, first.text);
        assert.equal(
          (await postJson(`${shop.url}${path}`, order, { ...caller, 'idempotency-key': `"the-same${path}"` }))
            .text,
          first.text,
        );
      }
      assert.equal(ids.size, 3);
    });
  }

  it('the field of a form is scoped as the header is', async () => {
    const form = { ...aForm({ customer_name: 'Grace Hopper' }), idempotency_key: 'in-the-form' };
    const inForm = await postForm(`${shop.url}/`, form, erp);
    assert.equal(inForm.status, 303, inForm.text);
    const { idempotency_key: key, ...fields } = form;
    const inHeader = await postForm(`${shop.url}/`, fields, { ...erp, 'idempotency-key': key });
    const orderIn = ({ headers }: { headers: Headers }) => headers.get('location')?.split('?')[0];
    assert.equal(orderIn(inHeader), orderIn(inForm));
    assert.notEqual(orderIn(await postForm(`${shop.url}/`, form)), orderIn(inForm));
  });

  it('name, street, ZIP code and email are shown to keys with orders:read and customers:read, and to no other', async () => {
    const order = jsonOf(await postJson(`${shop.url}/api/v1/orders`, anOrder()));
    const clerk = await bearerOf(shop, 'clerk', 'orders:read,customers:read');
    const halves = [till, await bearerOf(shop, 'half', 'customers:read'), erp, {}];
    for (const path of [`/api/v1/orders/${order.order_id}`, `/orders/${order.order_id}`]) {
      const read = (caller: RequestHeaders) =>
        get(`${shop.url}${path}`, { ...caller, accept: 'application/json' });
      const seen = await read(clerk);
      assert.equal(jsonOf(seen).shipping.customer_name, 'Ada Lovelace', seen.text);
      assert.equal(jsonOf(seen).shipping.zip_code, '78701');
      assert.equal(jsonOf(seen).shipping.email, 'ada@example.com');
      assert.equal(seen.headers.get('cache-control'), 'no-store');
      assert.ok(
        !seen.text.includes('key='),
        'nor the key to its page, which would let it act as the shopper',
      );
      const tags = new Set([seen.headers.get('etag')]);
      for (const caller of halves) {
        const hidden = await read(caller);
        assert.equal(jsonOf(hidden).shipping.customer_name, undefined, hidden.text);
        assert.ok(!/Lovelace|Analytical|"78701"|ada@/.test(hidden.text));
        tags.add(hidden.headers.get('etag'));
      }
      assert.equal(tags.size, 2, 'one for the clerk, one for the others');
      const again = await get(`${shop.url}${path}`, {
        ...till,
        accept: 'application/json',
        'if-none-match': seen.headers.get('etag') ?? '',
      });
      assert.equal(again.status, 200, 'another view is no unchanged one');
    }
  });

  it('with ORDERS_NEED_KEY take orders of callers with orders:write alone, by every way in', async () => {
    await shop.stop();
    await shop.start({ ORDERS_NEED_KEY: 'true' });
    for (const path of ['/api/v1/orders', '/']) {
      const order = path === '/' ? original : anOrder();
      const place = (caller: RequestHeaders) => postJson(`${shop.url}${path}`, order, caller);
      const refused = await place({});
      assert.equal(refused.status, 401, refused.text);
      assert.equal(jsonOf(refused).code, 'key_required');
      assert.equal((await place(till)).status, 403);
      assert.equal((await place(erp)).status, 201);
    }
    const form = await postForm(`${shop.url}/`, aForm(), { accept: 'text/html' });
    assert.equal(form.status, 401, form.text);
    assert.equal((await get(`${shop.url}/api/v1/products`)).status, 200, 'the catalogue stays open');
    const page = await get(`${shop.url}/?product=awning-mug`, { accept: 'text/html' });
    assert.doesNotMatch(page.text, /method="post"|Place order|type="module"|js-only/);
    assert.match(page.text, /Orders are taken elsewhere/);
    assert.match(page.text, /data-sku="awning-mug"/, 'the products are shown');
    const replayed = await postJson(`${shop.url}/api/v1/orders`, anOrder(), {
      ...erp,
      'idempotency-key': 'the-same/api/v1/orders',
    });
    assert.equal(replayed.headers.get('idempotent-replayed'), 'true');
    const { code, output } = await shop.verify();
    assert.equal(code, 0, output);
  });
});
