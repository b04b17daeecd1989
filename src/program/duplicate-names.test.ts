import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { duplicateNamePointer } from './duplicate-names.ts';

const pointerIn = (text: string) => duplicateNamePointer(text, JSON.parse(text));

test('a name that stands twice is found, wherever and however it is written', () => {
  for (const [text, pointer] of [
    ['{"a":1,"a":1}', '/a'],
    ['{"a":1,"b":{"a":2}}', null],
    ['{"lines":[{"sku":"x"},{"sku":"y","quantity":1, "quantity" : 9}]}', '/lines/1/quantity'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['{"a":{"b":1},"a":{"b":1}}', '/a'],
    ['{"a/b":1,"m~n":{"x":1,"x":2},"a/b":2}', '/m~0n/x'],
    ['{"":1,"":2}', '/'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['{"__proto__":1,"constructor":{"a":1}}', null],
    ['{"a":"{\\"a\\":1,\\"a\\":2}"}', null],
    ['{"note":"Apt: 3, \\\\","a":[":",{"b":"}"}],"c":1}', null],
    ['{"note":"Apt: 3","note":"x"}', '/note'],
    ['[{"a":1},{"a":2}]', null],
    ['":"', null],
    ['7', null],
    ['[[1,[2,{"a":1,"a":2}]]]', '/0/1/1/a'],
  ] as const) {
    assert.equal(pointerIn(text), pointer, text);
  }
});

test('a deep body ends no call', () => {
  const depth = 30_000;
  assert.equal(pointerIn(`${'['.repeat(depth)}":"${']'.repeat(depth)}`), null);
  assert.equal(pointerIn(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`), null);
});

test('no JSON text that was made of a value has one', () => {
  fc.assert(fc.property(fc.json(), (text) => pointerIn(text) === null));
});

test('every name that is added once more is found', () => {
  const object = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 });
  fc.assert(
    fc.property(object, fc.nat(), (value, nth) => {
      const names = Object.keys(value);
      const name = names[nth % names.length] ?? '';
      const text = `${JSON.stringify(value).slice(0, -1)},${JSON.stringify(name)}:0}`;
      const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      return pointerIn(text) === pointer;
    }),
  );
});
