import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitDescription } from './description.ts';

test('a description of usual length is shown whole', () => {
  for (const description of ['', 'A kettle.', 'x'.repeat(200), 'é'.repeat(100)]) {
    assert.deepEqual(splitDescription(description), { shown: description, rest: '' });
  }
});

test('a long one is cut between words, and nothing is lost', () => {
  const description = Array.from({ length: 900 }, (_, i) => `word${i}`).join(' ');
  const { shown, rest } = splitDescription(description);
  assert.match(shown, /word\d+…$/);
  assert.equal(`${shown.slice(0, -1)} ${rest}`, description);
  assert.ok(shown.length < 210);
});

test('one without spaces is cut where the room ends, but within no character', () => {
  for (const letter of ['手', '😀', 'x']) {
    const { shown, rest } = splitDescription(letter.repeat(5_000));
    assert.equal(Array.from(shown.slice(0, -1) + rest).length, 5_000);
    assert.ok(Buffer.byteLength(shown) <= 210);
    assert.ok((shown + rest).isWellFormed());
  }
});
