import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { inFolder } from '../../test/journeys/open-shop.ts';
import { type CheckLimits, checkTruth, readStock } from './check-truth.ts';
import { type Lie, type LyingShop, startLyingShop } from './lying-shop.ts';
import { createShopper, type Shopper } from './shopper.ts';
import type { StockLevel, TruthOptions, TruthVerdict } from './truth.ts';

interface Visit {
  readonly shop: LyingShop;
  readonly shopper: Shopper;
  readonly folder: string;
  readonly options: TruthOptions;
  check(limits?: CheckLimits): Promise<TruthVerdict>;
  checkUntil(checkMsMax: number): Promise<TruthVerdict>;
}

async function withShop(
  {
    lie = null,
    stock = { 'tent-4p': 1_000, mug: 1_000 },
  }: { lie?: Lie | null; stock?: Record<string, number> },
  use: (visit: Visit) => Promise<void>,
): Promise<void> {
  await using shop = await startLyingShop({ stock, lie });
  await inFolder(async (folder) => {
    const stockBefore = await readStock(shop.url);
    const options = {
      url: shop.url,
      ledgerFolder: folder,
      stockBefore,
      onProgress: () => {},
      checkMsMax: 60_000,
    };
    await use({
      shop,
      folder,
      options,
      shopper: createShopper(shop.url, folder),
      check: (limits) => checkTruth(options, limits),
      checkUntil: (checkMsMax) => checkTruth({ ...options, checkMsMax }),
    });
  });
}

const kinds = ({ faults }: TruthVerdict) => faults.map(({ kind, count }) => `${kind} ${count}`);

// The lying shop does not normalize, so what is sent to it is normal already.
const plain = { customer_name: 'Ada Lovelace', email: null };

describe('the truth about a shop that lies', () => {
  it('is kept by one that does not', async () => {
    await withShop({}, async ({ shop, shopper, check }) => {
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
      await withShop({ lie }, async ({ shopper, check }) => {
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
    await withShop({ lie: 'forgets keys' }, async ({ shopper, check }) => {
      await shopper.send('the-same', plain);
      await shopper.send('the-same', plain);
      const verdict = await check();
      assert.match(verdict.faults[0]?.examples[0] ?? '', /key the-same got two orders, order-1 and order-2/);
    });
  });

  it('sees a 201 that names no order', async () => {
    await withShop({}, async ({ shopper, check }) => {
      shopper.write({ key: 'nameless', status: 201, path: '', digest: '0123456789abcdef', body: '{}' });
      const verdict = await check();
      assert.equal(verdict.sentence, '1 acknowledged order is lost.');
      assert.equal(
        verdict.faults[0]?.examples[0],
        'key nameless was acknowledged without a word of which order it got',
      );
    });
  });

  it('sees the last units sold twice, below zero or hidden', async () => {
    const stock = { 'tent-4p': 50 };
    await withShop({ lie: 'oversells', stock }, async ({ shopper, check }) => {
      await shopper.buy(55, plain);
      const verdict = await check();
      assert.deepEqual(kinds(verdict), ['oversold 1']);
      assert.equal(verdict.sentence, '1 product was sold beyond its stock.');
      assert.match(verdict.faults[0]?.examples[0] ?? '', /-5 are left \(50 before, -5 after, 55 sold\)/);
    });
    await withShop({ lie: 'hides overselling', stock }, async ({ shopper, check }) => {
      await shopper.buy(55, plain);
      assert.match((await check()).faults[0]?.examples[0] ?? '', /55 were sold of 50/);
    });
  });

  it('finds each of its lies, however the ledger is divided', async () => {
    await withShop({ lie: 'shares' }, async ({ shopper, check }) => {
      await shopper.buy(60, plain);
      const verdict = await check({ entriesPerPart: 7 });
      assert.deepEqual([verdict.acknowledged, verdict.checked], [60, 60]);
      assert.deepEqual(kinds(verdict), ['doubled 12', 'stock 1']);
    });
  });
});

describe('what is not known for sure', () => {
  it('is sent again: placed before, placed only now, refused', async () => {
    await withShop({ stock: { 'tent-4p': 8, mug: 100 } }, async ({ shopper, check }) => {
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
    await withShop({}, async ({ shop, shopper, check }) => {
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
    await withShop({}, async ({ shopper, check, folder }) => {
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
      await withShop({}, async ({ shop, shopper, check }) => {
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
    await withShop({}, async ({ shop, shopper, check }) => {
      await shopper.buy(5, plain);
      shop.buy('mug', 2);
      const verdict = await check();
      assert.equal(verdict.kind, 'broken');
      assert.match(verdict.sentence, /Of 1 product more was taken from stock than was sold here/);
    });
  });

  it('is a ledger that ends in the middle of a line, or has a damaged one', async () => {
    await withShop({}, async ({ shop, shopper, check, folder }) => {
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
    await withShop({}, async ({ shop, shopper, options }) => {
      const check = () => checkTruth({ ...options, hasOtherShoppers: true });
      await shopper.buy(3, plain);
      assert.equal((await check()).kind, 'kept');
      for (const units of [2, -1_500]) {
        shop.buy('tent-4p', units);
        const verdict = await check();
        assert.deepEqual([verdict.kind, verdict.faults], ['unproven', []]);
        assert.match(
          verdict.sentence,
          /^All 3 .* Not proven: the stock of 1 product changed by other than was sold here, as when somebody else/,
        );
      }
      shop.buy('tent-4p', 3_000);
      assert.equal((await check()).kind, 'broken', 'fewer than none is nobody’s purchase');
    });
  });

  it('is what a worker sent that was killed before it wrote it down', async () => {
    await withShop({}, async ({ shop, shopper, options }) => {
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
    await withShop({}, async ({ shopper, check }) => {
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
    await withShop({}, async ({ shop, shopper, check, checkUntil }) => {
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
    await withShop({}, async ({ shopper, check }) => {
      await shopper.send('hidden', plain, false);
      const body = JSON.stringify({
        ...plain,
        street_address: '12 Analytical Way',
        city: 'Austin',
        state: 'TX',
        zip_code: '78701',
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
    await withShop({}, async ({ shopper, check }) => {
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

describe('the stock of a host', () => {
  it('is empty when it has no products, and one sentence when it does not answer', async () => {
    const stock: readonly StockLevel[] = [{ sku: 'mug', onHand: 7 }];
    await using shop = await startLyingShop({ stock: { mug: 7 } });
    assert.deepEqual(await readStock(shop.url), stock);
    assert.deepEqual(await readStock(`${shop.url}/elsewhere`), []);
    shop.only = { status: 503, body: '{}' };
    await assert.rejects(readStock(shop.url), /^Error: The stock at \S+ cannot be read: it answered 503/);
    await shop[Symbol.asyncDispose]();
    await assert.rejects(readStock(shop.url), /^Error: The stock at \S+ cannot be read: /);
  });
});
