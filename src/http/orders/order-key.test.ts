import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrderKeys, orderKeyCookie, presentedOrderKey } from './order-key.ts';

const id = '01a20abe-a87a-759a-9e6e-e93f1203bf65';
const keys = createOrderKeys(Buffer.alloc(32, 7));

test('a key opens its own order alone', () => {
  const key = keys.keyOf(id);
  assert.match(key, /^[A-Za-z0-9_-]{43}$/);
  assert.ok(keys.isKeyOf(id, key));
  assert.ok(!keys.isKeyOf(id.replace('1', '2'), key));
  assert.ok(!createOrderKeys(Buffer.alloc(32, 8)).isKeyOf(id, key));
  for (const wrong of ['', 'x', `${key}x`, key.toLowerCase(), 'é'.repeat(43)])
    assert.ok(!keys.isKeyOf(id, wrong));
});

test('a key is found in the query, the header or the cookie', () => {
  const key = keys.keyOf(id);
  const request = (headers: Record<string, string>) => new Request('http://shop/', { headers });
  const cookie = request({ cookie: `a=b; order_key=${key}; c=d` });
  assert.equal(presentedOrderKey(key, null, request({})), key);
  assert.equal(presentedOrderKey(null, key, request({})), key);
  assert.equal(presentedOrderKey(null, null, cookie), key);
  assert.equal(presentedOrderKey(key.slice(1), null, cookie), key);
  assert.equal(presentedOrderKey(null, null, request({ cookie: `xorder_key=${key}` })), null);
});

test('the cookie goes to its order’s page alone, over TLS when there is any', () => {
  assert.match(
    orderKeyCookie('', id, 'k', false),
    /^order_key=k; Path=\/orders\/01a2[^;]*; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
  );
  assert.match(orderKeyCookie('', id, 'k', true), /; Secure$/);
});
