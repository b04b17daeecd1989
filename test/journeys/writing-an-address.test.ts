/** Names and addresses as people write, copy and autofill them: which are stored, which are refused, and in which words. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { engineOf, openShop, type Shop } from './open-shop.ts';
import {
  aForm,
  anOrder,
  cookieOf,
  get,
  type Json,
  jsonOf,
  keyIn,
  place,
  postForm,
  postJson,
  postOrder,
  send,
} from './shop-client.ts';

let shop: Shop;
before(async () => {
  shop = await openShop({ engine: engineOf(import.meta.url) });
});
after(() => shop?.close());

async function shippingOf(given: Readonly<Record<string, unknown>>): Promise<Json> {
  return (await place(shop.url, given)).shipping;
}

async function refusal(given: Readonly<Record<string, unknown>>): Promise<Json> {
  const answer = await postOrder(shop.url, anOrder(given));
  assert.equal(answer.status, 422, `${JSON.stringify(given)} ${answer.text}`);
  const { errors } = jsonOf(answer);
  assert.equal(errors.length, 1, answer.text);
  return errors[0];
}

const form = aForm();

describe('an address as people write it', () => {
  it('has its ZIP code in any spelling, by the API, the original contract and the form', async () => {
    for (const [zip_code, stored] of [
      ['123456789', '12345-6789'],
      ['12345 6789', '12345-6789'],
      [' 12345 – 6789\u200b', '12345-6789'],
      ['１２３４５－６７８９', '12345-6789'],
      ['７８７０１', '78701'],
    ] as const) {
      assert.equal((await shippingOf({ zip_code })).zip_code, stored);
      const original = await postJson(`${shop.url}/`, { ...form, zip_code });
      assert.equal(original.status, 201, original.text);
      const address = `${shop.url}/api/v1/orders/${jsonOf(original).order_id}`;
      const order = jsonOf(await get(address, cookieOf(original)));
      assert.equal(order.shipping.zip_code, stored);
      assert.equal((await postForm(`${shop.url}/`, { ...form, zip_code })).status, 303, zip_code);
    }
    for (const zip_code of ['78701-', '1234567', '12345678', '78 701', '78701.1234']) {
      assert.equal((await refusal({ zip_code })).code, 'invalid_zip_code');
    }
  });

  it('loses what nobody can see at the ends of every field', async () => {
    const unseen = '\ufeff\u200b\u00a0\u2800\u3164\u00ad\u200e ';
    const around = (text: string) => `${unseen}${text}${unseen}`;
    const { shipping } = await place(shop.url, {
      customer_name: around('Ada Lovelace'),
      street_address: around('12 Analytical Way'),
      city: around('Austin'),
      state: around('tx'),
      zip_code: around('78701'),
      email: around('ada@example.com'),
    });
    assert.deepEqual(shipping, (await place(shop.url)).shipping);
    const typed = Object.fromEntries(Object.entries(form).map(([name, value]) => [name, around(value)]));
    assert.equal((await postForm(`${shop.url}/`, typed)).status, 303);
  });

  it('has its state in any case', async () => {
    for (const state of ['tx', 'Tx', ' TX ']) assert.equal((await shippingOf({ state })).state, 'TX');
    for (const state of ['Texas', 'T X', 'um', '']) {
      assert.equal((await refusal({ state })).code, 'unknown_state', state);
    }
  });

  it('may be a military one, or in a freely associated state', async () => {
    for (const [state, zip_code, name] of [
      ['AA', '34002', 'Armed Forces Americas'],
      ['AE', '09012-1234', 'Armed Forces Europe'],
      ['AP', '96350', 'Armed Forces Pacific'],
      ['FM', '96941', 'Micronesia'],
      ['MH', '96960', 'Marshall Islands'],
      ['PW', '96940', 'Palau'],
    ] as const) {
      const order = await place(shop.url, {
        street_address: 'PSC 1234 Box 567',
        city: 'APO',
        state,
        zip_code,
      });
      assert.equal(order.shipping.state, state);
      const page = await get(`${shop.url}${order.confirmation_url}`, { accept: 'text/html' });
      assert.ok(page.text.includes(`APO, ${name} ${zip_code}`), name);
      assert.match(page.text, /Ordered most (in|by) /);
      for (const spelling of [state, state.toLowerCase()]) {
        const top = jsonOf(await get(`${shop.url}/api/v1/states/${spelling}/top-products`));
        assert.deepEqual([top.state, top.products[0].sku], [state, 'tent-4p']);
      }
      const { text } = await get(`${shop.url}/`, { accept: 'text/html' });
      assert.ok(text.includes(`<option value="${state}">${name}</option>`), name);
    }
  });

  it('may have a second line, which is as private as the first', async () => {
    const placed = await place(shop.url, { address_line_2: ' Apt 4 <b> ' });
    assert.equal(placed.shipping.street_address, '12 Analytical Way');
    assert.equal(placed.shipping.address_line_2, 'Apt 4 <b>');
    const open = await get(`${shop.url}/api/v1/orders/${placed.order_id}`);
    assert.doesNotMatch(open.text, /Apt 4|address_line_2/);
    const shown = await get(`${shop.url}${placed.confirmation_url}`, { accept: 'text/html' });
    assert.match(shown.text, /12 Analytical Way<br>Apt 4 &lt;b&gt;<br>Austin/);
    const hidden = await get(`${shop.url}/orders/${placed.order_id}`, { accept: 'text/html' });
    assert.doesNotMatch(hidden.text, /Apt 4/);

    for (const blank of [null, '', ' \u200b']) {
      assert.equal('address_line_2' in (await shippingOf({ address_line_2: blank })), false);
    }
    const original = await postJson(`${shop.url}/`, { ...form, address_line_2: 'Apt 5' });
    assert.equal(original.status, 201, original.text);
    assert.equal((await postForm(`${shop.url}/`, { ...form, address_line_2: 'Apt 5' })).status, 303);
    assert.equal((await refusal({ address_line_2: 'Apt\n4' })).code, 'control_character');
    assert.equal((await refusal({ address_line_2: 'x'.repeat(201) })).code, 'too_long');
  });

  it('of one line and of two are two orders to an idempotency key', async () => {
    const order = anOrder({ customer_name: 'Grace' });
    assert.equal((await postOrder(shop.url, order, 'two-lines')).status, 201);
    assert.equal((await postOrder(shop.url, { ...order, address_line_2: '' }, 'two-lines')).status, 201);
    assert.equal((await postOrder(shop.url, { ...order, address_line_2: 'Apt 4' }, 'two-lines')).status, 422);
  });

  it('has no city and no email when they are blank', async () => {
    for (const blank of ['', '   ', '\u200b', '\u2800']) {
      const { city, email } = await shippingOf({ city: blank, email: blank });
      assert.deepEqual([city, email], [null, null], JSON.stringify(blank));
    }
    const original = await postJson(`${shop.url}/`, { ...form, city: '', email: '' });
    assert.equal(original.status, 201, original.text);
  });

  it('needs a name that can be seen', async () => {
    for (const customer_name of ['\u2800', '\u2800\u2800 \u2800', '\u3164', '\u200b', ' ']) {
      assert.equal((await refusal({ customer_name })).code, 'required', JSON.stringify(customer_name));
    }
  });
});

describe('an email address', () => {
  it('that can never be delivered to is refused, and it is told why', async () => {
    for (const [email, words] of [
      ['mailto:ada@example.com', /address alone/],
      ['Ada <ada@example.com>', /address alone/],
      ['ada@example..com', /dot/],
      ['.ada@example.com', /dot/],
      ['ada@example.com.', /dot/],
      ['ada@example,com', /comma/],
      ['ada@example.com, bob@example.com', /comma/],
      ['ada\u200b@example.com', /character/],
      ['ada lovelace@example.com', /space/],
      ['ada@localhost', /domain/],
      ['ada', /such as name@example\.com/],
      [`${'x'.repeat(65)}@example.com`, /too long/],
    ] as const) {
      const { pointer, code, detail } = await refusal({ email });
      assert.deepEqual([pointer, code], ['/email', 'invalid_email'], email);
      assert.match(detail, words);
      const page = await postForm(`${shop.url}/`, { ...form, email }, { accept: 'text/html' });
      assert.equal(page.status, 422);
      assert.match(/id="error-email">([^<]*)</.exec(page.text)?.[1] ?? '', words);
    }
  });

  it('that is odd and right is kept as it is', async () => {
    for (const email of [
      'ada+shop@example.com',
      "o'brien@example.co.uk",
      'ada@example.photography',
      'ada@münchen.de',
      'пользователь@пример.рф',
    ]) {
      assert.equal((await shippingOf({ email })).email, email);
    }
  });
});

it('an order is found again by the key of its confirmation, whatever the script of its address', async () => {
  const order = await place(shop.url, { customer_name: '山田 太郎', street_address: 'Улица 1' });
  const answer = await get(`${shop.url}/api/v1/orders/${order.order_id}`, {
    'order-key': keyIn(order.confirmation_url),
  });
  assert.deepEqual(jsonOf(answer), order);
});

describe('bytes that are no UTF-8', () => {
  const misencoded = (field: string) => {
    const rest = new URLSearchParams({ ...form, [field]: '' })
      .toString()
      .replace(`${field}=`, `${field}=J%E9r`);
    return send(`${shop.url}/`, {
      method: 'POST',
      body: rest,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  };

  it('in a form are refused with the name of the field, whatever field it is', async () => {
    for (const field of [...Object.keys(form), 'city', 'address_line_2', 'idempotency_key', 'submit']) {
      const answer = await misencoded(field);
      assert.equal(answer.status, 400, field);
      const problem = jsonOf(answer);
      assert.equal(problem.code, 'malformed_form');
      assert.deepEqual([problem.errors[0].pointer, problem.errors[0].code], [`/${field}`, 'not_utf8']);
      assert.match(problem.detail, new RegExp(`field ${field} .*UTF-8`));
    }
    const typed = { ...form, customer_name: 'Jérôme \ufffd' };
    assert.equal((await postForm(`${shop.url}/`, typed)).status, 303, 'UTF-8 is taken');
  });

  it('in an address are refused with the name of the parameter', async () => {
    for (const [path, parameter] of [
      ['/get_product?product_name=Caf%E9', 'product_name'],
      ['/?product=%ff', 'product'],
      ['/api/v1/products?cursor=%C3%28', 'cursor'],
    ] as const) {
      const answer = await get(`${shop.url}${path}`, { accept: 'application/json' });
      assert.equal(answer.status, 400, path);
      const [error] = jsonOf(answer).errors;
      assert.deepEqual([error.parameter, error.in, error.code], [parameter, 'query', 'not_utf8']);
    }
    // A parameter that no page reads is ignored.
    assert.equal((await get(`${shop.url}/?utm_source=Caf%E9`, { accept: 'text/html' })).status, 200);
    for (const path of ['/api/v1/orders/%ff', '/api/v1/products/%ff', '/api/v1/states/%ff/top-products']) {
      assert.equal((await get(`${shop.url}${path}`)).status, 404, path);
    }
  });

  it('and half a surrogate pair in JSON are refused with the name of the field', async () => {
    for (const field of ['customer_name', 'street_address', 'address_line_2', 'city']) {
      assert.equal((await refusal({ [field]: 'A\ud800' })).code, 'control_character', field);
    }
    assert.equal((await refusal({ email: 'a\ud800@example.com' })).code, 'invalid_email');
    const original = await postJson(`${shop.url}/`, { ...form, product_name: '\ud800' });
    assert.equal(original.status, 422);
    const [{ pointer, code }] = jsonOf(original).errors;
    assert.deepEqual([pointer, code], ['/product_name', 'control_character']);
  });
});
