import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customerTextProblem, normalizeCustomerText } from './customer-text.ts';
import {
  descriptionProblem,
  normalizeDescription,
  normalizeProductText,
  productTextProblem,
} from './product-text.ts';
import { linesPattern, optionalTextPattern, requiredTextPattern } from './text-pattern.ts';

const required = new RegExp(requiredTextPattern, 'u');
const optional = new RegExp(optionalTextPattern, 'u');

/** Every code point but the halves of pairs, which are no text. */
function* characters(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

const lines = new RegExp(linesPattern, 'u');

const isTaken = (text: string) => customerTextProblem(normalizeCustomerText(text)) === null;
const isBlank = (text: string) => normalizeCustomerText(text) === '';

test('a character fits the patterns when the rules take it', () => {
  const strays: string[] = [];
  for (const character of characters()) {
    const code = `U+${character.codePointAt(0)?.toString(16)}`;
    // Alone, so that it must be visible, and between two letters, so that it must be printable.
    if (required.test(character) !== isTaken(character)) strays.push(`${code} alone`);
    if (required.test(`a${character}b`) !== isTaken(`a${character}b`)) strays.push(`${code} within`);
    if (optional.test(character) && !isTaken(character) && !isBlank(character))
      strays.push(`${code} optional`);
  }
  assert.deepEqual(strays, []);
});

test('a character fits the patterns when a product may have it', () => {
  const strays: string[] = [];
  for (const character of characters()) {
    const code = `U+${character.codePointAt(0)?.toString(16)}`;
    const within = `a${character}b`;
    const isOfName = (text: string) => productTextProblem(normalizeProductText(text), 200) === null;
    const isOfDescription = descriptionProblem(normalizeDescription(within)) === null;
    if (required.test(character) !== isOfName(character)) strays.push(`${code} alone`);
    if (required.test(within) !== isOfName(within)) strays.push(`${code} within`);
    if (lines.test(within) !== isOfDescription) strays.push(`${code} in a description`);
  }
  assert.deepEqual(strays, []);
});

test('an invisible text does not fit the pattern of a required one', () => {
  for (const text of ['', ' ', '\u00a0\u2003', '\u2800\u200b', '\ufeff']) {
    assert.ok(!required.test(text) && optional.test(text), JSON.stringify(text));
  }
});
