import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composed } from './composed-text.ts';

test('accents are composed and sorted, also many of them', () => {
  assert.equal(composed('Ame\u0301lie'), 'Am\u00e9lie');
  assert.equal(composed('a\u0301\u0323'), '\u1ea1\u0301');
  const thirty = `${'x'.repeat(40)}a${'\u0316\u0300'.repeat(15)}`;
  assert.equal(composed(thirty), thirty.normalize('NFC'));
  assert.notEqual(composed(thirty), thirty);
});

test('a longer run of marks than any script has comes back as it is', () => {
  const zalgo = `a${'\u0316\u0300'.repeat(15)}\u0316`;
  assert.equal(composed(zalgo), zalgo);
  const apart = 'a\u0301'.repeat(100);
  assert.equal(composed(apart), '\u00e1'.repeat(100), 'many short runs are composed');
});
