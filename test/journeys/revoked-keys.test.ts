/**
 * Steps of orders by keys that a service knows and does not read for each of them: what is changed of such a key
 * elsewhere counts from the next step on.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { makeApiKey } from '../../src/access/api-key.ts';
import type { Scope } from '../../src/access/scope.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { anAuditDraft } from '../builders.ts';
import { setScopes } from './behind-the-service.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { type Answer, get, jsonOf, place, postJson, type RequestHeaders } from './shop-client.ts';

/**
 * What the service sends to a connection until it closes it. The next request is sent once the first is answered: Bun closes
 * a connection whose next request comes before that (docs/ARCHITECTURE.md).
 * @throws when it sends nothing more and does not close
 */
function answersUntilClosed(url: string, bytes: string, next: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let text = '';
    const quiet = setTimeout(() => finish(() => reject(new Error(`It stays open after ${text}`))), 3_000);
    function finish(settle: () => void): void {
      clearTimeout(quiet);
      socket.destroy();
      settle();
    }
    socket.once('data', () => socket.write(next));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      quiet.refresh();
    });
    // A peer that closes with bytes unread resets the connection.
    for (const event of ['end', 'error']) socket.on(event, () => finish(() => resolve(text)));
    socket.write(bytes);
  });
}

const engine = engineOf(import.meta.url);

