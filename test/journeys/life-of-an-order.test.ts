/** An order after it was placed: packed, shipped in parts, delivered, returned, cancelled, erased; and its timeline. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import {
  type Answer,
  anOrder,
  get,
  inStock,
  type Json,
  jsonOf,
  keyIn,
  postJson,
  postOrder,
  ranking,
  send,
} from './shop-client.ts';

const engine = engineOf(import.meta.url);
const any = { 'if-match': '*' };

describe(`the life of an order (${engine})`, () => {
  let shop: Shop;
  let write: string;
  let read: string;
  let all: string;
  before(async () => {
    shop = await openShop({ engine, settings: { DEMO_STOCK: '50' } });
    const make = async (name: string, scopes: string) =>
      (await shop.run(['keys', 'create', '--name', name, '--scopes', scopes])).stdout.trim();
    write = await make('erp', 'orders:write');
    read = await make('report', 'orders:read');
    all = await make('desk', 'orders:write,orders:read,customers:read');
  });
  after(async () => {
    if (shop === undefined) return;
    const { code, output } = await shop.verify();
    await shop.close();
    assert.equal(code, 0, output);
  });

  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const placeOne = async (given: Readonly<Record<string, unknown>> = {}, key?: string) => {
    const answer = await postOrder(shop.url, anOrder(given), key);
    assert.equal(answer.status, 201, answer.text);
    const order = jsonOf(answer);
    const url = `${shop.url}/api/v1/orders/${order.order_id}`;
    return { order, url, etag: answer.headers.get('etag') ?? '', holderKey: keyIn(order.confirmation_url) };
  };
  const step = (url: string, name: string, body: unknown = undefined, headers = {}): Promise<Answer> => {
    const sent = { ...any, ...bearer(write), ...headers };
    return body === undefined
      ? send(`${url}/${name}`, { method: 'POST', headers: sent })
      : postJson(`${url}/${name}`, body, sent);
  };
  const done = async (asked: Promise<Answer>): Promise<Json> => {
    const answer = await asked;
    assert.ok(answer.status === 200 || answer.status === 201, answer.text);
    return jsonOf(answer);
  };
  const refused = async (asked: Promise<Answer>, status: number, code: string): Promise<Json> => {
    const answer = await asked;
    assert.equal(answer.status, status, answer.text);
    assert.equal(jsonOf(answer).code, code);
    return jsonOf(answer);
  };

  it('goes from placed to returned, and everybody who may sees how', async () => {
    const stock = await inStock(shop.url, 'wool-throw');
    const { url, holderKey } = await placeOne({ lines: [{ sku: 'wool-throw', quantity: 3 }], state: 'WY' });
    await done(step(url, 'pack'));
    const parcel = { carrier: 'UPS', tracking_number: '1Z', tracking_url: 'https://ups.example/1Z' };
    const shipped = await step(url, 'shipments', { ...parcel, lines: [{ sku: 'wool-throw', quantity: 1 }] });
    assert.equal(shipped.status, 201, shipped.text);
    assert.equal(jsonOf(shipped).status, 'shipped');
    assert.equal(jsonOf(shipped).shipments[0].tracking_url, undefined, 'it leads to the customer');
    await done(step(url, 'shipments', parcel));
    await done(step(url, 'shipments/1/deliver'));
    assert.equal((await done(step(url, 'shipments/2/deliver'))).status, 'delivered');
    const part = { lines: [{ sku: 'wool-throw', quantity: 1 }], restock: true, reason: 'too warm' };
    assert.equal((await done(step(url, 'returns', part))).status, 'delivered');
    assert.deepEqual(await ranking(shop.url, 'WY'), ['wool-throw 1 2']);
    const rest = { lines: [{ sku: 'wool-throw', quantity: 2 }], restock: false };
    assert.equal((await done(step(url, 'returns', rest))).status, 'returned');
    assert.deepEqual(await ranking(shop.url, 'WY'), []);
    assert.equal(await inStock(shop.url, 'wool-throw'), stock - 2);

    const holder = jsonOf(await get(`${url}/events`, { 'order-key': holderKey })).events;
    assert.deepEqual(
      holder.map(({ type, revision }: Json) => `${revision} ${type}`),
      ['placed', 'packed', 'shipped', 'shipped', 'delivered', 'delivered', 'returned', 'returned'].map(
        (name, index) => `${index + 1} com.nozama.order.${name}.v1`,
      ),
    );
    assert.equal(holder[1].actor, 'shop', 'a shopper does not learn the names of keys');
    assert.equal(holder[2].data.tracking_url, 'https://ups.example/1Z');
    const reader = jsonOf(await get(`${url}/events`, bearer(read))).events;
    assert.equal(reader[1].actor, 'key:erp');
    assert.equal(reader[2].data.tracking_url, undefined);
    assert.equal(reader[6].data.reason, undefined);
  });

  it('is cancelled by its holder: stock and ranking are as they were', async () => {
    const stock = await inStock(shop.url, 'tent-4p');
    const before = await ranking(shop.url, 'VT');
    const { url, holderKey, etag } = await placeOne({
      lines: [{ sku: 'tent-4p', quantity: 4 }],
      state: 'VT',
    });
    const cancelled = await send(`${url}/cancel`, {
      method: 'POST',
      headers: { 'order-key': holderKey, 'if-match': etag },
    });
    assert.equal(cancelled.status, 200, cancelled.text);
    assert.equal(jsonOf(cancelled).status, 'cancelled');
    assert.equal(jsonOf(cancelled).shipping.customer_name, 'Ada Lovelace');
    assert.equal(await inStock(shop.url, 'tent-4p'), stock);
    assert.deepEqual(await ranking(shop.url, 'VT'), before);
    const again = await refused(step(url, 'cancel', {}), 409, 'not_allowed_now');
    assert.deepEqual([again.order_status, again.allowed], ['cancelled', []]);
    assert.match(again.detail, /Cancelling is not possible while the order is cancelled/);
  });

  it('is guarded by If-Match: missing is 428, stale is 412 with the ETag of now', async () => {
    const { url, etag } = await placeOne();
    const bare = send(`${url}/pack`, { method: 'POST', headers: bearer(write) });
    await refused(bare, 428, 'precondition_required');
    assert.equal((await step(url, 'pack', undefined, { 'if-match': `"other", ${etag}` })).status, 200);
    const stale = await refused(
      step(url, 'cancel', undefined, { 'if-match': etag }),
      412,
      'precondition_failed',
    );
    assert.equal(stale.current_etag, '"packed-2-public"');
    await refused(
      step(url, 'cancel', undefined, { 'if-match': `W/${stale.current_etag}` }),
      412,
      'precondition_failed',
    );
    for (const never of [
      'packed-02-public',
      'packet-2-public',
      'packed-2-owner',
      'packed-2.0-public',
      '2',
      '',
    ])
      await refused(step(url, 'cancel', undefined, { 'if-match': `"${never}"` }), 412, 'precondition_failed');
    for (const malformed of [
      'packed-2-public',
      '"packed-2-public',
      '"a" "b"',
      '',
      `"${'x'.repeat(1_000)}"`,
    ]) {
      const refusal = await refused(
        step(url, 'cancel', undefined, { 'if-match': malformed }),
        400,
        'invalid_parameter',
      );
      assert.match(refusal.detail, /If-Match/, 'the problem names the field and the remedy');
    }
    await done(step(url, 'cancel', undefined, { 'if-match': stale.current_etag }));
  });

  it('answers a retry byte for byte, whatever came later, also that of its placing', async () => {
    const given = { lines: [{ sku: 'wool-throw', quantity: 1 }] };
    const first = await postOrder(shop.url, anOrder(given), 'life-1');
    const url = `${shop.url}/api/v1/orders/${jsonOf(first).order_id}`;
    const packed = await step(url, 'pack', undefined, { 'idempotency-key': 'pack-1' });
    await done(step(url, 'shipments', { carrier: 'UPS' }));
    const again = await step(url, 'pack', undefined, { 'idempotency-key': 'pack-1' });
    assert.deepEqual([again.status, again.text], [packed.status, packed.text]);
    assert.equal(again.headers.get('etag'), packed.headers.get('etag'));
    assert.equal(again.headers.get('idempotent-replayed'), 'true');
    const placedAgain = await postOrder(shop.url, anOrder(given), 'life-1');
    assert.deepEqual([placedAgain.status, placedAgain.text], [first.status, first.text]);
    await refused(step(url, 'cancel', {}, { 'idempotency-key': 'pack-1' }), 422, 'idempotency_key_reused');
    // Another caller's key of the same name is another key.
    const other = await step(url, 'shipments/1/deliver', undefined, {
      ...bearer(all),
      'idempotency-key': 'pack-1',
    });
    assert.equal(other.status, 200, other.text);
  });

  it('refuses what a step has no use for, instead of leaving it out', async () => {
    const { url } = await placeOne({ lines: [{ sku: 'wool-throw', quantity: 2 }] });
    const part = { lines: [{ sku: 'wool-throw', quantity: 1 }] };
    for (const name of ['pack', 'erase']) {
      const { errors } = await refused(step(url, name, part, bearer(all)), 422, 'validation_failed');
      assert.deepEqual(errors[0].pointer, '/lines');
      await refused(step(url, name, 'null', bearer(all)), 422, 'validation_failed');
    }
    await done(step(url, 'pack', {}));
    await done(step(url, 'shipments', { carrier: 'UPS', ...part }));
    await refused(step(url, 'shipments/1/deliver', part), 422, 'validation_failed');
  });

  it('tells a shipment that has arrived from one that can’t arrive any more', async () => {
    const { url } = await placeOne({ lines: [{ sku: 'wool-throw', quantity: 2 }] });
    const one = { lines: [{ sku: 'wool-throw', quantity: 1 }] };
    await done(step(url, 'pack'));
    await done(step(url, 'shipments', { carrier: 'UPS', ...one }));
    await done(step(url, 'shipments', { carrier: 'UPS' }));
    await done(step(url, 'shipments/1/deliver'));
    const again = await refused(step(url, 'shipments/1/deliver'), 409, 'not_allowed_now');
    assert.equal(again.detail, 'This shipment has arrived already. Allowed now: deliver, return.');
    await done(step(url, 'returns', { lines: [{ sku: 'wool-throw', quantity: 2 }], restock: true }));
    const late = await refused(step(url, 'shipments/2/deliver'), 409, 'not_allowed_now');
    assert.match(late.detail, /^A delivery is not possible while the order is returned\. /);
  });

  it('refuses bad input with the field and the remedy', async () => {
    const { url } = await placeOne({ lines: [{ sku: 'wool-throw', quantity: 2 }] });
    await done(step(url, 'pack'));
    const ship = (body: Readonly<Record<string, unknown>>) =>
      step(url, 'shipments', { carrier: 'UPS', ...body });
    const pointers = async (body: Readonly<Record<string, unknown>>) =>
      (await refused(ship(body), 422, 'validation_failed')).errors.map(
        ({ pointer, code }: Json) => `${pointer} ${code}`,
      );
    assert.deepEqual(await pointers({ lines: [{ sku: 'wool-throw', quantity: 3 }] }), [
      '/lines/0/quantity too_many',
    ]);
    assert.deepEqual(await pointers({ lines: [{ sku: 'tent-4p', quantity: 1 }] }), [
      '/lines/0/sku not_in_order',
    ]);
    assert.deepEqual(await pointers({ lines: [] }), ['/lines out_of_range']);
    const twice = [1, 1].map((quantity) => ({ sku: 'wool-throw', quantity }));
    assert.deepEqual(await pointers({ lines: twice }), ['/lines/1/sku repeated_sku']);
    for (const [address, cause] of [
      ['javascript:alert(1)', /does not begin with https:/],
      ['http://ups.example/1Z', /does not begin with https:/],
      ['https://10.0.0.1', /name of a host/],
      ['https://ups.example:65536', /port above/],
      ['https://ada@ups.example', /no user before an @/],
      ['https://', /name of a host/],
      ['https://ups.example/a b', /has a space/],
      ['https://ups.example/{1Z}', /a character that no address has/],
    ] as const) {
      const { errors } = await refused(ship({ tracking_url: address }), 422, 'validation_failed');
      const [{ pointer, code, detail }] = errors;
      assert.deepEqual([errors.length, pointer, code], [1, '/tracking_url', 'invalid_tracking_url']);
      assert.match(detail, cause, address);
    }
    assert.deepEqual(await pointers({ tracking_url: `https://ups.example/${'x'.repeat(2_000)}` }), [
      '/tracking_url too_long',
    ]);
    assert.deepEqual(await pointers({ carrier: ' ' }), ['/carrier required']);
    assert.deepEqual(await pointers({ carrier: 'U\u0000S' }), ['/carrier control_character']);
    assert.deepEqual(await pointers({ tracking_number: '🎪'.repeat(101) }), ['/tracking_number too_long']);
    const longest = { carrier: '🎪'.repeat(100), tracking_url: ' https://ups.example:65535?n=é#1\n' };
    assert.equal((await ship(longest)).status, 201);
    const { events } = jsonOf(await get(`${url}/events`, bearer(all)));
    assert.equal(events.at(-1).data.tracking_url, 'https://ups.example:65535?n=é#1');
    assert.deepEqual(await pointers({ carrier: 'x'.repeat(101) }), ['/carrier too_long']);
    assert.deepEqual(await pointers({ lines: null, weight: 3 }), ['/weight unknown_field']);
    await refused(step(url, 'shipments/7/deliver'), 404, 'shipment_not_found');
    await refused(step(url, 'shipments/zero/deliver'), 404, 'shipment_not_found');
    const unknown = `${shop.url}/api/v1/orders/01900000-0000-7000-8000-000000000000`;
    await refused(step(unknown, 'pack'), 404, 'order_not_found');
  });

  it('lets nobody in without a right to it, nor tells which orders exist', async () => {
    const { url } = await placeOne();
    const unknown = `${shop.url}/api/v1/orders/01900000-0000-7000-8000-000000000000`;
    for (const name of ['cancel', 'pack', 'shipments', 'shipments/1/deliver', 'returns', 'erase']) {
      for (const address of [url, unknown]) {
        const answer = await send(`${address}/${name}`, { method: 'POST', headers: any });
        assert.equal(answer.status, 401, `${name}: ${answer.text}`);
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /);
      }
      const reader = await send(`${url}/${name}`, { method: 'POST', headers: { ...any, ...bearer(read) } });
      assert.equal(reader.status, 403, `${name}: ${reader.text}`);
    }
    assert.equal((await get(`${url}/events`)).status, 401);
    const { status } = jsonOf(await get(url));
    assert.equal(status, 'placed');
  });

  it('is erased: name, street and email are nowhere any more, the figures stay', async () => {
    const canary = {
      customer_name: 'Canary Bird',
      street_address: '7 Yellow Lane',
      email: 'canary@birds.example',
    };
    const { order, url, holderKey } = await placeOne(canary, 'erased-1');
    await done(step(url, 'cancel', { reason: 'Canary Bird flew away' }));
    await refused(step(url, 'erase'), 403, 'insufficient_scope');
    const erased = await done(step(url, 'erase', undefined, bearer(all)));
    assert.equal(erased.total.amount, order.total.amount);
    const again = await refused(step(url, 'erase', undefined, bearer(all)), 409, 'not_allowed_now');
    assert.match(again.detail, /^The order is erased already\./);
    const seen = [
      await get(url, { 'order-key': holderKey }),
      await get(`${url}/events`, { 'order-key': holderKey }),
      await postOrder(shop.url, anOrder(canary), 'erased-1'),
      await get(`${shop.url}/orders/${order.order_id}?key=${holderKey}`),
    ];
    for (const { text } of seen) assert.doesNotMatch(text, /canary|Yellow Lane/i);
    assert.match(seen[1]?.text ?? '', /com\.nozama\.order\.erased\.v1/);
  });
});
