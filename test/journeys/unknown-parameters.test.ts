/** A misspelt query parameter of the API is refused by its name, not passed over; pages pass over those of others. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { scopeNames } from '../../src/access/scope.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { openShop, type Shop } from './open-shop.ts';
import { anOrder, get, jsonOf, keyIn, place, postJson, type RequestHeaders, send } from './shop-client.ts';

const ofApi = endpoints.filter(({ path }) => path.startsWith('/api/'));

describe('an unknown query parameter', () => {
  let shop: Shop;
  let headers: RequestHeaders;
  let orderId: string;
  before(async () => {
    shop = await openShop();
    const made = await shop.run(['keys', 'create', '--name', 'all', '--scopes', scopeNames.join(',')]);
    headers = { authorization: `Bearer ${made.stdout.trim()}` };
    orderId = (await place(shop.url)).order_id;
  });
  after(() => shop?.close());

  const ask = (method: string, path: string, query: string, init: RequestInit = {}) => {
    const values: Readonly<Record<string, string>> = {
      order_id: orderId,
      key_id: orderId,
      shipment: '1',
      sku: 'tent-4p',
      state: 'TX',
    };
    const filled = path.replaceAll(/:(\w+)/g, (_, name) => values[name] ?? assert.fail(name));
    const all = { ...headers, ...(init.headers as RequestHeaders) };
    return send(`${shop.url}${filled}?${query}`, { method, ...init, headers: all });
  };

  const importProducts = (query: string) =>
    ask('POST', '/api/v1/products/import', query, {
      headers: { 'content-type': 'text/csv' },
      body: 'sku,name,price\nnew,New,1.00\n',
    });

  it('is refused by every endpoint of the API, and a known one is not', async () => {
    assert.ok(ofApi.length >= 22, String(ofApi.length));
    for (const { method, path, request } of ofApi) {
      const [known = 'key'] = Object.keys(request.query ?? {});
      const [mediaType] = Object.keys(request.body?.content ?? {});
      const answer = await ask(method, path, `${known}x=true`, {
        headers: { 'if-match': '*', ...(mediaType === undefined ? {} : { 'content-type': mediaType }) },
        ...(mediaType === undefined ? {} : { body: '{}' }),
      });
      assert.equal(answer.status, 400, `${method} ${path}: ${answer.text}`);
      const { code, errors } = jsonOf(answer);
      assert.equal(code, 'invalid_parameter', `${method} ${path}`);
      assert.deepEqual(
        errors.map(({ parameter, in: where, code }: Record<string, string>) => [parameter, where, code]),
        [[`${known}x`, 'query', 'unknown_parameter']],
      );
      if (method === 'GET' && request.query !== undefined)
        assert.equal((await ask(method, path, `${known}=1`)).status, 200, path);
    }
  });

  it('keeps a change of a price that is sent as a trial from being made', async () => {
    const price = async () => jsonOf(await get(`${shop.url}/api/v1/products/tent-4p`)).price;
    const before = await price();
    const changed = await ask('PATCH', '/api/v1/products/tent-4p', 'dry_run=true', {
      headers: { 'content-type': 'application/json', 'if-match': '*' },
      body: '{"price":"1.00"}',
    });
    assert.equal(changed.status, 400);
    assert.match(jsonOf(changed).detail, /"dry_run" here\. This address takes no parameters\.$/);
    assert.deepEqual(await price(), before);
  });

  it('is refused with an order, which is placed without it', async () => {
    const answer = await postJson(`${shop.url}/api/v1/orders?dry_run=true`, anOrder());
    assert.equal(answer.status, 400);
    assert.equal(jsonOf(answer).errors[0].code, 'unknown_parameter');
    assert.equal((await postJson(`${shop.url}/api/v1/orders?`, anOrder())).status, 201);
  });

  it('is not the key of an order, with which its holder reads the timeline and cancels', async () => {
    const { order_id, confirmation_url } = await place(shop.url);
    const path = `${shop.url}/api/v1/orders/${order_id}`;
    const key = keyIn(confirmation_url);
    assert.equal((await get(`${path}/events?key=${key}`)).status, 200);
    assert.equal((await get(`${path}/events?key=${key}&page=1`)).status, 400);
    const cancelled = await postJson(`${path}/cancel?key=${key}`, {}, { 'if-match': '*' });
    assert.equal(cancelled.status, 200, cancelled.text);
  });

  it('is told with the one that is meant', async () => {
    const misspelt = await ask('GET', '/api/v1/orders', 'stauts=packed&limit=0');
    assert.match(jsonOf(misspelt).detail, /^There is no parameter "stauts" here\. Did you mean status\?$/);
    const nearNone = await ask('GET', `/api/v1/orders/:order_id`, 'page=2&=1');
    assert.equal(
      jsonOf(nearNone).detail,
      'There is no parameter "page" here. The only parameter is key. A parameter without a name was sent. The only parameter is key.',
    );
    const strange = await ask('GET', '/api/v1/orders', 'colour=red');
    assert.match(jsonOf(strange).detail, /"colour" here\. Known are limit, cursor, number, status, state/);
  });

  it('keeps an import with a misspelt dry_run from changing the shop', async () => {
    assert.equal((await importProducts('dryrun=true')).status, 400);
    assert.equal((await get(`${shop.url}/api/v1/products/new`)).status, 404);
    assert.equal((await importProducts('dry_run=true')).status, 200);
  });

  it('is passed over by pages and by the original contract', async () => {
    const others = 'utm_source=mail&fbclid=1&stauts=packed';
    for (const path of ['/', `/orders/${orderId}`, '/track'])
      assert.equal((await get(`${shop.url}${path}?${others}`, { accept: 'text/html' })).status, 200, path);
    const product = encodeURIComponent('Sundown Four-Person Tent');
    assert.equal((await get(`${shop.url}/get_product?product_name=${product}&${others}`)).status, 200);
  });
});
