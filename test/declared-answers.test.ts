/** The check of real answers finds each way in which an answer can leave its declaration. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertDeclared, type RealAnswer } from './declared-answers.ts';

const address = 'http://shop/api/v1/states/TX/top-products';

function json(
  body: unknown,
  given: { readonly status?: number; readonly headers?: object } = {},
): RealAnswer {
  const headers = new Headers({
    'content-type': 'application/json; charset=utf-8',
    'x-request-id': 'a-1',
    ...given.headers,
  });
  return { status: given.status ?? 200, headers, text: JSON.stringify(body) };
}

const good = {
  state: 'TX',
  products: [{ rank: 1, sku: 'a', name: 'A', image_url: '/a', orders: 1, units: 1 }],
};
const problem = {
  type: '/docs#store_unavailable',
  title: '',
  status: 503,
  detail: '',
  instance: '',
  code: 'store_unavailable',
  request_id: 'a-1',
};
const asProblem = { headers: { 'content-type': 'application/problem+json' } };

test('an answer as declared is well', () => {
  assertDeclared('GET', address, json(good));
  assertDeclared('GET', `${address}?limit=1`, json(good, { headers: { vary: 'Origin' } }));
  assertDeclared('GET', address, json(problem, { status: 503, ...asProblem }));
  assertDeclared('GET', 'http://shop/none', {
    ...json({ ...problem, status: 404, code: 'route_not_found' }, { status: 404, ...asProblem }),
  });
});

for (const [name, answer, words] of [
  ['a status', json(good, { status: 202 }), /answered 202, which is not declared/],
  ['a media type', json(good, { headers: { 'content-type': 'text/plain' } }), /as text\/plain, which is not/],
  ['a page', json('', { headers: { 'content-type': 'text/html' } }), /as text\/html, which is not/],
  ['a header', json(good, { headers: { 'x-more': '1' } }), /with x-more, which is not declared/],
  ['a field', json({ ...good, more: 1 }), /with fields that are not declared/],
  ['a field within', json({ ...good, products: [{ ...good.products[0], more: 1 }] }), /with fields that/],
  ['a missing field', json({ state: 'TX' }), /products/],
  ['another type', json({ ...good, state: 1 }), /state/],
  [
    'a problem',
    json({ ...problem, status: 409, code: 'out_of_stock' }, { status: 409, ...asProblem }),
    /out_of_stock, which is not declared/,
  ],
  ['a problem of another status', json(problem, { status: 500, ...asProblem }), /answered 500/],
  ['no request id', { ...json(good), headers: new Headers() }, /without X-Request-Id/],
] as const) {
  test(`${name} that is not declared is found`, () => {
    assert.throws(() => assertDeclared('GET', address, answer), words);
  });
}

test('a declared header that is missing is found, and a body where there is none', () => {
  const path = 'http://shop/api/v1/orders/0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10';
  const headers = new Headers({ 'x-request-id': 'a-1' });
  assert.throws(() => assertDeclared('GET', path, { status: 304, headers, text: '' }), /without etag/);
  headers.set('etag', '"a"');
  assertDeclared('GET', path, { status: 304, headers, text: '' });
  assert.throws(() => assertDeclared('GET', path, { status: 304, headers, text: 'x' }), /with a body/);
});

test('a page is a problem page only when it says so, and where problems are shown as pages', () => {
  const shop = 'http://shop/orders/0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10';
  const headers = new Headers({ 'content-type': 'text/html', 'x-request-id': 'a-1' });
  const page = (status: number, text: string): RealAnswer => ({ status, headers, text });
  assertDeclared('GET', shop, page(404, '<p>404 · request a-1</p>'));
  for (const text of ['', '<p>Welcome</p>', '<p>404 · request b-2</p>', '<p>503 · request a-1</p>'])
    assert.throws(() => assertDeclared('GET', shop, page(404, text)), /404, which is not declared/, text);
  assert.throws(
    () => assertDeclared('GET', shop, page(409, '<p>409 · request a-1</p>')),
    /problem page, which is not/,
  );
  assert.throws(
    () => assertDeclared('GET', address, page(503, '<p>503 · request a-1</p>')),
    /problem page, which is not/,
  );
});
