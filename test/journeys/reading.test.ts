/** Reads: the form of an answer, when it need not be sent again, pages of a list, and who may read. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { endpoints } from '../../src/http/endpoints.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import { sendBytes } from '../hostile-input/requests.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { get, type Json, jsonOf, keyIn, place, ranking, send } from './shop-client.ts';

const listed = 'https://shop.example';

let shop: Shop;
before(async () => {
  shop = await openShop({
    engine: engineOf(import.meta.url),
    settings: { CORS_ORIGINS: `${listed}, http://localhost:8080` },
  });
});
after(() => shop?.close());

describe('popularity', () => {
  it('counts orders of a product in a state, units settle ties, then the name', async () => {
    const orders: readonly (readonly [sku: string, quantities: readonly number[]])[] = [
      ['tent-4p', [1, 1]],
      ['awning-mug', [1, 4]],
      ['wool-throw', [50]],
      ['honey-jar', [1]],
      ['desk-lamp', [1]],
    ];
    for (const [sku, quantities] of orders) {
      for (const quantity of quantities) await place(shop.url, { state: 'WY', lines: [{ sku, quantity }] });
    }
    // Lean-In Desk Lamp comes before Rooftop Wildflower Honey.
    const expected = ['awning-mug 2 5', 'tent-4p 2 2', 'wool-throw 1 50', 'desk-lamp 1 1', 'honey-jar 1 1'];
    assert.deepEqual(await ranking(shop.url, 'WY', 20), expected);
    assert.deepEqual(await ranking(shop.url, 'WY'), expected.slice(0, 3));
    assert.deepEqual(await ranking(shop.url, 'WY', 1), expected.slice(0, 1));
    assert.deepEqual(await ranking(shop.url, 'GU'), []);
  });

  it('counts an order once for each product it holds, and a refused one not at all', async () => {
    await place(shop.url, {
      state: 'MT',
      lines: [
        { sku: 'tent-4p', quantity: 1 },
        { sku: 'awning-mug', quantity: 2 },
        { sku: 'tent-4p', quantity: 1 },
      ],
    });
    await send(`${shop.url}/api/v1/orders`, { method: 'POST', body: '{' });
    assert.deepEqual(await ranking(shop.url, 'MT'), ['awning-mug 1 2', 'tent-4p 1 2']);
    const { state, products } = jsonOf(await get(`${shop.url}/api/v1/states/MT/top-products`));
    assert.equal(state, 'MT');
    assert.deepEqual(products[1], {
      rank: 2,
      sku: 'tent-4p',
      name: 'Sundown Four-Person Tent',
      image_url: '/images/tent-4p.svg',
      orders: 1,
      units: 2,
    });
  });

  it('leaves a retired product out, of the answer and of the confirmation page, and fills up with the next', async () => {
    const bought = ['tent-4p', 'awning-mug', 'wool-throw', 'honey-jar'];
    const lines = bought.map((sku, nth) => ({ sku, quantity: 4 - nth }));
    const order = await place(shop.url, { state: 'VT', lines });
    const store = await databaseAt(shop.postgres?.url ?? `sqlite:${shop.file}`).open();
    const mug = (await store.findProduct('awning-mug')) ?? assert.fail('the mug is there');
    const { onHand: _, ...catalogued } = mug;
    const page = async () => {
      const answer = await get(`${shop.url}${order.confirmation_url}`, { accept: 'text/html' });
      assert.equal(answer.status, 200);
      return Array.from(answer.text.matchAll(/href="[^"]*[?]product=([a-z0-9-]+)/g), ([, sku]) => sku);
    };
    try {
      assert.deepEqual(await page(), ['tent-4p', 'awning-mug', 'wool-throw']);
      await store.saveProducts([{ ...catalogued, active: false }]);
      assert.deepEqual(await ranking(shop.url, 'VT'), ['tent-4p 1 4', 'wool-throw 1 2', 'honey-jar 1 1']);
      assert.deepEqual(await page(), ['tent-4p', 'wool-throw', 'honey-jar']);
    } finally {
      await store.saveProducts([catalogued]);
      await store.close();
    }
    assert.deepEqual(await page(), ['tent-4p', 'awning-mug', 'wool-throw']);
  });
});

describe('one address, two forms', () => {
  const page = /^text\/html/;
  const json = /^application\/json/;
  for (const [accept, form] of [
    ['application/json', json],
    ['text/html', page],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', page],
    ['application/json, text/html;q=0.9', json],
    ['application/json;q=0.1, text/html;q=0', json],
    ['text/*;q=0.2, application/*;q=0.3', json],
    ['*/*', page],
    ['APPLICATION/JSON', json],
    ['nonsense;;;q=7,,/', page],
  ] as const) {
    it(`/orders/{order_id} for ${accept}`, async () => {
      const { order_id } = await place(shop.url);
      const answer = await get(`${shop.url}/orders/${order_id}`, { accept });
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type') ?? '', form);
      assert.match(answer.headers.get('vary') ?? '', /accept/i);
    });
  }

  it('the JSON of both addresses is the same, with and without the key', async () => {
    const order = await place(shop.url);
    for (const query of ['', `?key=${keyIn(order.confirmation_url)}`]) {
      const path = `/orders/${order.order_id}${query}`;
      const [atPage, atApi] = await Promise.all([
        get(`${shop.url}${path}`, { accept: 'application/json' }),
        get(`${shop.url}/api/v1${path}`),
      ]);
      assert.equal(atPage.text, atApi.text);
      assert.equal(atPage.headers.get('etag'), atApi.headers.get('etag'));
    }
  });
});

