import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { customerTextLengthMax, customerTextProblem, normalizeCustomerText } from './customer-text.ts';

/** Any sequence of UTF-16 units, halves of surrogate pairs included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);

describe('normalizeCustomerText', () => {
  test('composes: e + acute accent becomes one character', () => {
    assert.equal(normalizeCustomerText('Jose\u0301'), 'Jos\u00e9');
    assert.equal(normalizeCustomerText('\u1112\u1161\u11ab'), '\ud55c');
    assert.equal(normalizeCustomerText('\u212b'), '\u00c5');
  });

  test('takes white space off both ends, of every kind, and leaves the inside alone', () => {
    assert.equal(normalizeCustomerText('  Ada  Lovelace '), 'Ada  Lovelace');
    assert.equal(normalizeCustomerText('\t\r\n\u00a0\u2003\u3000\ufeffAda\u2028\u2029\v\f'), 'Ada');
    assert.equal(normalizeCustomerText(' \t\u00a0 '), '');
  });

  test('takes what nobody sees off both ends, of every kind, and leaves the inside alone', () => {
    for (const unseen of [
      '\u200b',
      '\u200c',
      '\u200d',
      '\u2060',
      '\ufeff',
      '\u00ad',
      '\u200e',
      '\u200f',
      '\u061c',
      '\u202a',
      '\u202c',
      '\u2066',
      '\u2069',
      '\u2800',
      '\u3164',
      '\uffa0',
      '\u115f',
      '\u1160',
      '\u034f',
      '\u180e',
      '\u0085',
      '\u{1d173}',
      '\u{e0001}',
      ' \u200b\u00a0\u2800\ufeff ',
    ]) {
      const name = JSON.stringify(unseen);
      assert.equal(normalizeCustomerText(`${unseen}Ada`), 'Ada', name);
      assert.equal(normalizeCustomerText(`Ada${unseen}`), 'Ada', name);
      assert.equal(normalizeCustomerText(`${unseen}山田${unseen}`), '山田', name);
      assert.equal(normalizeCustomerText(`A${unseen}da`), `A${unseen}da`, name);
      assert.equal(normalizeCustomerText(unseen), '', name);
    }
  });

  test('leaves a variant of the last character: a heart in red, a name’s own kanji, a flag', () => {
    for (const text of [
      '\u2764\ufe0f',
      '葛\u{e0100}',
      '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    ]) {
      assert.equal(normalizeCustomerText(text), text);
      assert.equal(normalizeCustomerText(`\u200b${text}\u200b`), text);
    }
    assert.equal(normalizeCustomerText('\ufe0fAda\u200b\ufe0f'), 'Ada');
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const once = normalizeCustomerText(typed);
        assert.equal(normalizeCustomerText(once), once);
        assert.equal(once, once.trim());
        assert.equal(once, once.normalize('NFC'));
      }),
    );
  });

  test('gives one result for every way to type the same text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        assert.equal(normalizeCustomerText(typed.normalize('NFD')), normalizeCustomerText(typed));
        assert.equal(normalizeCustomerText(`  ${typed}\n`), normalizeCustomerText(typed));
      }),
    );
  });
});

describe('customerTextProblem', () => {
  for (const text of [
    'Ada Lovelace',
    'x',
    "Seán O'Brien-Ñúñez",
    '山田 太郎',
    'محمد بن عبد الله',
    'שרה כהן',
    'Владимир',
    'अनिल कुमार',
    'ประยุทธ์',
    '👩‍👩‍👧‍👦 Household',
    '𝒜𝒹𝒶',
    '<script>alert(1)</script>',
    "Robert'); DROP TABLE orders;--",
    '"quoted" \\ back',
    'می‌خواهم',
  ]) {
    test(`takes ${JSON.stringify(text)}`, () => assert.equal(customerTextProblem(text), null));
  }

  test('asks for at least one character', () => {
    assert.equal(customerTextProblem(''), 'required');
    assert.equal(customerTextProblem(normalizeCustomerText('  \n ')), 'required');
  });

  test('asks for a character that can be seen', () => {
    for (const text of [
      '\u200b',
      '\u2060\u200d',
      '\u3164',
      '\ufe0f',
      '\u00ad \u200b',
      '\u2800',
      '\u2800 \u2800',
    ]) {
      assert.equal(customerTextProblem(text), 'required', JSON.stringify(text));
    }
  });

  test('counts code points, not UTF-16 units: 200 emoji pass, 201 do not', () => {
    assert.equal(customerTextLengthMax, 200);
    for (const character of ['a', 'é', '山', '😀', '𝒜']) {
      assert.equal(customerTextProblem(character.repeat(199)), null, character);
      assert.equal(customerTextProblem(character.repeat(200)), null, character);
      assert.equal(customerTextProblem(character.repeat(201)), 'too_long', character);
      assert.equal(customerTextProblem(character.repeat(20_000)), 'too_long', character);
    }
    assert.equal(customerTextProblem(`${'a'.repeat(199)}😀`), null);
    assert.equal(customerTextProblem(`${'a'.repeat(200)}😀`), 'too_long');
  });

  test('refuses every control character, wherever it stands', () => {
    const controls = [];
    for (let code = 0x00; code <= 0x1f; code += 1) controls.push(code);
    for (let code = 0x7f; code <= 0x9f; code += 1) controls.push(code);
    for (let code = 0x202a; code <= 0x202e; code += 1) controls.push(code);
    for (let code = 0x2066; code <= 0x2069; code += 1) controls.push(code);
    for (const code of [...controls, 0x2028, 0x2029]) {
      const character = String.fromCharCode(code);
      for (const text of [`${character}Ada`, `A${character}da`, `Ada${character}`, character]) {
        assert.equal(customerTextProblem(text), 'control_character', `U+${code.toString(16)}`);
      }
    }
  });

  test('refuses halves of surrogate pairs, which no database and no UTF-8 can hold', () => {
    for (const text of ['\ud800', 'A\udfff', '\ud83dAda', 'Ada\ude00', '\ude00\ud83d', '😀\ud83d']) {
      assert.equal(customerTextProblem(text), 'control_character');
    }
  });

  test('what it takes is well formed, 1 to 200 code points, and on one line', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const text = normalizeCustomerText(typed);
        const codePoints = Array.from(text).length;
        const allowed =
          codePoints >= 1 &&
          codePoints <= 200 &&
          text.isWellFormed() &&
          /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text) &&
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
          !/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(text);
        assert.equal(customerTextProblem(text) === null, allowed);
      }),
    );
  });

  test('what it takes survives UTF-8', () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const text = normalizeCustomerText(typed);
        fc.pre(customerTextProblem(text) === null);
        assert.equal(
          new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)),
          text,
        );
      }),
    );
  });
});
