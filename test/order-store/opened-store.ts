/** What every part of the engine contract starts from: a store of its own, and what to ask of it. */
import assert from 'node:assert/strict';
import type { Order } from '../../src/domain/order.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { Product } from '../../src/domain/product.ts';
import type { Submission } from '../../src/domain/submission.ts';
import type { OrderStore, PositionedLogEntry } from '../../src/storage/order-store.ts';
import { stockUp } from '../builders.ts';

export interface OpenedStore {
  readonly store: OrderStore;
  /** Closes the store and opens one over the same data, as a restart does. */
  reopen(): Promise<OrderStore>;
  /** Closes the store and removes the data. */
  dispose(): Promise<void>;
}

export type OpenStore = () => Promise<OpenedStore>;

/** Runs `use` on a new store that holds `products`; afterwards the store must verify clean, then it is removed. */
export async function withStore(
  openStore: OpenStore,
  products: readonly Product[],
  use: (store: OrderStore, reopen: () => Promise<OrderStore>) => Promise<void>,
): Promise<void> {
  const opened = await openStore();
  let current = opened.store;
  try {
    if (products.length > 0) await stockUp(current, products);
    await use(current, async () => {
      current = await opened.reopen();
      return current;
    });
    await assertVerifiesClean(current);
  } finally {
    await opened.dispose();
  }
}

export async function assertVerifiesClean(store: OrderStore): Promise<void> {
  const { checks, findings } = await store.verify();
  assert.deepEqual(findings, []);
  assert.ok(checks.length > 0, 'verify names its checks');
}

/** Hands in one submission as a batch of its own. */
export async function handIn(store: OrderStore, submission: Submission): Promise<Outcome> {
  const [outcome] = await store.commitBatch([submission]);
  assert.ok(outcome, 'one outcome for each submission');
  return outcome;
}

/** Hands in one submission that must be placed now. */
export async function place(store: OrderStore, submission: Submission): Promise<Order> {
  const outcome = await handIn(store, submission);
  assert.ok(outcome.kind === 'placed', `placed, not ${JSON.stringify(outcome)}`);
  return outcome.order;
}

export function kindsOf(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.map(({ kind }) => kind);
}

export async function onHandOf(store: OrderStore, sku: string): Promise<number> {
  const product = await store.findProduct(sku);
  assert.ok(product, `${sku} is there`);
  return product.onHand;
}

export async function readWholeLog(store: OrderStore): Promise<readonly PositionedLogEntry[]> {
  return store.readOrderLog(0, 10_000);
}
