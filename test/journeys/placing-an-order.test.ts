/** From an order to its confirmation: by the API, by the form without JavaScript, with and without its key. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { anOrder, get, inStock, jsonOf, keyIn, place, postForm, postOrder, send } from './shop-client.ts';

let shop: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
});
after(() => shop?.close());

const usd = (amount: number) => ({ amount, currency: 'USD' });

describe('placing an order by the API', () => {
  it('answers 201 with the whole order and where it is', async () => {
    const askedAt = Date.now();
    const answer = await postOrder(shop.url, anOrder({ lines: [{ sku: 'tent-4p', quantity: 2 }] }));
    assert.equal(answer.status, 201, answer.text);
    const order = jsonOf(answer);
    assert.match(order.order_id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(answer.headers.get('location'), `/api/v1/orders/${order.order_id}`);
    assert.match(answer.headers.get('etag') ?? '', /^"[^"]+"$/);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.ok(Number.isSafeInteger(order.number));
    assert.match(order.placed_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
    assert.ok(Math.abs(Date.parse(order.placed_at) - askedAt) < 60_000);
    const { order_id, number, placed_at, confirmation_url, ...rest } = order;
    assert.deepEqual(rest, {
      status: 'placed',
      lines: [
        {
          sku: 'tent-4p',
          name: 'Sundown Four-Person Tent',
          quantity: 2,
          unit_price: usd(19_999),
          line_total: usd(39_998),
        },
      ],
      total: usd(39_998),
      shipping: {
        customer_name: 'Ada Lovelace',
        street_address: '12 Analytical Way',
        city: 'Austin',
        state: 'TX',
        zip_code: '78701',
        email: 'ada@example.com',
      },
    });
    assert.match(confirmation_url, new RegExp(`/orders/${order_id}\\?key=`));
    assert.ok(number > 0 && placed_at.length > 0);
  });

  it('shows name, address and email only to the holder of the key', async () => {
    const placed = await place(shop.url, { customer_name: 'Zaphod', street_address: '42 Heart Ave' });
    const address = `${shop.url}/api/v1/orders/${placed.order_id}`;
    const key = keyIn(placed.confirmation_url);

    const open = jsonOf(await get(address));
    assert.deepEqual(open.shipping, { state: 'TX' });
    assert.deepEqual(
      { ...open, shipping: 0, confirmation_url: 0 },
      { ...placed, shipping: 0, confirmation_url: 0 },
    );
    assert.doesNotMatch(JSON.stringify(open), /Zaphod|Heart|ada@|key=/);

    for (const headers of [{ 'order-key': key }, { cookie: `theme=dark; order_key=${key}` }]) {
      const answer = await get(address, headers);
      assert.deepEqual(jsonOf(answer), placed);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    }
    assert.deepEqual(jsonOf(await get(`${address}?key=${key}`)), placed);

    const other = await place(shop.url);
    const otherKey = keyIn(other.confirmation_url);
    for (const wrong of [otherKey, key.slice(1), `${key}A`, key.toLowerCase(), '', '%00', 'ключ']) {
      const refused = await get(`${address}?key=${encodeURIComponent(wrong)}`);
      assert.equal(refused.status, 200);
      assert.doesNotMatch(refused.text, /Zaphod/, `key ${wrong}`);
    }
  });

  it('takes several lines and merges those of one product', async () => {
    const mugs = await inStock(shop.url, 'awning-mug');
    const order = await place(shop.url, {
      lines: [
        { sku: 'awning-mug', quantity: 1 },
        { sku: 'storm-lantern', quantity: 3 },
        { sku: 'awning-mug', quantity: 4 },
      ],
    });
    assert.deepEqual(
      order.lines.map(({ sku, quantity }: { sku: string; quantity: number }) => [sku, quantity]),
      [
        ['awning-mug', 5],
        ['storm-lantern', 3],
      ],
    );
    const sum = order.lines.reduce(
      (cents: number, line: { line_total: { amount: number } }) => cents + line.line_total.amount,
      0,
    );
    assert.deepEqual(order.total, usd(sum));
    assert.equal(await inStock(shop.url, 'awning-mug'), mugs - 5);
  });

  it('keeps any script in a name as it was typed, in NFC and trimmed', async () => {
    const order = await place(shop.url, {
      customer_name: '  Zoe\u0308 Øresund 李小龙 👩‍🚀 ',
      city: null,
      email: undefined,
    });
    assert.equal(order.shipping.customer_name, 'Zoë Øresund 李小龙 👩‍🚀');
    assert.equal(order.shipping.city, null);
    assert.equal(order.shipping.email, null);
  });

  it('numbers orders without a gap, in the order in which they were placed', async () => {
    const first = await place(shop.url);
    await postOrder(shop.url, anOrder({ lines: [{ sku: 'ukulele', quantity: 1 }] }));
    const second = await place(shop.url);
    assert.equal(second.number, first.number + 1);
    assert.ok(second.order_id > first.order_id);
  });

  it('refuses what is sold out, names it and what is left, and takes nothing', async () => {
    const chairs = await inStock(shop.url, 'reading-chair');
    const mugs = await inStock(shop.url, 'awning-mug');
    const answer = await postOrder(
      shop.url,
      anOrder({
        lines: [
          { sku: 'awning-mug', quantity: 1 },
          { sku: 'reading-chair', quantity: chairs + 1 },
          { sku: 'ukulele', quantity: 1 },
        ],
      }),
    );
    assert.equal(answer.status, 409);
    const problem = jsonOf(answer);
    assert.equal(problem.code, 'out_of_stock');
    assert.deepEqual(
      problem.shortages.map(({ sku, requested, available }: Record<string, unknown>) => ({
        sku,
        requested,
        available,
      })),
      [
        { sku: 'reading-chair', requested: chairs + 1, available: chairs },
        { sku: 'ukulele', requested: 1, available: 0 },
      ],
    );
    assert.deepEqual(
      problem.errors.map(({ pointer }: { pointer: string }) => pointer),
      ['/lines/1/quantity', '/lines/2/quantity'],
    );
    assert.equal(await inStock(shop.url, 'awning-mug'), mugs);
  });
});

describe('the confirmation page', () => {
  it('shows the order and the top three of its state, this order included', async () => {
    const order = await place(shop.url, {
      customer_name: 'Grace <b>Hopper</b>',
      state: 'VT',
      zip_code: '05401-0001',
      lines: [{ sku: 'diamond-kite', quantity: 3 }],
    });
    const page = await get(`${shop.url}${order.confirmation_url}`, { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.ok(page.headers.get('content-security-policy'));
    assert.match(page.text, /Grace &lt;b&gt;Hopper&lt;\/b&gt;/);
    assert.doesNotMatch(page.text, /<b>Hopper/);
    for (const part of [
      `${order.number}`,
      'Fair Wind Diamond Kite',
      '12 Analytical Way',
      'Vermont',
      '05401-0001',
    ]) {
      assert.ok(page.text.includes(part), part);
    }
    assert.match(page.text, /Popular products in your area[\s\S]*Fair Wind Diamond Kite[\s\S]*Ordered once/);
    assert.match(page.text, /src="\/images\/diamond-kite\.svg"/);
  });

  it('never shows more than three popular products, the most ordered first', async () => {
    for (const [sku, times] of [
      ['wool-throw', 3],
      ['desk-lamp', 2],
      ['bird-house', 1],
      ['pencil-cup', 1],
    ] as const) {
      for (let i = 0; i < times; i += 1)
        await place(shop.url, { state: 'NH', lines: [{ sku, quantity: 1 }] });
    }
    const order = await place(shop.url, { state: 'NH', lines: [{ sku: 'pencil-cup', quantity: 1 }] });
    const { text } = await get(`${shop.url}${order.confirmation_url}`, { accept: 'text/html' });
    const popular = text.slice(text.indexOf('Popular products'));
    const shown = Array.from(popular.matchAll(/\?product=([a-z0-9-]+)#/g), ([, sku]) => sku);
    assert.deepEqual(shown, ['wool-throw', 'desk-lamp', 'pencil-cup']);
  });

  it('hides personal data without the key, and says so', async () => {
    const order = await place(shop.url, { customer_name: 'Trillian' });
    const page = await get(`${shop.url}/orders/${order.order_id}`, { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.doesNotMatch(page.text, /Trillian|Analytical|ada@example/);
    assert.ok(page.text.includes(String(order.number)));
    assert.equal(page.headers.get('set-cookie'), null);
  });

  it('is a friendly 404 for an order that does not exist', async () => {
    for (const id of ['0199f0c0-0000-7000-8000-000000000000', 'nonsense', '%ff', '..%2f..']) {
      const page = await get(`${shop.url}/orders/${id}`, { accept: 'text/html' });
      assert.equal(page.status, 404, id);
      assert.match(page.headers.get('content-type') ?? '', /^text\/html/, id);
    }
  });
});

describe('the form without JavaScript', () => {
  const typed = {
    product_name: 'Market Awning Mug',
    quantity: ' 2 ',
    customer_name: 'Marvin',
    street_address: '1 Brain Rd',
    city: '',
    state: 'OH',
    zip_code: '44101',
    email: '',
  };

  it('leads to the confirmation, whose address loses the key once the cookie has come back', async () => {
    const answer = await postForm(`${shop.url}/`, typed);
    assert.equal(answer.status, 303, answer.text);
    const location = answer.headers.get('location') ?? '';
    const [path = '', key] = location.split('?key=');
    assert.match(path, /^\/orders\/[0-9a-f-]{36}$/);
    const cookie = answer.headers.getSetCookie().find((each) => each.startsWith('order_key=')) ?? '';
    assert.match(cookie, /HttpOnly/i);
    assert.match(cookie, /SameSite=Lax/i);
    assert.ok(cookie.includes(`Path=${path};`));
    const browser = { cookie: cookie.split(';')[0] ?? '', accept: 'text/html' };
    const arrived = await get(`${shop.url}${location}`, browser);
    const onward = new URL(arrived.headers.get('location') ?? '', `${shop.url}${path}`);
    assert.deepEqual([arrived.status, onward.href], [303, `${shop.url}${path}`]);
    const page = await get(`${shop.url}${path}`, browser);
    assert.equal(page.status, 200);
    for (const own of [/Marvin/, /1 Brain Rd/, /Ohio/]) assert.match(page.text, own);
    assert.doesNotMatch((await get(`${shop.url}${path}`, { accept: 'text/html' })).text, /Marvin/);
    assert.equal(browser.cookie, `order_key=${key}`);
  });

  it('shows all of it at the address with the key to a browser that keeps no cookie, as often as it is asked', async () => {
    const answer = await postForm(`${shop.url}/`, typed);
    const address = `${shop.url}${answer.headers.get('location')}`;
    for (let reload = 0; reload < 2; reload += 1) {
      const page = await get(address, { accept: 'text/html' });
      assert.equal(page.status, 200);
      assert.match(page.text, /Marvin[\s\S]*1 Brain Rd/);
    }
    // A cookie with another key, or of another order, is not the one that came back.
    const other = await place(shop.url);
    for (const key of [keyIn(other.confirmation_url), 'x'.repeat(43)]) {
      const page = await get(address, { accept: 'text/html', cookie: `order_key=${key}` });
      assert.deepEqual([page.status, /Marvin/.test(page.text)], [200, true]);
    }
    // A wrong key is not taken out of an address: it would look as if it had been right.
    const wrong = await get(`${shop.url}/orders/${other.order_id}?key=${'x'.repeat(43)}`, {
      accept: 'text/html',
      cookie: `order_key=${'x'.repeat(43)}`,
    });
    assert.equal(wrong.status, 200);
    // Programs get the order itself, whatever cookies they keep.
    const json = await get(address, {
      accept: 'application/json',
      cookie: `order_key=${new URL(address).searchParams.get('key')}`,
    });
    assert.equal(jsonOf(json).shipping.customer_name, 'Marvin');
  });

  it('sent twice makes one order', async () => {
    const form = (await get(`${shop.url}/`, { accept: 'text/html' })).text;
    const key = /name="idempotency_key" value="([^"]+)"/.exec(form)?.[1] ?? assert.fail('the form has a key');
    const before = await inStock(shop.url, 'awning-mug');
    const answers = await Promise.all(
      [0, 1, 2].map(() => postForm(`${shop.url}/`, { ...typed, idempotency_key: key })),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]));
    assert.equal(new Set(answers.map(({ headers }) => headers.get('location'))).size, 1);
    assert.equal(await inStock(shop.url, 'awning-mug'), before - 2);
  });

  it('comes back with what was typed and what is wrong with it', async () => {
    const answer = await postForm(`${shop.url}/`, {
      ...typed,
      zip_code: '4410',
      quantity: '0',
      customer_name: '"><i>',
    });
    assert.equal(answer.status, 422);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(answer.text, /value="4410"/);
    assert.match(answer.text, /&quot;&gt;&lt;i&gt;/);
    assert.match(answer.text, /id="error-zip_code">[^<]/);
    assert.match(answer.text, /id="error-quantity">[^<]/);
    assert.match(answer.text, /id="error-street_address"><\/p>|id="error-street_address">\s*</);
  });

  it('says so when the product is sold out, and keeps what was typed', async () => {
    const answer = await postForm(`${shop.url}/`, { ...typed, product_name: 'Porch Song Ukulele' });
    assert.equal(answer.status, 409);
    assert.match(answer.text, /id="error-product_name">[^<]*sold out/i);
    assert.match(answer.text, /value="Marvin"/);
  });

  it('is answered with a page when a browser sends something else', async () => {
    const answer = await send(`${shop.url}/`, {
      method: 'POST',
      body: 'hello',
      headers: { 'content-type': 'text/plain', accept: 'text/html' },
    });
    assert.equal(answer.status, 415);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
  });
});
