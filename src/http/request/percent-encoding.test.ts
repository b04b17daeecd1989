import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { misencodedFields } from './percent-encoding.ts';

const fieldsOf = (encoded: string) => Array.from(misencodedFields(encoded));

test('names each field with bytes that are no UTF-8', () => {
  assert.deepEqual(fieldsOf('a=J%E9r%F4me&b=ok&c=%ff'), ['a', 'c']);
  for (const bytes of [
    '%ff',
    '%C3',
    '%C3%28',
    '%A9',
    '%C0%AF',
    '%ED%A0%80',
    '%F5%80%80%80',
    '%e2%82',
    'x%C3+%A9',
  ]) {
    assert.deepEqual(fieldsOf(`name=${bytes}&other=1`), ['name'], bytes);
  }
});

test('finds nothing in what is UTF-8, a typed U+FFFD and a bare % included', () => {
  for (const encoded of [
    '',
    'a=1&b=2',
    'name=J%C3%A9r%c3%b4me',
    'name=%F0%9F%98%80',
    'name=%EF%BF%BD',
    'name=100%&other=%zz%4',
    'name=%00%7f',
    'name=Jérôme',
  ]) {
    assert.deepEqual(fieldsOf(encoded), [], encoded);
  }
});

test('agrees with a strict decoder, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const encoded = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      let isText = true;
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      } catch {
        isText = false;
      }
      assert.deepEqual(fieldsOf(`field=${encoded}`), isText ? [] : ['field']);
    }),
    { numRuns: 2_000 },
  );
});
