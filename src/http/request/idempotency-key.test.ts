import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymousScope, parseIdempotencyKey } from './idempotency-key.ts';

const keyOf = (field: string | null) => {
  const parsed = parseIdempotencyKey(field);
  return parsed === null || parsed === 'invalid' ? parsed : parsed.key;
};

test('quoted and bare spell the same key', () => {
  assert.equal(keyOf('abc-1'), 'abc-1');
  assert.equal(keyOf('"abc-1"'), 'abc-1');
  assert.equal(keyOf('"a\\"b\\\\c"'), 'a"b\\c');
  assert.deepEqual(parseIdempotencyKey('k'), { scope: anonymousScope, key: 'k' });
});

test('1 to 255 visible ASCII characters', () => {
  assert.equal(keyOf(null), null);
  assert.equal(keyOf('x'.repeat(255)), 'x'.repeat(255));
  assert.equal(keyOf(`"${'x'.repeat(255)}"`), 'x'.repeat(255));
  for (const bad of [
    '',
    '""',
    '"',
    'x'.repeat(256),
    'a b',
    '"a b"',
    'ü',
    '"a',
    '"a"b"',
    '"a\\b"',
    'a\u007f',
  ]) {
    assert.equal(keyOf(bad), 'invalid', bad);
  }
});
