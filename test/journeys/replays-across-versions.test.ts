/**
 * A retry of an order that was taken before the rules changed: its key has the fingerprint of what the earlier version
 * read. The orders are put into the shop with the fingerprints of that version, as its database has them.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Submission } from '../../src/domain/submission.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { aMovement, aSubmission } from '../builders.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { anOrder, get, inStock, jsonOf, postForm, postJson, postOrder } from './shop-client.ts';

let shop: Shop;
let store: OrderStore;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
  store = await databaseAt(shop.postgres?.url ?? `sqlite:${shop.file}`).open();
});
after(async () => {
  await store?.close();
  await shop?.close();
});

/** As the earlier version did: 128 bits of SHA-256 over the fields, which had lost their white space alone. */
function earlierFingerprint({ lines, ...order }: Submission): string {
  const { customerName, streetAddress, city, state, zipCode, email } = order;
  const flat = lines.map(({ sku, quantity }) => [sku, quantity]);
  const text = JSON.stringify([customerName, streetAddress, city, state, zipCode, email, flat]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** @returns the id of the order that an earlier version has made under this key */
async function takenBefore(key: string, given: Partial<Submission>): Promise<string> {
  const submission = aSubmission({ ...given, orderId: idNow(), placedAtMs: Date.now() });
  const idempotency = { scope: 'anonymous', key, fingerprint: earlierFingerprint(submission) };
  const [outcome] = await store.commitBatch([{ ...submission, idempotency }]);
  assert.equal(outcome?.kind, 'placed');
  return submission.orderId;
}

let ids = 0;
function idNow(): string {
  ids += 1;
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${ids.toString(16).padStart(12, '0')}`;
}

describe('an order of the API that an earlier version has taken', () => {
  for (const [name, stored, sent] of [
    [
      'a name with a zero width space at its end',
      { customerName: 'Ada\u200b' },
      { customer_name: ' Ada\u200b ' },
    ],
    [
      'a street that begins with a soft hyphen',
      { streetAddress: '\u00ad1 Way' },
      { street_address: '\u00ad1 Way' },
    ],
    ['a city that ends with a direction mark', { city: 'Austin\u200f' }, { city: 'Austin\u200f' }],
    ['a city of a Braille blank', { city: '\u2800' }, { city: '\u2800' }],
    ['a name of a Braille blank', { customerName: '\u2800' }, { customer_name: '\u2800' }],
    ['an email with a name', { email: '<ada@example.com>' }, { email: '<ada@example.com>' }],
    ['an email without a top level', { email: 'ada@localhost' }, { email: 'ada@localhost' }],
  ] as const) {
    it(`is the answer to its retry: ${name}`, async () => {
      const orderId = await takenBefore(name.replaceAll(' ', '-'), stored);
      const left = await inStock(shop.url, 'tent-4p');
      const first = await postOrder(shop.url, anOrder(sent), name.replaceAll(' ', '-'));
      assert.equal(first.status, 201, first.text);
      assert.equal(first.headers.get('idempotent-replayed'), 'true');
      assert.equal(jsonOf(first).order_id, orderId);
      const again = await postOrder(shop.url, anOrder(sent), name.replaceAll(' ', '-'));
      assert.equal(again.text, first.text);
      assert.equal(await inStock(shop.url, 'tent-4p'), left);
      const { text: metrics } = await get(`${shop.url}/metrics`);
      assert.match(metrics, /nozama_orders_total\{outcome="invalid"\} 0\n/, 'no customer was refused');
    });
  }

  it('is no answer to another payload, to another key, and to a wrong order without one', async () => {
    await takenBefore('email-1', { email: 'ada@localhost' });
    const wrong = anOrder({ email: 'ada@localhost' });
    const other = await postOrder(shop.url, { ...wrong, city: 'Dallas' }, 'email-1');
    assert.deepEqual([other.status, jsonOf(other).code], [422, 'validation_failed']);
    const valid = await postOrder(shop.url, anOrder(), 'email-1');
    assert.deepEqual([valid.status, jsonOf(valid).code], [422, 'idempotency_key_reused']);
    assert.equal((await postOrder(shop.url, { ...wrong, note: 'x' }, 'email-1')).status, 422);
    assert.equal((await postOrder(shop.url, wrong, 'email-2')).status, 422);
    assert.equal((await postOrder(shop.url, wrong)).status, 422);
  });
});

describe('an order of the original contract', () => {
  const name = 'Sundown Four-Person Tent';
  const wish = {
    product_name: name,
    quantity: '1',
    customer_name: 'Ada\u200b',
    street_address: '12 Analytical Way',
    state: 'TX',
    zip_code: '78701',
  };
  const stored = { customerName: 'Ada\u200b', city: null, email: null };

  it('that an earlier version has taken is the answer to its retry, as JSON and as a form', async () => {
    const orderId = await takenBefore('original-1', stored);
    const json = await postJson(`${shop.url}/`, wish, { 'idempotency-key': 'original-1' });
    assert.equal(json.status, 201, json.text);
    assert.equal(jsonOf(json).order_id, orderId);
    const form = await postForm(`${shop.url}/`, { ...wish, city: '', idempotency_key: 'original-1' });
    assert.equal(form.status, 303, form.text);
    assert.match(form.headers.get('location') ?? '', new RegExp(orderId));
    const other = await postForm(`${shop.url}/`, { ...wish, quantity: '2', idempotency_key: 'original-1' });
    assert.equal(other.status, 422);
  });

  it('is the answer to its retry after its product was retired, and another has its name or none', async () => {
    const plain = { ...wish, customer_name: 'Ada', zip_code: '78701 1234' };
    const retry = () => postJson(`${shop.url}/`, plain, { 'idempotency-key': 'retired-1' });
    const first = await retry();
    assert.equal(first.status, 201, first.text);
    const tent = (await store.findProduct('tent-4p')) ?? assert.fail('the tent is there');
    const { onHand: _, ...catalogued } = tent;
    await store.saveProducts([
      { ...catalogued, active: false },
      { ...catalogued, sku: 'tent-4p-2' },
    ]);
    await store.moveStock([aMovement({ sku: 'tent-4p-2', units: 5 })]);
    for (const rename of [null, 'Another Tent']) {
      if (rename !== null)
        await store.saveProducts([
          { ...catalogued, name: rename, active: false },
          { ...catalogued, sku: 'tent-4p-2', name: `${rename} 2` },
        ]);
      const again = await retry();
      assert.equal(again.status, 201, again.text);
      assert.equal(again.text, first.text);
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
    }
    assert.equal(await inStock(shop.url, 'tent-4p-2'), 5);
    await store.saveProducts([catalogued]);
  });
});
