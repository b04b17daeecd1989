import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { orderRequestSchema } from '../orders/order-schema.ts';
import { originalOrderSchema } from '../orders/original-order-schema.ts';
import { mistakesOf } from './field-mistakes.ts';

const told = (schema: z.ZodType, body: unknown) => {
  const { error } = schema.safeParse(body);
  return mistakesOf(error?.issues ?? [], body).map(({ pointer, code, detail }) => [pointer, code, detail]);
};

const order = {
  customer_name: 'Ada',
  street_address: '12 Analytical Way',
  state: 'TX',
  zip_code: '78701',
  lines: [{ sku: 'tent-4p', quantity: 1 }],
};
const original = { ...order, lines: undefined, product_name: 'Tent', quantity: 1 };

/** Values that break several rules at once. */
const odd = [null, '', ' ', 0, -1, -1.5, 1e16, 1e300, -1e300, true, [], {}, '\ud800', 'x'.repeat(2_000)];

test('a field has one mistake, the first, whatever else is wrong with its value', () => {
  for (const value of odd) {
    const amount = { amount: value, currency: value };
    const wrong = { customer_name: value, state: value, zip_code: value, email: value, city: value };
    for (const [schema, body] of [
      [orderRequestSchema, { ...order, ...wrong, lines: value, expected_total: amount }],
      [orderRequestSchema, { ...order, lines: [{ sku: value, quantity: value }, value] }],
      [originalOrderSchema, { ...original, ...wrong, product_name: value, quantity: value }],
    ] as const) {
      const pointers = told(schema, body).map(([pointer]) => pointer);
      assert.deepEqual(pointers, Array.from(new Set(pointers)), JSON.stringify(value)?.slice(0, 40));
    }
  }
});

test('the words name the bound of the schema, whichever it is', () => {
  const schema = z.object({
    page: z.int().min(5).max(7),
    name: z.string().max(3),
    tags: z.array(z.string()).min(1).max(2),
    colour: z.enum(['red', 'blue']),
    when: z.iso.date(),
  });
  const good = { page: 5, name: 'abc', tags: ['a'], colour: 'red', when: '2026-10-03' };
  for (const [change, ...expected] of [
    [{ page: 4 }, '/page', 'out_of_range', 'Please give a number of at least 5.'],
    [{ page: 1e300 }, '/page', 'out_of_range', 'Please give a number of at most 7.'],
    [{ page: 5.5 }, '/page', 'not_an_integer', 'Please give a whole number.'],
    [{ page: '5' }, '/page', 'wrong_type', 'This must be a number in JSON.'],
    [{ name: 'abcd' }, '/name', 'too_long', 'This is too long: please use at most 3 characters.'],
    [{ tags: [] }, '/tags', 'out_of_range', 'Please give at least 1 of these.'],
    [{ tags: ['a', 'b', 'c'] }, '/tags', 'out_of_range', 'Please give at most 2 of these.'],
    [{ colour: 'pink' }, '/colour', 'not_allowed', 'Please give one of red, blue.'],
    [{ when: 'now' }, '/when', 'invalid', 'This is not valid.'],
    [{ when: undefined }, '/when', 'required', 'This is needed: please fill it in.'],
  ] as const) {
    assert.deepEqual(told(schema, { ...good, ...change }), [expected], JSON.stringify(change));
  }
});

test('a schema can name a code or words of its own', () => {
  assert.deepEqual(told(orderRequestSchema, { ...order, lines: [{ sku: 'TENT', quantity: 1 }] }), [
    ['/lines/0/sku', 'invalid_sku', 'This is no SKU: please take one from GET /api/v1/products.'],
  ]);
});

test('no more than 100 mistakes are told', () => {
  const lines = Array.from({ length: 50 }, () => ({ sku: '', quantity: 0, a: 1, b: 2 }));
  assert.equal(told(orderRequestSchema, { ...order, lines }).length, 100);
});
