/** The table of idempotency keys can't be read: a request that would get 422 may be the retry of an order. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { withShop } from '../journeys/open-shop.ts';
import { aForm, anOrder, postForm, postOrder } from '../journeys/shop-client.ts';
import { openTransaction } from './open-transaction.ts';

it('a form with a mistake keeps what was typed, and an order gets 503', async () => {
  const settings = { DATABASE_STATEMENT_TIMEOUT_MS: '300', DATABASE_LOCK_TIMEOUT_MS: '300' };
  await withShop({ engine: 'postgres', settings }, async (shop) => {
    await using _ = await openTransaction(
      shop.postgres?.url ?? '',
      'LOCK TABLE idempotency_keys IN ACCESS EXCLUSIVE MODE',
    );
    const typed = aForm({ customer_name: 'Grace Hopper', email: 'nowhere', idempotency_key: 'a-key' });
    const page = await postForm(`${shop.url}/`, typed, { accept: 'text/html' });
    assert.equal(page.status, 503, page.text);
    assert.match(page.text, /value="Grace Hopper"/);
    assert.match(page.text, /value="a-key"/);
    const order = await postOrder(shop.url, anOrder({ email: 'nowhere' }), 'another-key');
    assert.equal(order.status, 503, order.text);
    const withoutKey = await postOrder(shop.url, anOrder({ email: 'nowhere' }));
    assert.equal(withoutKey.status, 422, withoutKey.text);
  });
});
