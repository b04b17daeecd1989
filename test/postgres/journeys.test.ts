/** The journeys of `test/journeys/` that don't look behind the service, on PostgreSQL; and two services on one. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openShop, type Shop } from '../journeys/open-shop.ts';
import { anOrder, get, inStock, jsonOf, postOrder, ranking } from '../journeys/shop-client.ts';
import { postgresMissing } from './postgres-databases.ts';

const missing = await postgresMissing();
const journeys = [
  'placing-an-order',
  'idempotency',
  'api-keys',
  'revoked-keys',
  'orders-of-callers',
  'audit-of-changes',
  'who-may-do-what',
  'life-of-an-order',
  'erasing-a-customer',
  'order-pages',
  'tracking',
  'proof-in-views',
  'listing-orders',
  'original-contract',
  'reading',
  'changed-prices',
  'repeated-orders',
  'one-name-for-two',
  'own-catalogue',
  'changing-products',
  'writing-an-address',
  'replays-across-versions',
  'lake',
  'bigquery',
];

if (missing === null) {
  for (const journey of journeys) await import(`../journeys/${journey}.test.ts?engine=postgres`);
}

describe('two services on one PostgreSQL database', { skip: missing ?? false }, () => {
  const stock = 40;
  let first: Shop;
  let second: Shop;
  before(async () => {
    first = await openShop({ engine: 'postgres', settings: { DEMO_STOCK: String(stock) } });
    second = await openShop({ settings: { DATABASE_URL: first.postgres?.url ?? '' } });
  });
  after(async () => {
    await second?.close();
    await first?.close();
  });
  const either = (i: number) => (i % 2 === 0 ? first : second).url;

  it('sell out together exactly, and both tell the same', async () => {
    const answers = await Promise.all(
      Array.from({ length: 2 * stock + 20 }, (_, i) =>
        postOrder(
          either(i),
          anOrder({ state: 'KS', lines: [{ sku: 'awning-mug', quantity: 1 }] }),
          `mug-${i}`,
        ),
      ),
    );
    const placed = answers.filter(({ status }) => status === 201).map(jsonOf);
    const refused = answers.filter(({ status }) => status === 409).map(jsonOf);
    assert.equal(placed.length + refused.length, answers.length, 'nobody is turned away for another reason');
    assert.equal(placed.length, stock);
    assert.equal(new Set(placed.map(({ number }) => number)).size, stock, 'every number once');
    for (const { shortages } of refused) assert.equal(shortages[0].sku, 'awning-mug');
    for (const { url } of [first, second]) {
      assert.equal(await inStock(url, 'awning-mug'), 0);
      assert.deepEqual(await ranking(url, 'KS'), [`awning-mug ${stock} ${stock}`]);
    }
  });

  it('make one order of one key, byte for byte, whichever is asked', async () => {
    const order = anOrder({ lines: [{ sku: 'wool-throw', quantity: 1 }] });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => postOrder(either(i), order, 'both')),
    );
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1, 'so with one secret for their links');
  });

  it('show at once what the other has committed', async () => {
    for (let i = 0; i < 10; i += 1) {
      const order = jsonOf(
        await postOrder(either(i), anOrder({ lines: [{ sku: 'fig-candle', quantity: 1 }] })),
      );
      const seen = await get(`${either(i + 1)}${order.confirmation_url}`, { accept: 'text/html' });
      assert.equal(seen.status, 200);
      assert.match(seen.text, /Ada Lovelace/);
    }
  });

  it('go on when the other is killed in the middle', async () => {
    const lamp = () => anOrder({ lines: [{ sku: 'desk-lamp', quantity: 1 }] });
    const asked = Array.from({ length: 60 }, (_, i) =>
      postOrder(either(i), lamp(), `lamp-${i}`).catch(() => null),
    );
    await second.kill();
    const answers = await Promise.all(asked);
    for (const [i, answer] of answers.entries()) {
      if (i % 2 === 0) assert.ok(answer?.status === 201 || answer?.status === 409, `${answer?.status}`);
    }
    await second.start();
    // Those who got no answer ask again, at the other one.
    for (const [i, answer] of answers.entries()) {
      const retried = await postOrder(either(i + 1), lamp(), `lamp-${i}`);
      if (answer?.status === 201) assert.equal(retried.text, answer.text);
    }
    assert.equal(await inStock(first.url, 'desk-lamp'), 0);
  });

  it('verify clean while both are up', async () => {
    const { code, output } = await first.verify();
    assert.equal(code, 0, output);
  });

  it('of a first start at the same moment make one shop, seeded once', async () => {
    const opened = await openShop({ engine: 'postgres', settings: { DEMO_STOCK: '7' } });
    try {
      await opened.stop();
      await opened.postgres?.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
      const settings = { DATABASE_URL: opened.postgres?.url ?? '', DEMO_STOCK: '7' };
      const shops = await Promise.all([0, 1, 2].map(() => openShop({ settings })));
      for (const { url } of shops) assert.equal(await inStock(url, 'tent-4p'), 7);
      await Promise.all(shops.map((shop) => shop.close()));
    } finally {
      await opened.close();
    }
  });
});
