/** Random values for the fields of an order. */
import fc from 'fast-check';
import { anOrder } from '../journeys/shop-client.ts';

/** Any JSON, and often just what one of our fields would be if it weren't quite. */
export const anything = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 250 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      'TX',
      '78701',
      '78701-1234',
      1,
      '1',
      10_000,
      'tent-4p',
      'Market Awning Mug',
      'a@b',
      '\u0000',
      '\ud800',
      '__proto__',
      null,
      -0,
      2 ** 53,
      1e21,
      [],
      {},
      [[]],
    ),
  },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(Number) },
);
export const apiFields = [...Object.keys(anOrder()), '__proto__', 'x'];
export const originalWish = {
  product_name: 'Market Awning Mug',
  quantity: 1,
  customer_name: 'Ada',
  street_address: '1 Way',
  state: 'TX',
  zip_code: '78701',
};

export const mutations = (fields: readonly string[]) =>
  fc.array(fc.tuple(fc.constantFrom(...fields), anything), { minLength: 1, maxLength: 3 });
