/**
 * Both records of one shop, kept outside of it: the orders of buyers, and the orders that clerks place and take through
 * their lives. After a disaster the shop is compared with both.
 */
import assert from 'node:assert/strict';
import type { Shop } from '../journeys/open-shop.ts';
import { get, jsonOf } from '../journeys/shop-client.ts';
import { type OutsideLedger, openLedger } from './outside-ledger.ts';
import { openStepsLedger, type StepsLedger } from './steps-ledger.ts';

export interface AcknowledgedCounts {
  readonly orders: number;
  readonly steps: number;
}

export interface ShopRecord {
  readonly buyers: OutsideLedger;
  readonly clerks: StepsLedger;
  /** A buyer and a clerk, each with one request after the other until told to stop or the service has gone. */
  workUntil(url: string, isOver: () => boolean): Promise<unknown>;
  /** Orders of buyers, and steps, since the shop was compared with the record the last time. */
  acknowledgedSinceSettled(): AcknowledgedCounts;
  /** Compares the shop with the record; requests that were left open are sent again and then are there once. */
  settle(url: string): Promise<void>;
  /** @throws AssertionError when a request has no answer, or another than an acknowledgement, such as 503 */
  assertAllAcknowledged(round: number): void;
  /** How many rows the tables of orders, events, log and audit must have. */
  rows(): { readonly orders: number; readonly events: number; readonly log: number; readonly audit: number };
  /** @throws AssertionError when units were lost or made: of each product there were `stock` at first */
  assertStock(url: string, stock: number): Promise<void>;
}

/** Makes the clerks' API key. */
export async function openShopRecord(
  shop: Pick<Shop, 'url' | 'run'>,
  random: () => number,
): Promise<ShopRecord> {
  const skus = (await productsOf(shop.url)).map(({ sku }) => sku);
  const made = await shop.run(['keys', 'create', '--name', 'clerk', '--scopes', 'orders:read,orders:write']);
  const buyers = openLedger({ skus, random });
  const clerks = openStepsLedger({ skus, random, apiKey: made.stdout.trim() });
  const acknowledged = () => ({ orders: buyers.acknowledgedCount(), steps: clerks.acknowledgedSteps() });
  let settled: AcknowledgedCounts = acknowledged();
  return {
    buyers,
    clerks,
    workUntil: (url, isOver) => Promise.all([buyers.buyUntil(url, isOver), clerks.workUntil(url, isOver)]),

    acknowledgedSinceSettled() {
      const { orders, steps } = acknowledged();
      return { orders: orders - settled.orders, steps: steps - settled.steps };
    },

    async settle(url) {
      await buyers.settle(url);
      await clerks.settle(url);
      settled = acknowledged();
    },

    assertAllAcknowledged(round) {
      assert.deepEqual([...buyers.otherAnswers, ...clerks.otherAnswers], [], `round ${round}`);
      const open = buyers.openCount() + clerks.openCount();
      assert.equal(open, 0, `round ${round}: every request has its answer`);
    },

    rows() {
      const orders = buyers.acknowledgedCount() + clerks.acknowledgedOrders();
      const events = clerks.acknowledgedSteps();
      // The API key has an audit entry too.
      return { orders, events, log: orders + events, audit: events + 1 };
    },

    async assertStock(url, stock) {
      const [sold, gone] = [buyers.unitsSold(), clerks.unitsGone()];
      for (const { sku, num_in_stock } of await productsOf(url)) {
        const left = stock - (sold.get(sku) ?? 0) - (gone.get(sku) ?? 0);
        assert.equal(num_in_stock, left, `${sku}: what is left and what was sold`);
      }
    },
  };
}

async function productsOf(url: string): Promise<readonly { sku: string; num_in_stock: number }[]> {
  return jsonOf(await get(`${url}/api/v1/products?limit=100`)).products;
}
