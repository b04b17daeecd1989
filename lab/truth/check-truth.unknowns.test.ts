/** Orders, stock and ledgers of which the check can't know enough: it says so, and reports no fault. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { typicalOrder } from '../load/customers.ts';
import { checkTruth } from './check-truth.ts';
import { plain, withLyingShop } from './lying-shop-visit.ts';

describe('what is not known for sure', () => {
  it('is sent again: placed before, placed only now, refused', async () => {
    await withLyingShop({ stock: { 'tent-4p': 8, mug: 100 } }, async ({ shopper, check }) => {
      const sold = [];
      for (let i = 0; i < 3; i += 1) sold.push(await shopper.send(randomUUID(), plain, false));
      assert.deepEqual(sold, [201, 201, 201]);
      const body = JSON.stringify({
        ...plain,
        street_address: 'Way 1',
        city: null,
        state: 'TX',
        zip_code: '78701',
        lines: [
          { sku: 'tent-4p', quantity: 2 },
          { sku: 'mug', quantity: 4 },
        ],
      });
      for (const key of ['never-arrived-1', 'never-arrived-1', 'never-arrived-2', 'never-arrived-3'])
        shopper.write({ key, status: 0, path: '', digest: '', body });
      // Without its answer at first, and with one when the shopper tried again.
      shopper.write({ key: 'settled', status: 0, path: '', digest: '', body });
      await shopper.send('settled', plain);
      const verdict = await check();
      assert.equal(
        verdict.sentence,
        'The one acknowledged order is stored, once, as acknowledged; stock agrees. Of 6 orders without a clear answer, 3 were stored before, 2 placed only when sent again and 1 refused then.',
      );
      assert.deepEqual([verdict.unknown, verdict.unknownStoredBefore], [6, 3]);
      assert.deepEqual(verdict.stock, [
        { sku: 'tent-4p', before: 8, after: 0, sold: 8 },
        { sku: 'mug', before: 100, after: 92, sold: 8 },
      ]);
    });
  });

  it('is an order that was answered 5xx, when the stock says that something was taken', async () => {
    await withLyingShop({}, async ({ shop, shopper, check }) => {
      const body = JSON.stringify({
        ...plain,
        street_address: 'Way 1',
        city: null,
        state: 'TX',
        zip_code: '78701',
        lines: [{ sku: 'mug', quantity: 1 }],
      });
      shopper.write({ key: 'overloaded', status: 503, path: '', digest: '', body });
      await shopper.buy(5, plain);
      assert.equal(
        (await check()).sentence,
        'All 5 acknowledged orders are stored, once, as acknowledged; stock agrees.',
      );
      assert.equal(shop.orders(), 5);

      await shopper.send('hidden', plain, false);
      await shopper.send('hidden', plain, false);
      shopper.write({ key: 'hidden-too', status: 503, path: '', digest: '', body });
      await shopper.send('hidden-too', { ...JSON.parse(body) }, true);
      const verdict = await check();
      assert.equal(verdict.kind, 'kept');
      assert.equal(verdict.unknown, 1);
    });
    await withLyingShop({}, async ({ shopper, check, folder }) => {
      await shopper.buy(5, plain);
      await shopper.send('hidden', { ...plain, city: null }, false);
      const file = join(folder, 'ledger-0.tsv');
      writeFileSync(file, readFileSync(file, 'utf8').replace('hidden\t0\t', 'hidden\t503\t'));
      const verdict = await check();
      assert.equal(verdict.kind, 'kept');
      assert.match(verdict.sentence, /Of 1 order without a clear answer, 1 was stored before/);
    });
  });

  for (const only of [
    { status: 429, body: '{}' },
    { status: 408, body: '{}' },
    { status: 409, body: '{"code":"idempotency_in_progress"}' },
  ])
    it(`is no order that was answered ${only.status}, not now`, async () => {
      await withLyingShop({}, async ({ shop, shopper, check }) => {
        if (only.status !== 409) await shopper.buy(2, plain);
        await shopper.send('unheard', plain, false);
        shop.only = only;
        const verdict = await check({ unavailableMsMax: 300 });
        assert.equal(verdict.kind, 'unproven');
        assert.match(verdict.sentence, /1 order could not be settled/);
        assert.deepEqual(verdict.faults, []);
      });
    });

  it('is who bought what the ledger does not know of', async () => {
    await withLyingShop({}, async ({ shop, shopper, check }) => {
      await shopper.buy(5, plain);
      shop.buy('mug', 2);
      const verdict = await check();
      assert.equal(verdict.kind, 'broken');
      assert.match(verdict.sentence, /Of 1 product more was taken from stock than was sold here/);
    });
  });

  it('is a ledger that ends in the middle of a line, or has a damaged one', async () => {
    await withLyingShop({}, async ({ shop, shopper, check, folder }) => {
      await shopper.buy(20, plain);
      appendFileSync(join(folder, 'ledger-1.tsv'), 'some-key\t201\t/orders/order-21?ke');
      shop.buy('tent-4p', 1);
      const cut = await check();
      assert.equal(cut.kind, 'unproven');
      assert.equal(
        cut.sentence,
        'All 20 acknowledged orders are stored, once, as acknowledged. Not proven: one ledger file is cut off in the last line, as when a worker is killed, so not all that was sent is known; of 1 product more was taken from stock than is known to be sold.',
      );
      writeFileSync(
        join(folder, 'ledger-1.tsv'),
        `\0\0\0\n${'x'.repeat(3_000_000)}\nkey\t201\t/orders/1\t\t{}\n`,
      );
      assert.match((await check()).sentence, /Not proven: 3 lines of the ledger cannot be read/);
      shop.buy('tent-4p', -3);
      assert.equal((await check()).kind, 'broken', 'less taken than sold is no matter of the ledger');
    });
  });

  it('is the stock of a shop where others buy too, and stock comes in', async () => {
    await withLyingShop({}, async ({ shop, shopper, options }) => {
      const check = () => checkTruth({ ...options, hasOtherShoppers: true });
      await shopper.buy(3, plain);
      assert.equal((await check()).kind, 'kept');
      for (const units of [2, -1_500]) {
        shop.buy('tent-4p', units);
        const verdict = await check();
        assert.deepEqual([verdict.kind, verdict.faults], ['unproven', []]);
        assert.match(
          verdict.sentence,
          /^All 3 .* Not proven: the stock of 1 product changed by more or less than was sold here, for example because another/,
        );
      }
      shop.buy('tent-4p', 3_000);
      assert.equal((await check()).kind, 'broken', 'no purchase leaves less than nothing');
    });
  });

  it('is what a worker sent that was killed before it wrote it down', async () => {
    await withLyingShop({}, async ({ shop, shopper, options }) => {
      const check = () => checkTruth({ ...options, mayMissOrders: true });
      assert.equal((await check()).kind, 'nothing');
      await shopper.buy(3, plain);
      shop.buy('tent-4p', 1);
      const verdict = await check();
      assert.equal(verdict.kind, 'unproven');
      assert.match(
        verdict.sentence,
        /Not proven: the load did not end as it should, .*; of 1 product more was taken/,
      );
      shop.buy('tent-4p', -3);
      assert.equal((await check()).kind, 'broken');
    });
  });

  it('is what goes beyond the bounds of a check', async () => {
    await withLyingShop({}, async ({ shopper, check }) => {
      for (let i = 0; i < 5; i += 1) await shopper.send(randomUUID(), { ...plain, city: null }, false);
      const verdict = await check({ unansweredMax: 3 });
      assert.deepEqual([verdict.kind, verdict.unknown, verdict.unknownStoredBefore], ['unproven', 5, 3]);
      assert.match(
        verdict.sentence,
        /2 orders could not be settled \(there were more than 3 .*of 1 product more was taken/,
      );
    });
  });

  it('is what could not be looked at: the service is away, or time is over', async () => {
    await withLyingShop({}, async ({ shop, shopper, check, checkUntil }) => {
      await shopper.buy(20, plain);
      shop.only = { status: 503, body: '{}' };
      const verdict = await check({ unavailableMsMax: 300 });
      assert.equal(verdict.kind, 'unproven');
      assert.match(
        verdict.sentence,
        /^0 of 20 acknowledged .*Not proven: 20 orders could not be read \(the service did not answer for 0\.3 s\); the stock could not be read/,
      );
      assert.match((await checkUntil(100)).sentence, /could not be read \(the check had 0\.1 s\)/);
      setTimeout(() => {
        shop.only = null;
      }, 500);
      assert.equal((await check()).kind, 'kept', 'one that comes back is asked again');
    });
  });

  it('is an order that was answered 200, or sent elsewhere', async () => {
    await withLyingShop({}, async ({ shopper, check }) => {
      await shopper.send('hidden', plain, false);
      const body = JSON.stringify({
        ...typicalOrder,
        ...plain,
        lines: [{ sku: 'mug', quantity: 1 }],
      });
      for (const status of [200, 302])
        shopper.write({ key: `answered-${status}`, status, path: '', digest: '', body });
      const { sentence, unknown, unknownStoredBefore } = await check();
      assert.deepEqual([unknown, unknownStoredBefore], [3, 1]);
      assert.match(
        sentence,
        /Of 3 orders without a clear answer, 1 was stored before and 2 placed only when/,
      );
    });
  });

  it('is nothing when nothing was sent', async () => {
    await withLyingShop({}, async ({ shopper, check }) => {
      assert.deepEqual(await check(), {
        kind: 'nothing',
        sentence: 'No order was placed.',
        acknowledged: 0,
        unknown: 0,
        unknownStoredBefore: 0,
        checked: 0,
        stored: 0,
        faults: [],
        stock: [
          { sku: 'tent-4p', before: 1_000, after: 1_000, sold: 0 },
          { sku: 'mug', before: 1_000, after: 1_000, sold: 0 },
        ],
      });
      shopper.write({ key: 'refused', status: 409, path: '', digest: '', body: '{}' });
      const { kind, sentence } = await check();
      assert.equal(kind, 'unproven');
      assert.match(sentence, /1 order was sent and none was acknowledged/);
    });
    await assert.rejects(
      checkTruth({
        url: 'http://127.0.0.1:1',
        ledgerFolder: '/nowhere',
        stockBefore: [],
        onProgress: () => {},
        checkMsMax: 1,
      }),
      /^Error: The ledger in \/nowhere cannot be read: /,
    );
  });
});
