/** The check finds each lie that a shop can tell about its orders and its stock. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Lie } from './lying-shop.ts';
import { plain, withLyingShop } from './lying-shop-visit.ts';
import type { TruthVerdict } from './truth.ts';

const kinds = ({ faults }: TruthVerdict) => faults.map(({ kind, count }) => `${kind} ${count}`);

describe('the truth about a shop that lies', () => {
  it('is kept by one that does not', async () => {
    await withLyingShop({}, async ({ shop, shopper, check }) => {
      await shopper.buy(120, plain);
      await shopper.buy(10, { ...plain, lines: [{ sku: 'mug', quantity: 3 }] });
      const verdict = await check();
      assert.equal(
        verdict.sentence,
        'All 130 acknowledged orders are stored, once, as acknowledged; stock agrees.',
      );
      const { kind, acknowledged, checked, stored, unknown, faults } = verdict;
      assert.deepEqual(
        { kind, acknowledged, checked, stored, unknown, faults },
        { kind: 'kept', acknowledged: 130, checked: 130, stored: 130, unknown: 0, faults: [] },
      );
      assert.deepEqual(verdict.stock, [
        { sku: 'tent-4p', before: 1_000, after: 880, sold: 120 },
        { sku: 'mug', before: 1_000, after: 970, sold: 30 },
      ]);
      assert.equal(shop.orders(), 130);
    });
  });

  const lies: readonly { lie: Lie; finds: readonly string[]; says: RegExp; example: RegExp }[] = [
    {
      lie: 'forgets',
      finds: ['lost 20', 'stock 1'],
      says: /^20 of 100 acknowledged orders are lost; of 1 product less was taken from stock than was sold\.$/,
      example: /order order-\d+ .* the answer is 404/,
    },
    {
      lie: 'forgets keys',
      finds: ['doubled 10', 'stock 1'],
      says: /^10 times one key got two orders.*more was taken from stock than was sold here/,
      example: /key \S+ got two orders, order-\d+ and, sent again, order-1\d\d/,
    },
    {
      lie: 'moves',
      finds: ['altered 20'],
      says: /^20 orders are other than acknowledged\.$/,
      example: /street_address is "Elsewhere", sent was "12 Analytical Way"/,
    },
    {
      lie: 'adds units',
      finds: ['altered 20'],
      says: /^20 orders are other than acknowledged\.$/,
      example: /lines are 2 × tent-4p, sent was 1 × tent-4p/,
    },
    {
      lie: 'renames',
      finds: ['not_as_sent 20'],
      says: /^20 orders are other than sent\.$/,
      example: /customer_name is "Eve", sent was "Ada Lovelace"/,
    },
    {
      lie: 'miscounts',
      finds: ['stock 1'],
      says: /^Of 1 product more was taken from stock than was sold here\.$/,
      example: /40 units more were taken from stock than were sold here/,
    },
    {
      lie: 'shares',
      finds: ['doubled 20', 'stock 1'],
      says: /^20 times one key got two orders, or two keys got one; of 1 product less/,
      example: /was the answer to two keys/,
    },
  ];
  for (const { lie, finds, says, example } of lies) {
    it(`is broken by one that ${lie}`, async () => {
      await withLyingShop({ lie }, async ({ shopper, check }) => {
        await shopper.buy(100, plain);
        const verdict = await check();
        assert.equal(verdict.kind, 'broken');
        assert.deepEqual(kinds(verdict), finds);
        assert.match(verdict.sentence, says);
        assert.match(verdict.faults[0]?.examples[0] ?? '', example);
        assert.ok(verdict.faults.every(({ examples }) => examples.length <= 5));
      });
    });
  }

  it('sees one key with two orders in the ledger alone', async () => {
    await withLyingShop({ lie: 'forgets keys' }, async ({ shopper, check }) => {
      await shopper.send('the-same', plain);
      await shopper.send('the-same', plain);
      const verdict = await check();
      assert.match(verdict.faults[0]?.examples[0] ?? '', /key the-same got two orders, order-1 and order-2/);
    });
  });

  it('sees a 201 that names no order', async () => {
    await withLyingShop({}, async ({ shopper, check }) => {
      shopper.write({ key: 'nameless', status: 201, path: '', digest: '0123456789abcdef', body: '{}' });
      const verdict = await check();
      assert.equal(verdict.sentence, '1 acknowledged order is lost.');
      assert.equal(
        verdict.faults[0]?.examples[0],
        'key nameless was acknowledged without the id of its order',
      );
    });
  });

  it('sees the last units sold twice, below zero or hidden', async () => {
    const stock = { 'tent-4p': 50 };
    await withLyingShop({ lie: 'oversells', stock }, async ({ shopper, check }) => {
      await shopper.buy(55, plain);
      const verdict = await check();
      assert.deepEqual(kinds(verdict), ['oversold 1']);
      assert.equal(verdict.sentence, '1 product was sold beyond its stock.');
      assert.match(verdict.faults[0]?.examples[0] ?? '', /-5 are left \(50 before, -5 after, 55 sold\)/);
    });
    await withLyingShop({ lie: 'hides overselling', stock }, async ({ shopper, check }) => {
      await shopper.buy(55, plain);
      assert.match((await check()).faults[0]?.examples[0] ?? '', /55 were sold of 50/);
    });
  });

  it('finds each of its lies, however the ledger is divided', async () => {
    await withLyingShop({ lie: 'shares' }, async ({ shopper, check }) => {
      await shopper.buy(60, plain);
      const verdict = await check({ entriesPerPart: 7 });
      assert.deepEqual([verdict.acknowledged, verdict.checked], [60, 60]);
      assert.deepEqual(kinds(verdict), ['doubled 12', 'stock 1']);
    });
  });
});
