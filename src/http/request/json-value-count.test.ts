import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasTooManyValues, jsonValuesMax } from './json-value-count.ts';

const arrayOf = (values: number, value: string) => `[${Array(values).fill(value).join(',')}]`;

test('the bound is exact, however the values are put together', () => {
  for (const [atBound, beyond] of [
    [arrayOf(jsonValuesMax, '7'), arrayOf(jsonValuesMax + 1, '7')],
    [nested('[', ']', jsonValuesMax), nested('[', ']', jsonValuesMax + 1)],
    [nested('{"a":', '}', jsonValuesMax), nested('{"a":', '}', jsonValuesMax + 1)],
    [
      `{${Array.from({ length: jsonValuesMax }, (_, i) => `"f${i}":1`).join(',')}}`,
      `{${Array.from({ length: jsonValuesMax + 1 }, (_, i) => `"f${i}":1`).join(',')}}`,
    ],
  ] as const) {
    assert.doesNotThrow(() => JSON.parse(atBound));
    assert.equal(hasTooManyValues(atBound), false, atBound.slice(0, 20));
    assert.equal(hasTooManyValues(beyond), true, beyond.slice(0, 20));
  }
});

function nested(open: string, close: string, depth: number): string {
  return `${open.repeat(depth)}1${close.repeat(depth)}`;
}

test('what stands in a string is no value', () => {
  const text = ',[{'.repeat(5_000);
  for (const value of [text, `"${text}`, `${text}\\`, `\\"${text}\\`]) {
    assert.equal(hasTooManyValues(JSON.stringify({ a: value, [value]: 1 })), false);
    assert.equal(hasTooManyValues(JSON.stringify([value, Array(jsonValuesMax).fill(1)])), true);
  }
});

test('never fewer than the values after the first', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 2_000 }), (value) => {
      if (valuesIn(value) - 1 > jsonValuesMax) assert.ok(hasTooManyValues(JSON.stringify(value)));
    }),
  );
});

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((count: number, inner) => count + valuesIn(inner), 1);
}
