/** BigQuery removes no rows after a time, unless somebody wants it so. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { MemoryShop } from '../lake/memory-shop.ts';
import { aBusyShop, aClock, loadAll, openLoader, type TestClock } from './loading-shop.ts';
import { type ScriptedBigQuery, startBigQuery } from './scripted-bigquery.ts';
import type { StoredTable } from './scripted-tables.ts';

let bigQuery: ScriptedBigQuery;
let clock: TestClock;
beforeEach(async () => {
  bigQuery = await startBigQuery();
  clock = aClock();
  bigQuery.nowMs = clock.trueMs;
});
afterEach(() => bigQuery[Symbol.asyncDispose]());

const openOrders = (shop: MemoryShop) => openLoader(bigQuery, shop, { clock, tables: ['orders'] });
const orders = (): StoredTable => bigQuery.tables.get('orders') ?? assert.fail();

describe('a table in a dataset whose tables expire', () => {
  const dayMs = '86400000';
  for (const [name, defaults] of [
    ['rows', { defaultPartitionExpirationMs: dayMs }],
    ['tables', { defaultTableExpirationMs: dayMs }],
  ] as const) {
    it(`has no expiration (${name})`, async () => {
      bigQuery.datasets.set('shop', { location: 'EU', ...defaults });
      await loadAll(await openOrders(aBusyShop(3)));
      const { resource } = orders();
      assert.deepEqual(resource['timePartitioning'], { type: 'DAY', field: 'placed_date' });
      assert.equal(resource['expirationTime'], undefined);
      assert.equal(orders().rows.length, 3);
    });
  }

  it('is not loaded before the expiration is switched off', async () => {
    bigQuery.datasets.set('shop', { location: 'EU', defaultPartitionExpirationMs: dayMs });
    const shop = aBusyShop(3);
    const message = 'Billing has not been enabled for this project.';
    bigQuery.faults.set('PATCH tables', [{ status: 403, reason: 'billingNotEnabled', message }]);
    await (await openOrders(shop)).writeNews();
    assert.equal(orders().rows.length, 0);
    // Such as after a crash between the two calls.
    await loadAll(await openOrders(shop));
    const { resource } = orders();
    assert.deepEqual(resource['timePartitioning'], { type: 'DAY', field: 'placed_date' });
    assert.equal(orders().rows.length, 3);
  });

  it('is refused when BigQuery keeps the expiration', async () => {
    const defaults = { defaultPartitionExpirationMs: dayMs, keepsExpiration: true };
    bigQuery.datasets.set('shop', { location: 'EU', ...defaults });
    const loader = await openOrders(aBusyShop(3));
    for (let round = 0; round < 2; round += 1) {
      await loader.writeNews();
      assert.match(
        loader.progress()[0]?.refusal ?? '',
        /^BigQuery would remove rows of my-project\.shop\.orders after a time, and does not let us switch/,
      );
    }
    assert.equal(orders().rows.length, 0);
  });

  it('keeps the expiration that somebody gives it later', async () => {
    const shop = aBusyShop(3);
    await loadAll(await openOrders(shop));
    const { resource } = orders();
    Object.assign(resource['timePartitioning'] as object, { expirationMs: dayMs });
    shop.placeOrder();
    await loadAll(await openOrders(shop));
    const expected = { type: 'DAY', field: 'placed_date', expirationMs: dayMs };
    assert.deepEqual(orders().resource['timePartitioning'], expected);
  });
});
