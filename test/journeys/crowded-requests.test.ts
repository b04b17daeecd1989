/** A field that stands twice, and requests with more fields and values than any of ours: each is told which bound. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { jsonValuesMax } from '../../src/http/request/json-value-count.ts';
import { encodedFieldsMax } from '../../src/http/request/percent-encoding.ts';
import { openShop, type Shop } from './open-shop.ts';
import { type Answer, anOrder, get, inStock, jsonOf, postJson, postOrder, send } from './shop-client.ts';

let shop: Shop;
before(async () => {
  shop = await openShop();
});
after(() => shop?.close());

const wish = {
  product_name: 'Sundown Four-Person Tent',
  quantity: '1',
  customer_name: 'Ada Lovelace',
  street_address: '12 Analytical Way',
  address_line_2: 'Apt 4',
  city: 'Austin',
  state: 'TX',
  zip_code: '78701',
  email: 'ada@example.com',
  idempotency_key: 'twice-1',
  prices_shown: '',
  if_repeated: 'place',
};

function postFields(fields: readonly (readonly [name: string, value: string])[], accept = '*/*') {
  return send(`${shop.url}/`, {
    method: 'POST',
    body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
    headers: { accept },
  });
}

function assertRefused(answer: Answer, code: string, pointer: string, errorCode: string): void {
  assert.equal(answer.status, 400, answer.text.slice(0, 300));
  const problem = jsonOf(answer);
  assert.equal(problem.code, code);
  assert.deepEqual(
    problem.errors.map((error: { pointer: string; code: string }) => [error.pointer, error.code]),
    [[pointer, errorCode]],
  );
}

describe('a form', () => {
  it('with a field twice is refused by its name, whatever the two values are', async () => {
    const before = await inStock(shop.url, 'tent-4p');
    for (const [name, value] of Object.entries(wish)) {
      for (const second of [value, '2', '']) {
        const answer = await postFields([...Object.entries(wish), [name, second]]);
        assertRefused(answer, 'malformed_form', `/${name}`, 'duplicate_name');
      }
    }
    const page = await postFields([...Object.entries(wish), ['quantity', '10']], 'text/html');
    assert.equal(page.status, 400);
    assert.match(page.text, /The field quantity stands twice in the form\. Send it once\./);
    assert.equal(await inStock(shop.url, 'tent-4p'), before);
  });

  it('may have other fields twice, such as its checkboxes', async () => {
    const answer = await postFields([...Object.entries(wish), ['gift', 'ribbon'], ['gift', 'card']]);
    assert.equal(answer.status, 303, answer.text.slice(0, 300));
  });

  it(`has ${encodedFieldsMax} fields at most`, async () => {
    const own = Object.entries({ ...wish, idempotency_key: 'many-1' });
    const others = Array.from(
      { length: encodedFieldsMax - own.length },
      (_, i) => [`other-${i}`, ''] as const,
    );
    assert.equal((await postFields([...own, ...others])).status, 303);
    assertRefused(
      await postFields([...own, ...others, ['one-more', '']]),
      'malformed_form',
      '',
      'too_many_fields',
    );
  });
});

describe('a JSON body', () => {
  it(`has ${jsonValuesMax} values at most, and says so`, async () => {
    const body = JSON.stringify(anOrder({ note: '[{,'.repeat(jsonValuesMax) }));
    const spare = jsonValuesMax - body.replaceAll(/"[^"]*"/g, '').replaceAll(/[^,[{]/g, '').length;
    const withMore = (values: number) => `${body.slice(0, -1)},"more":[${Array(values).fill(0).join(',')}]}`;
    // `"more":[0,0]` has a comma and a bracket before its values.
    const atBound = await postOrder(shop.url, withMore(spare - 1));
    assert.equal(atBound.status, 422, atBound.text.slice(0, 300));
    for (const path of ['/api/v1/orders', '/']) {
      const answer = await postJson(`${shop.url}${path}`, withMore(spare));
      assertRefused(answer, 'malformed_json', '', 'too_many_values');
      assert.match(jsonOf(answer).detail, /1000 values/);
    }
  });

  it('with a name of 60,000 characters gets a short answer', async () => {
    for (const name of ['x'.repeat(60_000), '/'.repeat(60_000)]) {
      const answer = await postOrder(shop.url, anOrder({ [name]: 1 }));
      assert.equal(answer.status, 422);
      assert.deepEqual(
        jsonOf(answer).errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
        [['', 'unknown_field']],
      );
      assert.ok(answer.text.length < 1_000);
    }
  });
});

describe('an address', () => {
  it(`has ${encodedFieldsMax} parameters at most`, async () => {
    const address = (others: number) =>
      `${shop.url}/get_product?product_name=Mug${Array.from({ length: others }, (_, i) => `&o${i}=%E9`).join('')}`;
    assert.equal((await get(address(encodedFieldsMax - 1))).status, 404, 'no such product');
    const answer = await get(address(encodedFieldsMax));
    assert.equal(answer.status, 400);
    assert.equal(jsonOf(answer).errors[0].code, 'too_many_parameters');
    assert.match(jsonOf(answer).detail, /product_name must be among at most 200 parameters/);
  });
});
