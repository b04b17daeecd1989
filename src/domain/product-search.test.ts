import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askedWords, productWords, searchWordsMax, sortName } from './product-search.ts';

describe('the words of a product', () => {
  it('are those of its name, its category and its SKU, each once', () => {
    const product = { name: 'Copper Kettle, 2 l', category: 'Kitchen & Table', sku: 'kettle-2' };
    assert.deepEqual(productWords(product), ['2', 'copper', 'kettle', 'kitchen', 'l', 'table']);
  });

  const foldings: readonly (readonly [text: string, words: readonly string[]])[] = [
    ['CRÈME Brûlée', ['creme', 'brulee']],
    ['cre\u0300me', ['creme']],
    ['Ａｗｎｉｎｇ ﬁg №5', ['awning', 'fig', 'no5']],
    ['İstanbul', ['istanbul']],
    ['ΣΊΣΥΦΟΣ σίσυφος', ['σισυφοσ']],
    ['手作り急須', ['手', '作', 'り', '急', '須']],
    ['Teeカップ3', ['tee', 'カ', 'ッ', 'フ', '3']],
    ['한글', ['\u1112\u1161\u11ab\u1100\u1173\u11af']],
    ['إبريق شاي', ['ابريق', 'شاي']],
    ['Чайник «Самовар»', ['чаиник', 'самовар']],
    ['"Rock\'n\'Roll" <b>', ['rock', 'n', 'roll', 'b']],
    ['😀 — !', []],
    ['', []],
  ];
  for (const [text, words] of foldings) {
    it(`of ${JSON.stringify(text)} are ${JSON.stringify(words)}`, () => {
      assert.deepEqual(askedWords(text), words);
    });
  }

  it('are at most eight of a question, and a hundred letters of a word', () => {
    assert.equal(askedWords('a b c d e f g h i j').length, searchWordsMax);
    assert.deepEqual(askedWords('𝒳'.repeat(300)), ['x'.repeat(100)]);
    assert.deepEqual(askedWords('\u{10400}'.repeat(300)), ['\u{10428}'.repeat(100)]);
    assert.equal(sortName('long '.repeat(99)).length, 100);
  });

  it('cost little of a text of combining marks', () => {
    const startedAt = performance.now();
    assert.deepEqual(askedWords(`a${'\u0316\u0300'.repeat(50_000)}`), ['a']);
    assert.ok(performance.now() - startedAt < 200);
  });
});

describe('the order by name', () => {
  it('knows neither capitals nor accents nor punctuation', () => {
    const names = ['zebra', '“Äpfel”', 'apple', 'Zander', '😀'];
    assert.deepEqual(
      names.toSorted((a, b) => (sortName(a) < sortName(b) ? -1 : 1)),
      ['😀', '“Äpfel”', 'apple', 'Zander', 'zebra'],
    );
  });
});
