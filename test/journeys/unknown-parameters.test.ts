/** A misspelt query parameter of the API is refused by its name, not passed over; pages pass over those of others. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { scopeNames } from '../../src/access/scope.ts';
import { endpoints } from '../../src/http/endpoints.ts';
import { openShop, type Shop } from './open-shop.ts';
import { get, jsonOf, place, type RequestHeaders, send } from './shop-client.ts';

const withParameters = endpoints.filter(
  ({ path, request }) => path.startsWith('/api/') && Object.keys(request.query ?? {}).length > 0,
);

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

  const ask = (method: string, path: string, query: string) =>
    send(
      `${shop.url}${path.replace(':order_id', orderId).replace(':sku', 'tent-4p').replace(':state', 'TX')}?${query}`,
      {
        method,
        headers: { ...headers, ...(method === 'POST' ? { 'content-type': 'text/csv' } : {}) },
        ...(method === 'POST' ? { body: 'sku,name,price\nnew,New,1.00\n' } : {}),
      },
    );

  it('is refused by every endpoint of the API that takes some, and a known one is not', async () => {
    assert.ok(withParameters.length >= 7, String(withParameters.length));
    for (const { method, path, request } of withParameters) {
      const [known = ''] = Object.keys(request.query ?? {});
      const answer = await ask(method, path, `${known}x=true`);
      assert.equal(answer.status, 400, `${method} ${path}`);
      const { code, errors } = jsonOf(answer);
      assert.equal(code, 'invalid_parameter');
      assert.deepEqual(
        errors.map(({ parameter, in: where, code }: Record<string, string>) => [parameter, where, code]),
        [[`${known}x`, 'query', 'unknown_parameter']],
      );
      if (method === 'GET') assert.equal((await ask(method, path, `${known}=1`)).status, 200, path);
    }
  });

  it('is told with the one that is meant', async () => {
    const misspelt = await ask('GET', '/api/v1/orders', 'stauts=packed&limit=0');
    assert.match(jsonOf(misspelt).detail, /^There is no parameter "stauts" here\. Did you mean status\?$/);
    const strange = await ask('GET', '/api/v1/orders', 'colour=red');
    assert.match(jsonOf(strange).detail, /"colour" here\. Known are limit, cursor, number, status, state/);
  });

  it('keeps an import with a misspelt dry_run from changing the shop', async () => {
    assert.equal((await ask('POST', '/api/v1/products/import', 'dryrun=true')).status, 400);
    assert.equal((await get(`${shop.url}/api/v1/products/new`)).status, 404);
    assert.equal((await ask('POST', '/api/v1/products/import', 'dry_run=true')).status, 200);
  });

  it('is passed over by pages and by the original contract', async () => {
    const others = 'utm_source=mail&fbclid=1&stauts=packed';
    for (const path of ['/', `/orders/${orderId}`, '/track'])
      assert.equal((await get(`${shop.url}${path}?${others}`, { accept: 'text/html' })).status, 200, path);
    const product = encodeURIComponent('Sundown Four-Person Tent');
    assert.equal((await get(`${shop.url}/get_product?product_name=${product}&${others}`)).status, 200);
  });
});
