/** A retry never makes a second order: at once, later, after a restart, after a crash. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import {
  type Answer,
  aForm,
  anOrder,
  get,
  inStock,
  jsonOf,
  place,
  postForm,
  postJson,
  postOrder,
} from './shop-client.ts';

let shop: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
});
after(() => shop?.close());

/** What must be the same in a replay: all of the answer but its date and the request's own id. */
function essence({ status, headers, text }: Answer): unknown {
  const kept = ['content-type', 'location', 'etag', 'cache-control', 'set-cookie'];
  return { status, text, headers: kept.map((name) => [name, headers.get(name)]) };
}

function assertReplayOf(first: Answer, again: Answer): void {
  assert.deepEqual(essence(again), essence(first));
  assert.equal(again.headers.get('idempotent-replayed'), 'true');
}

describe('Idempotency-Key', () => {
  it('gives the first answer again, byte for byte, and says so', async () => {
    const stock = await inStock(shop.url, 'wool-throw');
    const order = anOrder({ lines: [{ sku: 'wool-throw', quantity: 2 }] });
    const first = await postOrder(shop.url, order, 'again');
    assert.equal(first.status, 201);
    assert.equal(first.headers.get('idempotent-replayed'), null);
    for (let i = 0; i < 3; i += 1) assertReplayOf(first, await postOrder(shop.url, order, 'again'));
    assertReplayOf(first, await postOrder(shop.url, order, '"again"'));
    assert.equal(await inStock(shop.url, 'wool-throw'), stock - 2);
  });

  it('knows the same payload in another spelling', async () => {
    const first = await postOrder(shop.url, anOrder({ customer_name: 'Zoë', email: null }), 'spelling');
    const { email: _, ...without } = anOrder({ customer_name: ' Zoe\u0308 ' });
    const text = JSON.stringify(Object.fromEntries(Object.entries(without).toReversed()), null, 2);
    assertReplayOf(
      first,
      await postJson(`${shop.url}/api/v1/orders`, text, { 'idempotency-key': 'spelling' }),
    );
    const split = {
      lines: [
        { sku: 'tent-4p', quantity: 1 },
        { sku: 'tent-4p', quantity: 1 },
      ],
    };
    const merged = { lines: [{ sku: 'tent-4p', quantity: 2 }] };
    assertReplayOf(
      await postOrder(shop.url, anOrder(split), 'merged'),
      await postOrder(shop.url, anOrder(merged), 'merged'),
    );
  });

  it('refuses another payload under the same key, whichever field differs', async () => {
    const first = await postOrder(shop.url, anOrder(), 'other');
    assert.equal(first.status, 201);
    for (const other of [
      { customer_name: 'Ada Byron' },
      { street_address: '13 Analytical Way' },
      { city: null },
      { state: 'NM' },
      { zip_code: '78702' },
      { email: null },
      { lines: [{ sku: 'tent-4p', quantity: 2 }] },
      { lines: [{ sku: 'awning-mug', quantity: 1 }] },
    ]) {
      const answer = await postOrder(shop.url, anOrder(other), 'other');
      assert.equal(answer.status, 422, JSON.stringify(other));
      assert.equal(jsonOf(answer).code, 'idempotency_key_reused');
    }
    assertReplayOf(first, await postOrder(shop.url, anOrder(), 'other'));
  });

  it('is bound by a placed order alone: what was refused may be corrected', async () => {
    const soldOut = anOrder({ lines: [{ sku: 'ukulele', quantity: 1 }] });
    assert.equal((await postOrder(shop.url, soldOut, 'corrected')).status, 409);
    assert.equal((await postOrder(shop.url, anOrder({ state: 'XX' }), 'corrected')).status, 422);
    const first = await postOrder(shop.url, anOrder(), 'corrected');
    assert.equal(first.status, 201);
    assert.equal(first.headers.get('idempotent-replayed'), null);
  });

  it('still replays when the product has sold out since', async () => {
    const left = await inStock(shop.url, 'alarm-clock');
    const order = anOrder({ lines: [{ sku: 'alarm-clock', quantity: left }] });
    const first = await postOrder(shop.url, order, 'last');
    assert.equal(first.status, 201);
    assertReplayOf(first, await postOrder(shop.url, order, 'last'));
    assert.equal((await postOrder(shop.url, order, 'too-late')).status, 409);
  });

  it('makes one order of fifty at once', async () => {
    const stock = await inStock(shop.url, 'bird-house');
    const order = anOrder({ lines: [{ sku: 'bird-house', quantity: 1 }] });
    const answers = await Promise.all(Array.from({ length: 50 }, () => postOrder(shop.url, order, 'fifty')));
    const first = answers.filter(({ headers }) => headers.get('idempotent-replayed') === null);
    assert.equal(first.length, 1);
    for (const answer of answers) {
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.text, first[0]?.text);
    }
    assert.equal(await inStock(shop.url, 'bird-house'), stock - 1);
  });

  it('lets one payload win when fifty different ones come at once', async () => {
    const stock = await inStock(shop.url, 'desk-lamp');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        postOrder(
          shop.url,
          anOrder({ customer_name: `Buyer ${i}`, lines: [{ sku: 'desk-lamp', quantity: 1 }] }),
          'race',
        ),
      ),
    );
    const statuses = answers.map(({ status }) => status).toSorted();
    assert.deepEqual(statuses, [201, ...Array(49).fill(422)]);
    assert.equal(await inStock(shop.url, 'desk-lamp'), stock - 1);
  });

  it('takes 1 to 255 visible characters, and 400 for anything else', async () => {
    for (const key of ['k', 'k'.repeat(255), `"${'q'.repeat(255)}"`, '!~', '"a\\"b\\\\c"', 'with,comma']) {
      assert.equal((await postOrder(shop.url, anOrder(), key)).status, 201, key);
    }
    for (const key of [
      'k'.repeat(256),
      `"${'k'.repeat(256)}"`,
      '""',
      '"',
      '"open',
      '"a"b"',
      'a b',
      'schlüssel',

      '"\\x"',
    ]) {
      const answer = await postOrder(shop.url, anOrder(), Buffer.from(key).toString('latin1')).catch(
        () => null,
      );
      if (answer === null) continue; // A key that no HTTP client would send.
      assert.equal(answer.status, 400, key);
      assert.equal(jsonOf(answer).code, 'invalid_idempotency_key', key);
    }
  });

  it('works on the original contract too, in the same space of keys', async () => {
    const wish = {
      product_name: 'Market Awning Mug',
      quantity: '1',
      customer_name: 'Ada Lovelace',
      street_address: '12 Analytical Way',
      state: 'TX',
      zip_code: '78701',
    };
    const first = await postJson(`${shop.url}/`, wish, { 'idempotency-key': 'original' });
    assert.equal(first.status, 201, first.text);
    const again = await postJson(`${shop.url}/`, { ...wish, quantity: 1 }, { 'idempotency-key': 'original' });
    assertReplayOf(first, again);
    assert.equal((await postOrder(shop.url, anOrder(), 'original')).status, 422);
  });
});

