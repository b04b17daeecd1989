import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { customerTextProblem, normalizeCustomerText } from './customer-text.ts';
import { joinStreetAddress, splitStreetAddress } from './street-address.ts';

test('an address of one line is stored as it is', () => {
  const lines = { street: '12 Analytical Way', secondLine: null };
  assert.equal(joinStreetAddress(lines), '12 Analytical Way');
  assert.deepEqual(splitStreetAddress('12 Analytical Way'), lines);
});

test('whatever two lines a customer may type come apart as they were put together', () => {
  const line = fc
    .string({ unit: 'grapheme' })
    .map(normalizeCustomerText)
    .filter((text) => customerTextProblem(text) === null);
  fc.assert(
    fc.property(line, fc.option(line), (street, secondLine) => {
      const joined = joinStreetAddress({ street, secondLine });
      assert.deepEqual(splitStreetAddress(joined), { street, secondLine });
    }),
  );
});
