import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { boundLengthMax, compareUtf8, lowerBound, upperBound } from './text-bounds.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 120 });
/** Characters at the edges of the encodings. */
const edgeText = fc
  .array(fc.constantFrom('a', '\u007f', '\u0080', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}'), {
    maxLength: 90,
  })
  .map((characters) => characters.join(''));
const texts = fc.oneof(anyText, edgeText);
const bytes = (text: string) => Buffer.from(text, 'utf8');
/** UTF-16 units, which may be halves of characters. */
const halves = fc
  .array(fc.integer({ min: 0xd7ff, max: 0xe001 }), { maxLength: 5 })
  .map((units) => String.fromCharCode(...units));

describe('the order of texts', () => {
  it('is that of their bytes in UTF-8', () => {
    fc.assert(
      fc.property(fc.oneof(texts, halves), fc.oneof(texts, halves), (a, b) => {
        assert.equal(Math.sign(compareUtf8(a, b)), Buffer.compare(bytes(a), bytes(b)));
      }),
    );
  });

  it('puts U+FFFF before U+10000, which JavaScript does not', () => {
    assert.ok(compareUtf8('\uffff', '\u{10000}') < 0);
    assert.ok('\uffff' > '\u{10000}');
  });
});

describe('the bounds of a text', () => {
  it('are short and hold it', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const [lower, upper] = [lowerBound(text), upperBound(text)];
        assert.ok(Buffer.compare(bytes(lower), bytes(text)) <= 0);
        assert.ok(Array.from(lower).length <= boundLengthMax);
        if (upper === null) return;
        assert.ok(Buffer.compare(bytes(upper), bytes(text)) >= 0);
        assert.ok(Array.from(upper).length <= boundLengthMax);
      }),
    );
  });

  it('are the text itself up to their length', () => {
    const longest = '\u{1f642}'.repeat(boundLengthMax);
    assert.equal(lowerBound(longest), longest);
    assert.equal(upperBound(longest), longest);
    assert.equal(upperBound(`${longest}a`), `${'\u{1f642}'.repeat(boundLengthMax - 1)}\u{1f643}`);
  });

  it('leave out the halves of characters, and what has no greater text of that length', () => {
    assert.equal(
      upperBound(`${'\ud7ff'.repeat(boundLengthMax)}a`),
      `${'\ud7ff'.repeat(boundLengthMax - 1)}\ue000`,
    );
    assert.equal(upperBound('\u{10ffff}'.repeat(boundLengthMax + 1)), null);
    assert.equal(upperBound(`b${'\u{10ffff}'.repeat(boundLengthMax)}`), 'c');
  });
});
