/**
 * The meaning of a write set, in plain maps: a world of products, orders, keys, counters and log that a
 * decision is applied to. Values only; applying makes a new world.
 */
import {
  decideBatch,
  idempotencyId,
  type LogEntry,
  type Snapshot,
  type StockedProduct,
  type WriteSet,
} from '../src/domain/decide-batch.ts';
import { type Order, orderNumberFirst } from '../src/domain/order.ts';
import type { Outcome } from '../src/domain/outcome.ts';
import type { Submission } from '../src/domain/submission.ts';
import type { Popularity } from '../src/domain/top-products.ts';

export interface ShopWorld extends Snapshot {
  /** By state and SKU, as `TX tent-4p`. */
  readonly popularity: ReadonlyMap<string, Popularity>;
  readonly log: readonly LogEntry[];
}

export function worldWith(...products: readonly StockedProduct[]): ShopWorld {
  return {
    products: new Map(products.map((product) => [product.sku, product])),
    ordersByKey: new Map(),
    ordersById: new Map(),
    orderNumberNext: orderNumberFirst,
    popularity: new Map(),
    log: [],
  };
}

function applyWriteSet(world: ShopWorld, writeSet: WriteSet): ShopWorld {
  const products = new Map(world.products);
  for (const [sku, units] of writeSet.stockTaken) {
    const product = products.get(sku);
    if (product === undefined) throw new Error(`stock taken of ${sku}, which is not there`);
    products.set(sku, { ...product, onHand: product.onHand - units });
  }

  const ordersById = new Map(world.ordersById);
  for (const order of writeSet.orders) {
    if (ordersById.has(order.orderId)) throw new Error(`order ${order.orderId} written twice`);
    ordersById.set(order.orderId, order);
  }

  const ordersByKey = new Map(world.ordersByKey);
  for (const { orderNumber, ...idempotency } of writeSet.keys) {
    const order = writeSet.orders.find(({ number }) => number === orderNumber);
    if (order === undefined) throw new Error(`key ${idempotency.key} names no order of its batch`);
    const id = idempotencyId(idempotency);
    if (ordersByKey.has(id)) throw new Error(`key ${idempotency.key} written twice`);
    ordersByKey.set(id, { fingerprint: idempotency.fingerprint, order });
  }

  const popularity = new Map(world.popularity);
  for (const added of writeSet.popularityAdded) {
    const id = `${added.state} ${added.sku}`;
    const before = popularity.get(id) ?? { orders: 0, units: 0 };
    popularity.set(id, {
      ...added,
      orders: before.orders + added.orders,
      units: before.units + added.units,
    });
  }

  return {
    products,
    ordersById,
    ordersByKey,
    orderNumberNext: world.orderNumberNext + writeSet.orders.length,
    popularity,
    log: [...world.log, ...writeSet.log],
  };
}

export interface Played {
  readonly world: ShopWorld;
  readonly outcomes: readonly Outcome[];
}

/** Hands in each batch after the one before it was written. */
export function play(world: ShopWorld, batches: readonly (readonly Submission[])[]): Played {
  let now = world;
  const outcomes: Outcome[] = [];
  for (const batch of batches) {
    const decision = decideBatch(now, batch);
    now = applyWriteSet(now, decision.writeSet);
    outcomes.push(...decision.outcomes);
  }
  return { world: now, outcomes };
}

/** The orders of a world in the order of their numbers. */
export function ordersOf(world: ShopWorld): readonly Order[] {
  return Array.from(world.ordersById.values()).toSorted((a, b) => a.number - b.number);
}