describe('ETag', () => {
  it('of an order is strong, other with the key than without, and saves sending it again', async () => {
    const order = await place(shop.url);
    const address = `${shop.url}/api/v1/orders/${order.order_id}`;
    const key = keyIn(order.confirmation_url);
    const open = (await get(address)).headers.get('etag') ?? assert.fail('no ETag');
    const full = (await get(address, { 'order-key': key })).headers.get('etag') ?? assert.fail('no ETag');
    assert.match(open, /^"/);
    assert.notEqual(open, full);
    for (const tag of [open, `W/${open}`, `"x", ${open}`, '*']) {
      const same = await get(address, { 'if-none-match': tag });
      assert.equal(same.status, 304, tag);
      assert.equal(same.text, '');
      assert.equal(same.headers.get('etag'), open);
    }
    for (const tag of ['"x"', full, open.slice(1), '']) {
      assert.equal((await get(address, { 'if-none-match': tag })).status, 200, tag);
    }
  });

  for (const [path, type] of [
    ['/images/tent-4p.svg', 'image/svg+xml'],
    ['/docs', 'text/html; charset=utf-8'],
    ['/openapi.json', 'application/json'],
  ] as const) {
    it(`of ${path} saves sending it again, and it is sent compressed`, async () => {
      const plain = await get(`${shop.url}${path}`, { 'accept-encoding': 'identity' });
      assert.equal(plain.headers.get('content-type'), type);
      assert.equal(plain.headers.get('content-encoding'), null);
      const tag = plain.headers.get('etag') ?? assert.fail('no ETag');
      for (const encoding of ['gzip', 'br']) {
        const answer = await get(`${shop.url}${path}`, { 'accept-encoding': encoding });
        assert.equal(answer.headers.get('content-encoding'), encoding);
        assert.equal(answer.text, plain.text);
        assert.equal(answer.headers.get('etag'), tag);
      }
      const same = await get(`${shop.url}${path}`, { 'if-none-match': tag });
      assert.equal(same.status, 304);
      assert.equal(same.headers.get('etag'), tag);
    });
  }
});

describe('the list of products', () => {
  it('comes page by page, each leading to the next, every product once', async () => {
    const all = jsonOf(await get(`${shop.url}/api/v1/products?limit=100`));
    assert.ok(all.products.length >= 16);
    assert.equal(all.next_cursor, null);
    for (const limit of [1, 7, all.products.length - 1, all.products.length]) {
      const skus: string[] = [];
      let next: string | null = `/api/v1/products?limit=${limit}`;
      while (next !== null) {
        const answer = await get(`${shop.url}${next}`);
        const body = jsonOf(answer);
        assert.ok(body.products.length >= 1 && body.products.length <= limit);
        skus.push(...body.products.map(({ sku }: Json) => sku));
        const link = answer.headers.get('link');
        next = /^<(\/[^>]+)>; rel="next"$/.exec(link ?? '')?.[1] ?? null;
        assert.equal(next === null, body.next_cursor === null);
        if (next !== null) assert.ok(next.includes(encodeURIComponent(body.next_cursor)));
      }
      assert.deepEqual(
        skus,
        all.products.map(({ sku }: Json) => sku),
      );
    }
  });

  it('is searched by words and by category, in the order that is asked for', async () => {
    const find = async (query: string) => {
      const skus: string[] = [];
      for (let next: string | null = `/api/v1/products?${query}`; next !== null; ) {
        const answer = await get(`${shop.url}${next}`);
        assert.equal(answer.status, 200, answer.text);
        skus.push(...jsonOf(answer).products.map(({ sku }: Json) => sku));
        next = /^<(\/[^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
      }
      return skus;
    };
    assert.deepEqual(await find('q=market%20awning'), ['awning-mug']);
    assert.deepEqual(await find('q=AWN+mark'), ['awning-mug']);
    assert.deepEqual(await find('q=awnings'), []);
    assert.deepEqual(await find('q=%21%3F'), []);
    const all = await find('limit=100');
    assert.deepEqual((await find('q=')).toSorted(), all);
    const byName = await find('sort=name&limit=3');
    assert.deepEqual(byName, await find('sort=name&limit=100'));
    const cheapest = await find('sort=cheapest&limit=2');
    const { products } = jsonOf(await get(`${shop.url}/api/v1/products?sort=cheapest&limit=100`));
    const prices = products.map(({ price }: Json) => price.amount);
    assert.deepEqual(
      prices,
      prices.toSorted((a: number, b: number) => a - b),
    );
    assert.deepEqual(
      cheapest,
      products.map(({ sku }: Json) => sku),
    );
    assert.deepEqual((await find('sort=newest&limit=5')).toSorted(), all);
    const { category } = products[0];
    const inCategory = await find(`category=${encodeURIComponent(category)}&limit=1`);
    assert.ok(inCategory.length > 0 && inCategory.length < all.length);
    assert.deepEqual(await find('category=Nothing'), []);
  });

  it('refuses a limit or cursor it never gave', async () => {
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=',
      'limit=1.5',
      'limit=-1',
      'limit=1e1',
      'limit=%00',
      'cursor=',
      'cursor=ABC',
      'cursor=%F0%9F%92%A9',
      'cursor=a-',
      'cursor=n..tent-4p',
      'sort=name&cursor=tent-4p',
      'sort=name&cursor=c.0.tent-4p',
      'sort=cheapest&cursor=c.-1.tent-4p',
      'sort=newest&cursor=c.0.tent-4p',
      'sort=cheapest&cursor=c.00.tent-4p',
      'sort=name&cursor=n.YQ.tent-4p.x',
      'sort=name&cursor=n.YQ=.tent-4p',
      `sort=name&cursor=n.${'Q'.repeat(535)}.tent-4p`,
      `sort=cheapest&cursor=c.${'1'.repeat(12)}.tent-4p`,
      'sort=price',
      'sort=',
      `q=${'a'.repeat(201)}`,
      `q=${encodeURIComponent('🎪'.repeat(201))}`,
      `category=${'a'.repeat(201)}`,
      'q=a&q=b',
      'limit=1&limit=2',
    ]) {
      const answer = await get(`${shop.url}/api/v1/products?${query}`);
      assert.equal(answer.status, 400, query);
      assert.equal(jsonOf(answer).code, 'invalid_parameter');
    }
    for (const limit of ['0', '21', 'x']) {
      assert.equal((await get(`${shop.url}/api/v1/states/TX/top-products?limit=${limit}`)).status, 400);
    }
    for (const state of ['T', 'XX', 'TXX', '%20']) {
      assert.equal((await get(`${shop.url}/api/v1/states/${state}/top-products`)).status, 404);
    }
  });

  it('takes every cursor and question of the form that the document declares', async () => {
    const { paths } = jsonOf(await get(`${shop.url}/openapi.json`));
    const declared = new Map<string, { pattern?: string; maxLength?: number }>(
      paths['/api/v1/products'].get.parameters.map(({ name, schema }: Json) => [name, schema]),
    );
    const cursors = {
      name: ['n..tent-4p', 'n.QQ.tent-4p', 'n.AA.tent-4p', 'n._w.tent-4p', `n.${'Q'.repeat(534)}.a`],
      newest: ['t.0.tent-4p', 't.zzzzzzzzzzz.tent-4p'],
      cheapest: ['c.0.tent-4p', 'c.zzzzzzzzzzz.tent-4p'],
    };
    const isDeclared = new RegExp(declared.get('cursor')?.pattern ?? assert.fail());
    for (const [sort, those] of Object.entries(cursors)) {
      for (const cursor of those) {
        assert.match(cursor, isDeclared);
        const answer = await get(`${shop.url}/api/v1/products?sort=${sort}&cursor=${cursor}`);
        assert.equal(answer.status, 200, cursor);
        assert.equal((await get(`${shop.url}/?sort=${sort}&after=${cursor}`)).status, 200, cursor);
      }
    }
    for (const refused of ['', 'ABC', 'a-', 'c.00.tent-4p', 'n.%00.tent-4p', `n.${'Q'.repeat(535)}.a`])
      assert.doesNotMatch(refused, isDeclared);
    assert.equal(declared.get('q')?.maxLength, 200);
    const longest = encodeURIComponent('🎪'.repeat(200));
    assert.equal((await get(`${shop.url}/api/v1/products?q=${longest}&category=${longest}`)).status, 200);
  });

  it('and a product itself', async () => {
    const { products } = jsonOf(await get(`${shop.url}/api/v1/products?limit=1`));
    assert.deepEqual(jsonOf(await get(`${shop.url}/api/v1/products/${products[0].sku}`)), products[0]);
    for (const sku of ['no-such', 'TENT-4P', '-', 'a%2fb', '%ff']) {
      const answer = await get(`${shop.url}/api/v1/products/${sku}`);
      assert.equal(answer.status, 404, sku);
      assert.equal(jsonOf(answer).code, 'product_not_found');
    }
  });
});

describe('an address written another way', () => {
  it('with a slash at its end leads to the one without', async () => {
    const { order_id } = await place(shop.url);
    for (const path of [
      '/docs/',
      '/health_check/',
      '/get_product/?product_name=a%20b&x=%2F',
      '/api/v1/products/?limit=1',
      `/orders/${order_id}/?key=abc`,
      '/images/tent-4p.svg/',
    ]) {
      const answer = await get(`${shop.url}${path}`);
      assert.equal(answer.status, 308, path);
      const location = new URL(answer.headers.get('location') ?? '', `https://shop.example/prefix${path}`);
      assert.equal(location.href, `https://shop.example/prefix${path.replace(/\/(\?|$)/, '$1')}`);
    }
    const posted = await send(`${shop.url}/api/v1/orders/`, { method: 'POST', body: '{}' });
    assert.equal(posted.status, 308);
    assert.equal((await get(`${shop.url}/none/`)).status, 404);
    for (const path of ['/none/', '/docs//', '//evil.example/', '//docs/']) {
      const answer = await get(`${shop.url}${path}`);
      const location = new URL(answer.headers.get('location') ?? '/', shop.url);
      assert.equal(location.origin, shop.url, path);
    }
  });

  it('with dot segments is the one that they lead to', async () => {
    for (const [path, status] of [
      ['/./', 200],
      ['/docs/..', 200],
      ['/none/../docs', 200],
      ['/%2e/livez', 200],
      ['/./#fragment', 200],
      ['/docs/.', 308],
      ['/docs/../none', 404],
    ] as const) {
      const answer = await sendBytes(
        shop.url,
        `GET ${path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n`,
      );
      assert.equal(answer.status, status, path);
    }
  });

  it('with the id of an order in upper case is that order', async () => {
    const { order_id, confirmation_url } = await place(shop.url);
    const upper = order_id.toUpperCase();
    const order = jsonOf(await get(`${shop.url}/api/v1/orders/${upper}?key=${keyIn(confirmation_url)}`));
    assert.equal(order.order_id, order_id);
    assert.equal(order.shipping.customer_name, 'Ada Lovelace');
    const page = await get(`${shop.url}/orders/${upper}?key=abc`, { accept: 'text/html' });
    assert.equal(page.status, 308);
    assert.equal(
      new URL(page.headers.get('location') ?? '', `${shop.url}/orders/`).href,
      `${shop.url}/orders/${order_id}?key=abc`,
    );
  });
});

describe('callers from other origins', () => {
  const preflight = (origin: string) =>
    send(`${shop.url}/api/v1/orders`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'idempotency-key',
      },
    });

  it('may do what the list allows them', async () => {
    for (const origin of [listed, 'http://localhost:8080']) {
      const asked = await preflight(origin);
      assert.equal(asked.status, 204);
      assert.equal(asked.headers.get('access-control-allow-origin'), origin);
      assert.match(asked.headers.get('access-control-allow-methods') ?? '', /\bPOST\b/);
      assert.match(asked.headers.get('access-control-allow-headers') ?? '', /idempotency-key/i);
      const answer = await get(`${shop.url}/api/v1/products`, { origin });
      assert.equal(answer.headers.get('access-control-allow-origin'), origin);
      assert.match(answer.headers.get('vary') ?? '', /origin/i);
    }
  });

  it('may send every header that an endpoint reads', async () => {
    for (const { method, path, request } of endpoints) {
      for (const name of Object.keys(request.headers ?? {})) {
        const asked = await send(`${shop.url}${path.replaceAll(/:\w+/g, 'x')}`, {
          method: 'OPTIONS',
          headers: {
            origin: listed,
            'access-control-request-method': method,
            'access-control-request-headers': name.toLowerCase(),
          },
        });
        const listOf = (answered: string) => (asked.headers.get(answered) ?? '').toLowerCase().split(/ *, */);
        const context = `${name} with ${method} ${path}`;
        assert.ok(listOf('access-control-allow-headers').includes(name.toLowerCase()), context);
        assert.ok(listOf('access-control-allow-methods').includes(method.toLowerCase()), context);
      }
    }
  });

  it('are told nothing when they are not on the list, not even in an error', async () => {
    for (const origin of [
      'https://evil.example',
      `${listed}.evil.example`,
      `${listed}:444`,
      'http://shop.example',
      'null',
      '*',
      '',
    ]) {
      for (const answer of [
        await preflight(origin),
        await get(`${shop.url}/api/v1/products`, { origin }),
        await get(`${shop.url}/none`, { origin }),
      ]) {
        const names = Array.from(answer.headers.keys()).filter((name) => name.startsWith('access-control-'));
        assert.deepEqual(names, [], origin);
      }
    }
  });
});

