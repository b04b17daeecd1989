import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodedFieldsMax } from './percent-encoding.ts';
import { unknownParameters } from './unknown-parameters.ts';

const known = ['limit', 'cursor', 'status', 'state', 'zip_code', 'sku', 'q'];
const detailOf = (query: string) => unknownParameters(query, known).map(({ detail }) => detail);

test('known parameters are passed over, in any number and encoding', () => {
  for (const query of ['', '&', 'limit=1', 'q=&q=', 'st%61te=TX&limit=5', 'sku', 'sku=%ff'])
    assert.deepEqual(detailOf(query), [], query);
});

test('a misspelt one is told with the name that is meant', () => {
  for (const [name, meant] of [
    ['stauts', 'status'],
    ['Status', 'status'],
    ['zipCode', 'zip_code'],
    ['zip-code', 'zip_code'],
    ['limt', 'limit'],
    ['Q', 'q'],
    ['skus', 'sku'],
  ] as const)
    assert.deepEqual(detailOf(`${name}=1`), [`There is no parameter "${name}" here. Did you mean ${meant}?`]);
});

test('one that resembles none is told with all that there are', () => {
  for (const name of ['page', 'x', '__proto__', 'utm_source', '-'])
    assert.deepEqual(detailOf(`limit=1&${name}=1`), [
      `There is no parameter "${name}" here. Known are ${known.join(', ')}.`,
    ]);
});

test('one that resembles none is told how many there are', () => {
  const [ofOne] = unknownParameters('page=1', ['key']);
  assert.equal(ofOne?.detail, 'There is no parameter "page" here. The only parameter is key.');
  const [ofNone] = unknownParameters('page=1', []);
  assert.equal(ofNone?.detail, 'There is no parameter "page" here. This address takes no parameters.');
});

test('one without a name is told so', () => {
  for (const query of ['=', '=1', 'limit=1&=1'])
    assert.deepEqual(detailOf(query), [
      `A parameter without a name was sent. Known are ${known.join(', ')}.`,
    ]);
});

test('ten are told at most, by 100 characters, and none of too many', () => {
  const many = (count: number) => Array.from({ length: count }, (_, nth) => `o${nth}`).join('&');
  assert.equal(detailOf(many(9)).length, 9);
  assert.equal(detailOf(many(encodedFieldsMax)).length, 10);
  assert.deepEqual(detailOf(many(encodedFieldsMax + 1)), []);
  const [long] = unknownParameters('x'.repeat(8_000), known);
  assert.equal(long?.parameter, 'x'.repeat(100));
  assert.equal(detailOf('a=1&a=2').length, 1);
});
