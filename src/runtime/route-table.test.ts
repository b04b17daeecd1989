import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathnameOf, queryOf } from './request-target.ts';
import { createRouteTable } from './route-table.ts';

const handle = () => new Response();
const table = createRouteTable([
  { method: 'GET', path: '/', handle },
  { method: 'POST', path: '/', handle },
  { method: 'GET', path: '/orders/:order_id', handle },
]);

test('routes are found by method and exact path', () => {
  assert.ok(table.find('GET', '/'));
  assert.ok(table.find('HEAD', '/'));
  assert.deepEqual(table.find('GET', '/orders/a%2Fb')?.params, { order_id: 'a/b' });
  assert.deepEqual(table.find('GET', '/orders/%zz')?.params, { order_id: '%zz' });
  for (const path of ['', '*', 'y:80', '/orders', '/orders/', '/orders/a/', '//orders/a', '/orders/a/b']) {
    assert.equal(table.find('GET', path), null, path);
  }
  assert.equal(table.find('DELETE', '/'), null);
});

test('a path tells its methods', () => {
  assert.deepEqual(table.methodsAt('/'), ['GET', 'POST']);
  assert.deepEqual(table.methodsAt('/orders/7'), ['GET']);
  assert.deepEqual(table.methodsAt('/nowhere'), []);
});

test('path and query are cut from any request target', () => {
  for (const [url, pathname, query] of [
    ['http://x/a/b?c=d#e', '/a/b', 'c=d'],
    ['http://x/', '/', ''],
    ['http://x/a?b?c', '/a', 'b?c'],
    ['/a?b', '/a', 'b'],
    ['http://x', '', ''],
    ['y:80', '', ''],
  ] as const) {
    assert.equal(pathnameOf(url), pathname, url);
    assert.equal(queryOf(url), query, url);
  }
});
