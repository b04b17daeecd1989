import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirmationPathIn, pathBytesMax } from './confirmation-path.ts';

test('finds the page of an order in the answer that placed it', () => {
  const longest = `/${'x'.repeat(pathBytesMax - 1)}`;
  for (const [answer, path] of [
    [{ order_id: 'o', confirmation_url: '/orders/o?key=k' }, '/orders/o?key=k'],
    [{ confirmation_url: 'https://shop.example/orders/o?key=k' }, '/orders/o?key=k'],
    [{ confirmation_url: longest }, longest],
    [{ confirmation_url: `${longest}x` }, null],
    [{ confirmation_url: '' }, null],
    [{ order_id: 'o' }, '/orders/o'],
    [{ message: 'Order created' }, null],
  ] as const)
    assert.equal(confirmationPathIn(JSON.stringify(answer)), path, JSON.stringify(answer).slice(0, 100));
  assert.equal(confirmationPathIn('no JSON'), null);
});
