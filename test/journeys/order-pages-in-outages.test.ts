/** The shopper's pages after the order while orders can't be written or read: nothing is lost, and a button is there to press again. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { holdWriteLock, takeAwayTable, until } from './behind-the-service.ts';
import { withShop } from './open-shop.ts';
import { anOrder, get, keyIn, place, postForm, postOrder } from './shop-client.ts';

const asBrowser = { accept: 'text/html,*/*;q=0.8' };

function formIn(page: string): Readonly<Record<string, string>> {
  const fields = page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  return Object.fromEntries(Array.from(fields, ([, name = '', value = '']) => [name, value]));
}

it('a cancellation that can’t be taken now keeps its button, and is taken by pressing it again', () =>
  withShop({ settings: { QUEUE_DEPTH_MAX: '1' } }, async ({ url, file }) => {
    const order = await place(url);
    const cookie = { ...asBrowser, cookie: `order_key=${keyIn(order.confirmation_url)}` };
    const address = `${url}/orders/${order.order_id}/cancel`;
    const asked = formIn((await get(address, cookie)).text);
    const lock = holdWriteLock(file);
    const waiting = postOrder(url, anOrder());
    await until(
      async () => /^nozama_queue_depth 1$/m.test((await get(`${url}/metrics`)).text),
      'a full queue',
    );
    const refused = await postForm(address, asked, cookie);
    lock.release();
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.match(refused.text, /press the button again/);
    assert.equal((await waiting).status, 201);
    assert.equal((await postForm(address, formIn(refused.text), cookie)).status, 303);
    assert.match((await get(`${url}/orders/${order.order_id}`, cookie)).text, />Cancelled</);
  }));

it('an order that can’t be looked for now is an outage, never “not found”, and the form keeps what was typed', () =>
  withShop({}, async ({ url, file }) => {
    const order = await place(url);
    const typed = { number: String(order.number), zip_or_email: 'ada@example.com' };
    const orders = takeAwayTable(file, 'orders');
    const answer = await postForm(`${url}/track`, typed, asBrowser);
    orders.putBack();
    assert.equal(answer.status, 503);
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    assert.match(answer.text, /We can’t reach our order book[\s\S]*value="ada@example\.com"/);
    assert.equal((await postForm(`${url}/track`, typed, asBrowser)).status, 303);
  }));