describe('content negotiation', () => {
  it('sends no encoding that the client excludes by its weight', async () => {
    const page = await get(`${shop.url}/`, { 'accept-encoding': 'identity' });
    const style = /href="(\/assets\/theme\.[^"]+)"/.exec(page.text)?.[1] ?? '';
    // The shop page is made anew for each request and has no brotli form.
    for (const [accepted, ofStyle, ofPage] of [
      ['br;q=0', null, null],
      ['br;q=0, gzip;q=0.5', 'gzip', 'gzip'],
      ['gzip, br', 'br', 'gzip'],
      ['br', 'br', null],
      ['br, gzip;q=0', 'br', null],
    ] as const) {
      for (const [path, sent] of [
        [style, ofStyle],
        ['/', ofPage],
      ] as const) {
        const { status, headers, text } = await get(`${shop.url}${path}`, { 'accept-encoding': accepted });
        assert.equal(status, 200);
        assert.equal(headers.get('content-encoding'), sent, `${path} for ${accepted}`);
        assert.match(text, path === '/' ? /<!doctype html>/i : /--/);
      }
    }
  });

  it('sends no page to a client that excludes pages by their weight', async () => {
    const { order_id: id } = await place(shop.url);
    const { headers, text } = await get(`${shop.url}/orders/${id}`, { accept: 'text/html;q=0' });
    assert.match(headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(JSON.parse(text).order_id, id);
  });
});
