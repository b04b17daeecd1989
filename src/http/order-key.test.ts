import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createOrderKeys, orderKeyCookie, presentedKey } from './order-key.ts';
import { loadOrderKeySecret, OrderKeySecretError } from './order-key-secret.ts';

const dir = mkdtempSync(join(tmpdir(), 'nozama-key-'));
after(() => rmSync(dir, { recursive: true }));

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
  assert.equal(presentedKey(`a=1&key=${key}`, new Headers()), key);
  assert.equal(presentedKey('', new Headers({ 'order-key': key })), key);
  assert.equal(presentedKey('', new Headers({ cookie: `a=b; order_key=${key}; c=d` })), key);
  assert.equal(presentedKey('', new Headers({ cookie: `xorder_key=${key}` })), null);
  assert.equal(presentedKey(`monkey=${key}`, new Headers()), null);
});

test('the cookie goes to its order’s page alone, over TLS when there is any', () => {
  assert.match(
    orderKeyCookie(id, 'k', false),
    /^order_key=k; Path=\/orders\/01a2[^;]*; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
  );
  assert.match(orderKeyCookie(id, 'k', true), /; Secure$/);
});

test('the secret is made once, for its owner alone, also when many start at once', async () => {
  const path = join(dir, 'new', 'shop.db.order-key');
  const secrets = await Promise.all(Array.from({ length: 8 }, () => loadOrderKeySecret(path)));
  for (const secret of secrets) assert.deepEqual(secret, secrets[0]);
  assert.equal(secrets[0]?.length, 32);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a secret that others can read, or that is no secret, is refused', async () => {
  const path = join(dir, 'open.order-key');
  await loadOrderKeySecret(path);
  chmodSync(path, 0o640);
  await assert.rejects(loadOrderKeySecret(path), /mode 640.*chmod 600/);
  const short = join(dir, 'short.order-key');
  writeFileSync(short, 'abc', { mode: 0o600 });
  await assert.rejects(loadOrderKeySecret(short), OrderKeySecretError);
});
