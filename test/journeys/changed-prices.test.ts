/** A price that changes between the look at it and the order: no shopper is charged a total they were not shown. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { changeProduct } from './behind-the-service.ts';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import { aForm, anOrder, get, inStock, jsonOf, postForm, postOrder } from './shop-client.ts';

let shop: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
});
after(() => shop?.close());
beforeEach(() => changeProduct(shop, 'tent-4p', { priceCents: 19_999 }));

const usd = (amount: number) => ({ amount, currency: 'USD' });
const twoTents = (given: Readonly<Record<string, unknown>>) =>
  anOrder({ lines: [{ sku: 'tent-4p', quantity: 2 }], ...given });

describe('an order with expected_total', () => {
  it('is placed at that total', async () => {
    const answer = await postOrder(shop.url, twoTents({ expected_total: usd(39_998) }));
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(jsonOf(answer).total, usd(39_998));
    assert.equal((await postOrder(shop.url, twoTents({ expected_total: null }))).status, 201);
  });

  it('is refused at another, with the prices of now, and takes no stock', async () => {
    const tents = await inStock(shop.url, 'tent-4p');
    await changeProduct(shop, 'tent-4p', { priceCents: 99_999 });
    const answer = await postOrder(shop.url, twoTents({ expected_total: usd(39_998) }));
    assert.equal(answer.status, 409, answer.text);
    const problem = jsonOf(answer);
    assert.equal(problem.code, 'price_changed');
    assert.deepEqual(problem.total, usd(199_998));
    assert.deepEqual(problem.lines, [
      {
        sku: 'tent-4p',
        name: 'Sundown Four-Person Tent',
        quantity: 2,
        unit_price: usd(99_999),
        line_total: usd(199_998),
      },
    ]);
    assert.match(problem.detail, /\$1,999\.98/);
    assert.deepEqual(
      [problem.errors[0].pointer, problem.errors[0].code],
      ['/expected_total', 'price_changed'],
    );
    assert.equal(await inStock(shop.url, 'tent-4p'), tents);
    const agreed = await postOrder(shop.url, twoTents({ expected_total: problem.total }));
    assert.equal(agreed.status, 201);
    // A lower price is another price, too.
    assert.equal((await postOrder(shop.url, twoTents({ expected_total: usd(200_000) }))).status, 409);
    // An order that expects nothing is placed as before.
    assert.equal((await postOrder(shop.url, twoTents({}))).status, 201);
  });

  it('is given again by its key, whatever total the retry expects', async () => {
    const first = await postOrder(shop.url, twoTents({ expected_total: usd(39_998) }), 'retried');
    assert.equal(first.status, 201);
    await changeProduct(shop, 'tent-4p', { priceCents: 99_999 });
    for (const expected_total of [usd(39_998), usd(199_998), null]) {
      const again = await postOrder(shop.url, twoTents({ expected_total }), 'retried');
      assert.equal(again.headers.get('idempotent-replayed'), 'true');
      assert.equal(again.text, first.text);
    }
  });

  it('leaves its key free when it is refused', async () => {
    const refused = await postOrder(shop.url, twoTents({ expected_total: usd(1) }), 'agreed');
    assert.equal(refused.status, 409);
    const agreed = await postOrder(shop.url, twoTents({ expected_total: usd(39_998) }), 'agreed');
    assert.deepEqual([agreed.status, agreed.headers.get('idempotent-replayed')], [201, null]);
  });

  it('is told what is wrong with the total itself', async () => {
    for (const [expected_total, expected] of [
      [39_998, '/expected_total wrong_type'],
      [{ amount: 39_998 }, '/expected_total/currency required'],
      [{ amount: 39_998, currency: 'EUR' }, '/expected_total/currency unknown_currency'],
      [{ amount: -1, currency: 'USD' }, '/expected_total/amount out_of_range'],
      [{ amount: 1.5, currency: 'USD' }, '/expected_total/amount not_an_integer'],
      [{ amount: 2 ** 53, currency: 'USD' }, '/expected_total/amount out_of_range'],
      [{ amount: 1, currency: 'USD', tax: 1 }, '/expected_total/tax unknown_field'],
    ] as const) {
      const answer = await postOrder(shop.url, twoTents({ expected_total }));
      assert.equal(answer.status, 422, answer.text);
      const [{ pointer, code, detail }] = jsonOf(answer).errors;
      assert.equal(`${pointer} ${code}`, expected);
      if (pointer.endsWith('amount')) assert.match(detail, /cents/);
    }
  });
});

describe('the form without scripts', () => {
  const typed = aForm({ quantity: '2', address_line_2: 'Apt 4', state: 'WA', zip_code: '98101' });
  /** The hidden fields of the page as it is now. */
  const hiddenFields = (text: string) =>
    Object.fromEntries(
      Array.from(text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g), ([, name, value]) => [
        name,
        value,
      ]),
    );
  const post = (fields: Readonly<Record<string, string>>) => postForm(`${shop.url}/`, fields);

  it('asks at the new total, keeps what was typed, and places it when it is sent again', async () => {
    const page = await get(`${shop.url}/`, { accept: 'text/html' });
    await changeProduct(shop, 'tent-4p', { priceCents: 99_999 });
    const tents = await inStock(shop.url, 'tent-4p');
    const asked = await post({ ...hiddenFields(page.text), ...typed });
    assert.equal(asked.status, 409);
    assert.match(
      asked.text,
      /Sundown Four-Person Tent now costs \$999\.99, and your order comes to \$1,999\.98/,
    );
    assert.match(asked.text, /name="customer_name"[^>]* value="Ada Lovelace"/);
    assert.match(asked.text, /name="address_line_2"[^>]* value="Apt 4"/);
    assert.match(asked.text, /data-sku="tent-4p" selected/);
    assert.equal(await inStock(shop.url, 'tent-4p'), tents);
    const agreed = await post({ ...hiddenFields(asked.text), ...typed });
    assert.equal(agreed.status, 303);
    assert.equal(await inStock(shop.url, 'tent-4p'), tents - 2);
    // Sent twice, it leads to the order that was made, whatever the price is by then.
    await changeProduct(shop, 'tent-4p', { priceCents: 19_999 });
    const twice = await post({ ...hiddenFields(asked.text), ...typed });
    assert.deepEqual([twice.status, twice.headers.get('location')], [303, agreed.headers.get('location')]);
  });

  it('is placed when another price has changed, and by clients that have seen no page', async () => {
    const page = await get(`${shop.url}/`, { accept: 'text/html' });
    await changeProduct(shop, 'awning-mug', { priceCents: 9_999 });
    assert.equal((await post({ ...hiddenFields(page.text), ...typed })).status, 303);
    await changeProduct(shop, 'tent-4p', { priceCents: 29_999 });
    for (const prices_shown of ['', 'x', '.-.']) {
      assert.equal((await post({ ...typed, prices_shown })).status, 303, prices_shown);
    }
    assert.equal((await post(typed)).status, 303);
  });
});