describe(`a key that two services know (${engine})`, () => {
  let first: Shop;
  let second: Shop;
  /** Another instance, in this process. */
  let store: OrderStore;
  before(async () => {
    first = await openShop({ engine, settings: { DEMO_STOCK: '1000000' } });
    const settings = first.postgres === null ? {} : { DATABASE_URL: first.postgres.url };
    second = await openShop({ folder: first.folder, settings: { ...settings, BODY_TIMEOUT_MS: '500' } });
    store = await databaseAt(first.postgres?.url ?? `sqlite:${first.file}`).open();
  });
  after(async () => {
    await store?.close();
    await second?.close();
    await first?.close();
  });

  let keysMade = 0;

  async function makeKey(scopes: readonly Scope[], expiresAtMs: number | null = null) {
    keysMade += 1;
    const { key, stored } = makeApiKey({ name: `key-${keysMade}`, scopes, expiresAtMs }, Date.now());
    assert.equal(await store.access.createApiKey(stored, anAuditDraft()), 'created');
    return { keyId: stored.keyId, headers: { authorization: `Bearer ${key}`, 'if-match': '*' } };
  }

  const revoke = (keyId: string) => store.access.revokeApiKey(keyId, anAuditDraft());

  const newOrder = async (): Promise<string> => (await place(first.url)).order_id;

  function take({ url }: Shop, path: string, headers: RequestHeaders, body: unknown = {}): Promise<Answer> {
    return postJson(`${url}/api/v1/orders/${path}`, body, headers);
  }

  const statusOf = async (orderId: string) =>
    jsonOf(await get(`${first.url}/api/v1/orders/${orderId}`)).status;

  /** A key that both services know, because it has packed an order with each. */
  async function makeKnownKey(...scopes: readonly Scope[]) {
    const key = await makeKey(scopes);
    for (const shop of [first, second]) {
      const { status, text } = await take(shop, `${await newOrder()}/pack`, key.headers);
      assert.equal(status, 200, text);
    }
    return key;
  }

  function assertRevoked({ status, text }: Answer, context: string): void {
    assert.equal(status, 401, `${context}: ${text}`);
    assert.match(JSON.parse(text).detail, /revoked/, context);
  }

  it('is refused from its revocation on, whatever it asks for', async () => {
    const orderId = await newOrder();
    const asked: readonly (readonly [string, RequestHeaders?, unknown?])[] = [
      [`${orderId}/pack`],
      [`${orderId}/cancel`],
      [`${orderId}/cancel`, { 'if-match': '"packed-7-public"' }],
      [`${orderId}/cancel`, { 'if-match': 'no tag' }],
      [`${orderId}/shipments`, {}, { carrier: '' }],
      [`${orderId}/shipments`, {}, '{"carrier"'],
      [`${orderId}/shipments/1/deliver`],
      [`${orderId}/returns`, {}, { lines: [{ sku: 'tent-4p', quantity: 1 }], restock: true }],
      [`${orderId}/erase`],
      ['01a20abe-a87a-759a-9e6e-e93f1203bf65/pack'],
      ['no-id/pack'],
    ];
    for (const [path, headers, body] of asked) {
      const key = await makeKnownKey('orders:write', 'customers:read');
      await revoke(key.keyId);
      for (const shop of [first, second])
        assertRevoked(await take(shop, path, { ...key.headers, ...headers }, body), path);
    }
    assert.equal(await statusOf(orderId), 'placed');
  });

  it('is refused on a connection that does not hang when a body on it can’t be read', async () => {
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    const next = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const bodies = {
      'larger than is allowed': `Content-Length: 3000000\r\n\r\n${' '.repeat(3_000_000)}`,
      'larger than is allowed, in chunks': `Transfer-Encoding: chunked\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
      'of two equal lengths': `Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
      'that never comes': 'Content-Length: 2\r\n\r\n',
    };
    const answersTo = async (body: string): Promise<string> => {
      const { keyId, headers } = await makeKnownKey('orders:write');
      await revoke(keyId);
      return answersUntilClosed(
        second.url,
        `POST /api/v1/orders/${await newOrder()}/pack HTTP/1.1\r\nHost: x\r\nIf-Match: *\r\nContent-Type: application/json\r\nAuthorization: ${headers.authorization}\r\n${body}`,
        next,
      );
    };
    for (const [which, body] of Object.entries(bodies)) {
      // A server that closes with bytes unread resets the connection, which may take the answer with it.
      let answers = '';
      for (let tries = 0; answers === '' && tries < 10; tries += 1) answers = await answersTo(body);
      const [first, ...others] = Array.from(answers.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => status);
      // Node's parser refuses such lengths before the service sees the request.
      if (first !== '400' || !which.includes('lengths')) assert.equal(first, '401', which);
      // A body that is read to its end, though it is too large, leaves the connection to the next request.
      if (others.length > 0 && which.includes('larger')) assert.deepEqual(others, ['200'], which);
      else {
        assert.deepEqual(others, [], which);
        assert.match(answers, /^connection: close\r$/im, which);
      }
    }
  });

  it('gets no answer a second time once it is revoked', async () => {
    const key = await makeKnownKey('orders:write');
    const path = `${await newOrder()}/pack`;
    const keyed = { ...key.headers, 'idempotency-key': 'again' };
    const taken = await take(second, path, keyed);
    const again = await take(second, path, keyed);
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    assert.equal(again.text, taken.text);
    await revoke(key.keyId);
    assertRevoked(await take(second, path, keyed), path);
  });

  it('takes no step that is sent after its revocation, with many under way on both', async () => {
    const key = await makeKnownKey('orders:write');
    let revoked = false;
    let steps = 0;
    const sendSteps = async (shop: Shop): Promise<void> => {
      for (;;) {
        const orderId = await newOrder();
        const isLate = revoked;
        const answer = await take(shop, `${orderId}/pack`, key.headers);
        if (answer.status === 200) {
          assert.ok(!isLate, 'a step was taken by a revoked key');
          steps += 1;
          continue;
        }
        assertRevoked(answer, orderId);
        assert.equal(await statusOf(orderId), 'placed');
        if (isLate) return;
      }
    };
    const sending = Array.from({ length: 16 }, (_, i) => sendSteps(i % 2 === 0 ? first : second));
    const revoking = (async () => {
      while (steps < 100) await new Promise((resolve) => setImmediate(resolve));
      await revoke(key.keyId);
      revoked = true;
    })();
    await Promise.all([...sending, revoking]);
    assert.ok(steps >= 100);
  });

  it('has at once the scopes that it was given, and no more', async () => {
    const key = await makeKnownKey('orders:write', 'orders:read', 'customers:read');
    const orderId = await newOrder();
    const named = jsonOf(await take(second, `${orderId}/pack`, key.headers));
    assert.equal(named.shipping.customer_name, 'Ada Lovelace');
    await setScopes(first, key.keyId, 'orders:write');
    const taken = await take(second, `${orderId}/shipments`, key.headers, { carrier: 'UPS' });
    assert.equal(taken.status, 201, taken.text);
    assert.equal(jsonOf(taken).shipping.customer_name, undefined, 'it may not see customers any more');
    await setScopes(first, key.keyId, 'orders:read');
    const refused = await take(second, `${orderId}/shipments/1/deliver`, key.headers);
    assert.equal(refused.status, 403, refused.text);
    assert.equal(await statusOf(orderId), 'shipped');
  });
});
