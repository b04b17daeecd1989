import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { normalizeZipCode, zipCodePattern } from './zip-code.ts';

describe('a ZIP code as people write it becomes one as it is stored', () => {
  const written: Readonly<Record<string, readonly string[]>> = {
    '78701': [
      '78701',
      ' 78701 ',
      '\u00a078701',
      '\u200b78701\ufeff',
      '７８７０１',
      '\t78701\n',
      '78701\u3000',
    ],
    '00501': ['00501'],
    '12345-6789': [
      '12345-6789',
      '123456789',
      '12345 6789',
      '12345  6789',
      ' 12345-6789 ',
      '12345 - 6789',
      '12345- 6789',
      '12345‐6789',
      '12345‑6789',
      '12345‒6789',
      '12345–6789',
      '12345—6789',
      '12345 — 6789',
      '12345−6789',
      '12345－6789',
      '１２３４５－６７８９',
      '１２３４５ー６７８９',
      '１２３４５　６７８９',
      '12345\u00a06789',
      '12345\u00ad6789',
      '\u200e12345-6789\u200e',
      '12345\u28006789',
    ],
  };
  for (const [stored, spellings] of Object.entries(written)) {
    for (const spelling of spellings) {
      test(`${JSON.stringify(spelling)} → ${stored}`, () => assert.equal(normalizeZipCode(spelling), stored));
    }
  }
});

describe('what is no ZIP code stays none', () => {
  for (const typed of [
    '',
    ' ',
    '7870',
    '787011',
    '7870112',
    '78701123',
    '7870112345',
    '78701-',
    '78701-1',
    '78701--1234',
    '78701-12345',
    '78 701',
    '7870-11234',
    '7870a',
    'K1A 0B1',
    '٧٨٧٠١',
    '-78701',
    '78.70',
    '78701.1234',
    '78701/1234',
    '78701+1234',
    '⑦⑧⑦⓪①x',
    `78701${' '.repeat(60_000)}1234`,
  ]) {
    test(JSON.stringify(typed.slice(0, 40)), () =>
      assert.doesNotMatch(normalizeZipCode(typed), zipCodePattern),
    );
  }
});

test('changes nothing the second time, and nothing that is one already', () => {
  const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
  fc.assert(
    fc.property(digits(5), fc.constantFrom('', '-', ' ', ' - ', '–'), digits(4), (five, between, four) => {
      const once = normalizeZipCode(`${five}${between}${four}`);
      assert.equal(once, `${five}-${four}`);
      assert.equal(normalizeZipCode(once), once);
      assert.equal(normalizeZipCode(five), five);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (typed) => {
      const once = normalizeZipCode(typed);
      assert.equal(normalizeZipCode(once), once);
    }),
  );
});
