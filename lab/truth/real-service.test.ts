/** The check against the real service: its verdict is "kept", and "broken" after the database was changed by hand. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import { inFolder, type Shop, withShop } from '../../test/journeys/open-shop.ts';
import { checkTruth, readStock } from './check-truth.ts';
import { createShopper, type Shopper } from './shopper.ts';
import type { TruthVerdict } from './truth.ts';

interface Visit {
  readonly shop: Shop;
  readonly shopper: Shopper;
  check(): Promise<TruthVerdict>;
}

async function visit(stock: number, use: (visit: Visit) => Promise<void>): Promise<void> {
  await withShop({ settings: { DEMO_STOCK: String(stock) } }, async (shop) => {
    await inFolder(async (ledgerFolder) => {
      const stockBefore = await readStock(shop.url);
      assert.ok(stockBefore.length > 5);
      await use({
        shop,
        shopper: createShopper(shop.url, ledgerFolder),
        check: () =>
          checkTruth({ url: shop.url, ledgerFolder, stockBefore, onProgress: () => {}, checkMsMax: 60_000 }),
      });
    });
  });
}

function tamper(shop: Shop, statement: string): void {
  const db = new DatabaseSync(shop.file, { timeout: 5_000 });
  try {
    assert.equal(db.prepare(statement).run().changes, 1);
  } finally {
    db.close();
  }
}

const kinds = ({ faults }: TruthVerdict) => faults.map(({ kind, count }) => `${kind} ${count}`);

describe('the truth about the real service', () => {
  it('is kept, over a sold-out product, retries, lost answers and a kill', async () => {
    await visit(40, async ({ shop, shopper, check }) => {
      await shopper.buy(60, { email: ' ada@example.com' });
      const lines = [
        { sku: 'desk-lamp', quantity: 1 },
        { sku: 'honey-jar', quantity: 2 },
        { sku: 'desk-lamp', quantity: 1 },
      ];
      for (const given of [{ lines }, { lines }, { lines: [], customer_name: 'Eve' }])
        await shopper.send('twice', given);
      await shopper.send(randomUUID(), { lines }, false);
      const body = JSON.stringify({
        customer_name: 'Ada',
        street_address: '1 Way',
        state: 'TX',
        zip_code: '78701',
        lines,
      });
      shopper.write({ key: 'never-arrived', status: 0, path: '', digest: '', body });
      await shop.kill();
      await shop.start();
      const verdict = await check();
      assert.equal(
        verdict.sentence,
        'All 41 acknowledged orders are stored, once, as acknowledged; stock agrees. Of 2 orders without a clear answer, 1 was stored before and 1 placed only when sent again.',
      );
      assert.equal(verdict.kind, 'kept');
      const sold = verdict.stock.flatMap(({ sku, sold: units }) => (units > 0 ? [`${units} ${sku}`] : []));
      assert.deepEqual(sold.sort(), ['40 tent-4p', '6 desk-lamp', '6 honey-jar']);
    });
  });

  it('is broken when somebody has been at its database', async () => {
    await visit(40, async ({ shop, shopper, check }) => {
      await shopper.buy(12);
      tamper(shop, "UPDATE orders SET street_address = 'Elsewhere' WHERE number = 1003");
      tamper(
        shop,
        'UPDATE order_lines SET quantity = 2, line_total_cents = 2 * unit_price_cents WHERE order_number = 1005',
      );
      assert.deepEqual(kinds(await check()), ['altered 2']);
      tamper(shop, "UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'tent-4p'");
      const verdict = await check();
      assert.equal(
        verdict.sentence,
        '2 orders are other than acknowledged; of 1 product less was taken from stock than was sold.',
      );
      tamper(shop, "UPDATE orders SET order_id = '0192aaaa-0000-7000-8000-000000000000' WHERE number = 1007");
      // Its key finds it under another id, when it happens to be in the sample.
      assert.ok(kinds(await check()).includes('lost 1'));
    });
  });
});