describe('Idempotency-Key after the process has gone', () => {
  for (const [how, end] of [
    ['a restart', () => shop.stop()],
    ['kill -9', () => shop.kill()],
  ] as const) {
    it(`replays after ${how}, and the key opens the order as before`, async () => {
      const key = `before ${how}`.replaceAll(' ', '-');
      const first = await postOrder(shop.url, anOrder(), key);
      assert.equal(first.status, 201);
      await end();
      await shop.start();
      assertReplayOf(first, await postOrder(shop.url, anOrder(), key));
      assert.equal((await postOrder(shop.url, anOrder({ city: 'Dallas' }), key)).status, 422);
      const { confirmation_url } = jsonOf(first);
      assert.match(
        (await get(`${shop.url}${confirmation_url}`, { accept: 'text/html' })).text,
        /Ada Lovelace/,
      );
    });
  }

  it('keeps orders, stock, numbers and ranking, and does not seed again', async () => {
    const before = await place(shop.url, { state: 'ID', lines: [{ sku: 'tent-4p', quantity: 1 }] });
    const products = (await get(`${shop.url}/api/v1/products?limit=100`)).text;
    const top = (await get(`${shop.url}/api/v1/states/ID/top-products`)).text;
    const order = (await get(`${shop.url}/api/v1/orders/${before.order_id}`)).text;
    const { code } = await shop.stop();
    assert.equal(code, 0);
    await shop.start({ DEMO_STOCK: '5' });
    assert.equal((await get(`${shop.url}/api/v1/products?limit=100`)).text, products);
    assert.equal((await get(`${shop.url}/api/v1/states/ID/top-products`)).text, top);
    assert.equal((await get(`${shop.url}/api/v1/orders/${before.order_id}`)).text, order);
    assert.equal((await place(shop.url)).number, before.number + 1);
    assert.doesNotMatch(shop.service.logs(), /catalogue is loaded/);
    const { code: verified, output } = await shop.verify();
    assert.equal(verified, 0, output);
  });
});

describe('Idempotency-Key of a form', () => {
  const form = aForm({ state: 'VT', zip_code: '05401' });
  const postWith = (header: string | null, field: string | null) =>
    postForm(
      `${shop.url}/`,
      field === null ? form : { ...form, idempotency_key: field },
      header === null ? {} : { 'idempotency-key': header },
    );
  const pageOf = ({ headers }: Answer) => new URL(headers.get('location') ?? '', shop.url).pathname;

  it('is the header, the field, or both when they are the same', async () => {
    const first = await postWith('form-1', null);
    assert.equal(first.status, 303);
    for (const [header, field] of [
      ['form-1', null],
      ['"form-1"', null],
      [null, 'form-1'],
      ['form-1', 'form-1'],
      ['"form-1"', 'form-1'],
      ['form-1', ''],
    ] as const) {
      const again = await postWith(header, field);
      assert.deepEqual([again.status, pageOf(again)], [303, pageOf(first)], `${header} ${field}`);
    }
  });

  it('that differs between the two is refused, and places nothing', async () => {
    const stock = await inStock(shop.url, 'tent-4p');
    const answer = await postWith('form-2', 'form-3');
    assert.equal(answer.status, 400);
    const { code, detail } = jsonOf(answer);
    assert.equal(code, 'invalid_idempotency_key');
    assert.match(detail, /header and the field idempotency_key/);
    for (const [header, field] of [
      ['a b', null],
      ['form-2', 'a b'],
    ] as const) {
      assert.equal((await postWith(header, field)).status, 400);
    }
    assert.equal(await inStock(shop.url, 'tent-4p'), stock);
  });
});
