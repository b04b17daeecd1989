/** The list of orders, as a program of the shop reads it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { get, type Json, jsonOf, place, send } from './shop-client.ts';

const engine = engineOf(import.meta.url);

describe(`the list of orders (${engine})`, () => {
  let shop: Shop;
  let url: string;
  let read: string;
  let desk: string;
  const placed: Json[] = [];
  before(async () => {
    shop = await openShop({ engine, settings: { DEMO_STOCK: '50' } });
    url = `${shop.url}/api/v1/orders`;
    const make = async (name: string, scopes: string) =>
      (await shop.run(['keys', 'create', '--name', name, '--scopes', scopes])).stdout.trim();
    read = await make('report', 'orders:read');
    desk = await make('desk', 'orders:read,orders:write,customers:read');
    for (const given of [
      {},
      { state: 'CA', zip_code: '94103-1234', customer_name: 'Zoë Müller' },
      { state: 'CA', zip_code: '94103', lines: [{ sku: 'wool-throw', quantity: 2 }] },
    ])
      placed.push(await place(shop.url, given));
  });
  after(() => shop?.close());

  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const list = async (query: string, key = desk): Promise<Json> => {
    const answer = await get(`${url}?${query}`, bearer(key));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    return jsonOf(answer);
  };
  /** Which of the orders that were placed, by their place in {@link placed}. */
  const found = async (query: string): Promise<readonly number[]> =>
    (await list(query)).orders.map(({ number }: Json) =>
      placed.findIndex((order) => order.number === number),
    );

  it('shows the newest first, without personal data but for those who may see it', async () => {
    const { orders, next_cursor: next } = await list('', read);
    assert.deepEqual(
      orders.map(({ order_id }: Json) => order_id),
      placed.toReversed().map(({ order_id }: Json) => order_id),
    );
    assert.equal(next, null);
    for (const { shipping, confirmation_url } of orders) {
      assert.deepEqual(Object.keys(shipping), ['state']);
      assert.ok(!confirmation_url.includes('key='));
    }
    const [newest] = (await list('')).orders;
    const { confirmation_url: _, ...expected } = placed[2];
    const { confirmation_url: shown, ...rest } = newest;
    assert.deepEqual(rest, expected);
    assert.ok(!shown.includes('key='), 'the key of an order is its holder’s');
  });

  it('finds by every filter, and by several', async () => {
    const [first, second] = placed;
    const moment = encodeURIComponent(second.placed_at);
    for (const [query, expected] of [
      [`number=${first.number}`, [0]],
      ['number=999999', []],
      ['state=ca', [2, 1]],
      ['zip_code=94103', [2, 1]],
      ['zip_code=941031234', [1]],
      ['sku=wool-throw', [2]],
      ['sku=tent-4p&state=CA', [1]],
      ['status=placed', [2, 1, 0]],
      ['status=packed', []],
      [`placed_from=${moment}`, [2, 1]],
      [`placed_to=${moment}`, [0]],
      [`placed_from=${encodeURIComponent('2000-01-01T01:00:00+05:30')}&placed_to=2000-01-02T00:00:00Z`, []],
      ['q=zoe', [1]],
      ['q=M%C3%9CLLER+analytical', [1]],
      ['q=ada%40EXAMPLE&state=TX', [0]],
      ['q=', [2, 1, 0]],
      ['q=%25', []],
    ] as const)
      assert.deepEqual(await found(query), expected, query);
  });

  it('follows an order to its next status', async () => {
    const [{ order_id: id }] = placed;
    const headers = { ...bearer(desk), 'if-match': '*' };
    assert.equal((await send(`${url}/${id}/pack`, { method: 'POST', headers })).status, 200);
    assert.deepEqual(await found('status=packed'), [0]);
    assert.deepEqual(await found('status=placed'), [2, 1]);
  });

  it('leads on by cursor and by link, with its filters', async () => {
    const first = await get(
      `${url}?state=CA&limit=1&placed_from=2000-01-01T00:00:00Z&q=example`,
      bearer(desk),
    );
    assert.deepEqual(
      jsonOf(first).orders.map(({ number }: Json) => number),
      [placed[2].number],
    );
    const [, next] = /^<([^>]*)>; rel="next"$/.exec(first.headers.get('link') ?? '') ?? [];
    assert.ok(next?.includes(`cursor=${jsonOf(first).next_cursor}`), next);
    const second = await get(new URL(next ?? '', shop.url).href, bearer(desk));
    assert.deepEqual(
      jsonOf(second).orders.map(({ number }: Json) => number),
      [placed[1].number],
    );
    assert.equal(jsonOf(second).next_cursor, null);
    assert.equal(second.headers.get('link'), null);
  });

  it('needs customers:read for a question about people', async () => {
    for (const query of ['q=ada', 'zip_code=78701', 'state=TX&zip_code=99999']) {
      const answer = await get(`${url}?${query}`, bearer(read));
      assert.equal(answer.status, 403, `${query}: ${answer.text}`);
      const { code, required_scopes: scopes } = jsonOf(answer);
      assert.deepEqual([code, scopes], ['insufficient_scope', ['orders:read', 'customers:read']]);
      assert.match(answer.headers.get('www-authenticate') ?? '', /insufficient_scope/);
    }
    assert.equal((await get(url)).status, 401);
  });

  it('refuses what is no filter, and names it', async () => {
    const wrong: readonly (readonly [name: string, value: string])[] = [
      ['limit', '0'],
      ['limit', '101'],
      ['cursor', '0'],
      ['cursor', 'x'],
      ['cursor', '1000000000000000'],
      ['number', '-1'],
      ['number', '9999999999999999'],
      ['status', 'lost'],
      ['state', 'ZZ'],
      ['zip_code', '7870'],
      ['sku', 'a b'],
      ['placed_from', '2026-02-30T00:00:00Z'],
      ['placed_from', '2026-01-01'],
      ['placed_to', '2026-01-01T00:00:00'],
      ['q', 'x'.repeat(201)],
    ];
    for (const [name, value] of wrong) {
      const answer = await get(`${url}?${name}=${encodeURIComponent(value)}`, bearer(desk));
      assert.equal(answer.status, 400, `${name}=${value}: ${answer.text}`);
      const [error] = jsonOf(answer).errors;
      assert.equal(error.parameter, name);
      if (name === 'sku') assert.match(error.detail, /1 to 64 letters a to z, digits and hyphens/);
    }
    assert.deepEqual(await found('limit=100&cursor=999999999999999'), [2, 1, 0]);
  });
});
