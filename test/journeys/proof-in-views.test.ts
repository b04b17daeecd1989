/** An answer without personal data holds nothing that `/track` takes as the proof that an order is its finder's. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { type Answer, get, type Json, place, postJson, type RequestHeaders, send } from './shop-client.ts';

const engine = engineOf(import.meta.url);
const inAnyNumber = {
  RATE_LIMIT_TRACKING_ADDRESS_PER_HOUR: '1000',
  RATE_LIMIT_TRACKING_NUMBER_PER_HOUR: '1000',
  RATE_LIMIT_TRACKING_NUMBER_PER_DAY: '1000',
};
const asPage = { accept: 'text/html' };
/** It has one ZIP code: somebody who reads its name has the proof. */
const city = 'Marfa';
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

describe(`an answer without personal data (${engine})`, () => {
  let shop: Shop;
  let order: Json;
  let toCancel: Json;
  before(async () => {
    shop = await openShop({ engine, settings: inAnyNumber });
    const given = { city, zip_code: '94137-2468', lines: [{ sku: 'tent-4p', quantity: 2 }] };
    order = await place(shop.url, given);
    toCancel = await place(shop.url, given);
  });
  after(() => shop?.close());

  const keyOf = async (name: string, scopes: string): Promise<RequestHeaders> => {
    const made = await shop.run(['keys', 'create', '--name', name, '--scopes', scopes]);
    return { authorization: `Bearer ${made.stdout.trim()}` };
  };
  /** The texts in an answer, each with the form of a ZIP code or an email, that open the order. An id may look like a ZIP code. */
  const proofsIn = async ({ text }: Answer, { number }: Json): Promise<readonly string[]> => {
    const candidates = new Set(text.replaceAll(uuid, '').match(/\d{5}(?:-\d{4})?|[\w.+-]+@[\w.-]+/g));
    const proofs: string[] = [];
    for (const zip_or_email of candidates) {
      const { status } = await postJson(`${shop.url}/track`, { number: String(number), zip_or_email });
      assert.ok(status === 200 || status === 404 || status === 422, `${zip_or_email}: ${status}`);
      if (status === 200) proofs.push(zip_or_email);
    }
    return proofs;
  };
  const assertNoProof = async (answer: Answer, asked: string, of = order) => {
    assert.ok(answer.status < 300, `${asked}: ${answer.status} ${answer.text}`);
    assert.ok(answer.text.includes(String(of.number)), `${asked} shows the order`);
    assert.deepEqual(await proofsIn(answer, of), [], asked);
    assert.ok(!answer.text.includes(city), `${asked} shows the city`);
  };

  it('is told from one with them: the holder of the key finds both proofs in it', async () => {
    for (const headers of [asPage, { accept: 'application/json' }]) {
      const answer = await get(`${shop.url}${order.confirmation_url}`, headers);
      assert.deepEqual(await proofsIn(answer, order), ['94137-2468', 'ada@example.com']);
      assert.ok(answer.text.includes(city));
    }
  });

  it('has no proof as page, as JSON or in a list, without a key and with half of the rights', async () => {
    const { order_id: id } = order;
    const reader = await keyOf('reader', 'orders:read');
    const callers = [
      {},
      reader,
      await keyOf('half', 'customers:read'),
      await keyOf('writer', 'orders:write'),
    ];
    for (const caller of callers) {
      for (const accept of ['text/html', 'application/json'])
        await assertNoProof(await get(`${shop.url}/orders/${id}`, { ...caller, accept }), accept);
      await assertNoProof(await get(`${shop.url}/api/v1/orders/${id}`, caller), 'API');
    }
    for (const query of ['', '?state=TX', `?number=${order.number}`])
      await assertNoProof(await get(`${shop.url}/api/v1/orders${query}`, reader), `list${query}`);
    const events = await get(`${shop.url}/api/v1/orders/${id}/events`, reader);
    assert.equal(events.status, 200);
    assert.deepEqual(await proofsIn(events, order), []);
    assert.ok(!events.text.includes(city));
  });

  it('has no proof after any step by a key with orders:write alone', async () => {
    const headers = { ...(await keyOf('packer', 'orders:write')), 'if-match': '*' };
    const units = [{ sku: 'tent-4p', quantity: 2 }];
    const steps: readonly (readonly [path: string, body: unknown])[] = [
      ['pack', {}],
      ['shipments', { carrier: 'UPS' }],
      ['shipments/1/deliver', {}],
      ['returns', { lines: units, restock: true }],
    ];
    for (const [path, body] of steps) {
      const url = `${shop.url}/api/v1/orders/${order.order_id}/${path}`;
      const retried = { ...headers, 'idempotency-key': path };
      await assertNoProof(await postJson(url, body, retried), path);
      await assertNoProof(await postJson(url, body, retried), `${path} again`);
    }
    const cancel = `${shop.url}/api/v1/orders/${toCancel.order_id}/cancel`;
    await assertNoProof(await send(cancel, { method: 'POST', headers }), 'cancel', toCancel);
  });

  it('tells no ZIP code by a filter of the list', async () => {
    const reader = await keyOf('asker', 'orders:read');
    for (const zipCode of ['94137', '10001']) {
      const answer = await get(
        `${shop.url}/api/v1/orders?number=${order.number}&zip_code=${zipCode}`,
        reader,
      );
      assert.equal(answer.status, 403, answer.text);
    }
  });
});
