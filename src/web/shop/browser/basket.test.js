import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hasRoomFor,
  orderableLines,
  readBasket,
  saveBasket,
  sturdyStorage,
  withAdded,
  withQuantity,
} from './basket.js';
import { formatCents, parseQuantity } from './catalogue.js';
import { beginAttempt, pendingAttempt, readAnswer, settleAttempt } from './order-attempt.js';
import { storageKey } from './shop-address.js';

/** Storage that refuses, as in a private window: everything lives in memory. */
const refusing = () =>
  sturdyStorage(() => {
    throw new Error('denied');
  });

test('a basket survives where the browser refuses to store', () => {
  const storage = refusing();
  saveBasket(storage, [{ sku: 'tent', quantity: 2 }]);
  assert.deepEqual(readBasket(storage), [{ sku: 'tent', quantity: 2 }]);
});

test('whatever else is stored is no basket', () => {
  for (const junk of [
    '',
    '{',
    '5',
    'null',
    '{"a":1}',
    '[null,3,{"sku":1,"quantity":1},{"sku":"a","quantity":0.5}]',
  ]) {
    const storage = refusing();
    storage.setItem(storageKey('nozama.basket.v1'), junk);
    assert.deepEqual(readBasket(storage), [], junk);
  }
});

test('the same product is one line, bounded like an order', () => {
  const lines = withAdded([{ sku: 'tent', quantity: 9_999 }], 'tent', 5);
  assert.deepEqual(lines, [{ sku: 'tent', quantity: 10_000 }]);
  assert.equal(withQuantity(lines, 'tent', 3)[0]?.quantity, 3);
  let full = [];
  for (let i = 0; i < 60; i += 1) full = withAdded(full, `p${i}`, 1);
  assert.equal(full.length, 50);
});

test('there is room for 50 products, and always for more of one that is there', () => {
  let lines = [];
  for (let i = 0; i < 50; i += 1) {
    assert.ok(hasRoomFor(lines, `p${i}`), String(i));
    lines = withAdded(lines, `p${i}`, 1);
  }
  assert.ok(!hasRoomFor(lines, 'one-more'));
  assert.ok(hasRoomFor(lines, 'p49'));
});

test('unknown and sold-out products are not ordered', () => {
  const catalogue = new Map([
    ['tent', { sku: 'tent', num_in_stock: 1 }],
    ['mug', { sku: 'mug', num_in_stock: 0 }],
  ]);
  const lines = ['tent', 'mug', 'gone'].map((sku) => ({ sku, quantity: 1 }));
  assert.deepEqual(orderableLines(lines, catalogue), [{ sku: 'tent', quantity: 1 }]);
});

test('a quantity is whole and from 1 to 10,000', () => {
  for (const typed of ['', '0', '1.5', '-1', '1e3', '10001', '2x'])
    assert.equal(parseQuantity(typed), null, typed);
  for (const [typed, quantity] of [
    ['1', 1],
    [' 12 ', 12],
    ['10000', 10_000],
  ])
    assert.equal(parseQuantity(typed), quantity);
  assert.equal(formatCents(123_450), '$1,234.50');
});

test('a retry keeps its key, a changed order gets another, a settled one is forgotten', () => {
  const storage = refusing();
  const first = beginAttempt(storage, '{"lines":[]}');
  assert.match(first.key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(beginAttempt(storage, '{"lines":[]}').key, first.key);
  const changed = beginAttempt(storage, '{"lines":[1]}');
  assert.notEqual(changed.key, first.key);
  assert.deepEqual(pendingAttempt(storage), changed);
  settleAttempt(storage);
  assert.equal(pendingAttempt(storage), null);
});

test('only an answer that says what became of the order settles it', () => {
  assert.equal(readAnswer(201, null, { confirmation_url: '/orders/1?key=k' }).kind, 'placed');
  assert.equal(readAnswer(422, null, { errors: [] }).kind, 'invalid');
  assert.equal(readAnswer(409, null, { shortages: [] }).kind, 'short');
  assert.equal(readAnswer(422, null, { detail: 'Key used before.' }).kind, 'refused');
  for (const status of [409, 429, 500, 502, 503, 504]) {
    assert.equal(readAnswer(status, null, null).kind, 'unclear', String(status));
  }
  const { text } = readAnswer(503, '7', null);
  assert.match(text, /in 7 seconds/);
});
