import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { skuPattern } from './product.ts';

describe('skuPattern', () => {
  for (const sku of ['a', '7', 'mug', 'tent-4p', 'a--b', '0-0', 'x'.repeat(64), `a${'-'.repeat(62)}z`]) {
    test(`takes ${sku}`, () => assert.match(sku, skuPattern));
  }

  for (const sku of [
    '',
    '-',
    '-a',
    'a-',
    'Mug',
    'mug ',
    ' mug',
    'mug\n',
    'mug_1',
    'mug.1',
    'mug/1',
    '../mug',
    'müg',
    'm\u0000g',
    '٣',
    'x'.repeat(65),
    `a${'-'.repeat(63)}z`,
  ]) {
    test(`refuses ${JSON.stringify(sku)}`, () => assert.doesNotMatch(sku, skuPattern));
  }

  test('takes only what may stand in a path, a file name and a sort key without escaping', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZ09-_ ./%é\n'), maxLength: 66 }), (text) => {
        const allowed =
          text.length >= 1 &&
          text.length <= 64 &&
          Array.from(text).every((character) =>
            'abcdefghijklmnopqrstuvwxyz0123456789-'.includes(character),
          ) &&
          !text.startsWith('-') &&
          !text.endsWith('-');
        assert.equal(skuPattern.test(text), allowed);
        assert.equal(skuPattern.test(text) && encodeURIComponent(text) !== text, false);
      }),
      { numRuns: 1000 },
    );
  });
});
