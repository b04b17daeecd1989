/**
 * The meaning of a write set, in plain maps: a world of products, orders, keys, counters and log that a
 * decision is applied to. Values only; applying makes a new world.
 */
import {
  type Command,
  decideBatch,
  type KeyRecord,
  type LogEntry,
  type Snapshot,
  type StockedProduct,
  type WriteSet,
} from '../src/domain/decide-batch.ts';
import { type Order, orderNumberFirst } from '../src/domain/order.ts';
import { erased, type OrderEvent, type OrderHistory, orderAt } from '../src/domain/order-event.ts';
import type { Outcome } from '../src/domain/outcome.ts';
import { idempotencyId } from '../src/domain/submission.ts';
import type { Popularity } from '../src/domain/top-products.ts';

export interface ShopWorld extends Snapshot {
  /** By state and SKU, as `TX tent-4p`. */
  readonly popularity: ReadonlyMap<string, Popularity>;
  readonly log: readonly LogEntry[];
  readonly keys: ReadonlyMap<string, Omit<KeyRecord, 'orderNumber'>>;
}

export function worldWith(...products: readonly StockedProduct[]): ShopWorld {
  return {
    products: new Map(products.map((product) => [product.sku, product])),
    ordersByKey: new Map(),
    keys: new Map(),
    ordersById: new Map(),
    rightsByKey: new Map(),
    orderNumberNext: orderNumberFirst,
    popularity: new Map(),
    log: [],
  };
}

function applyOrders(world: ShopWorld, writeSet: WriteSet): ReadonlyMap<string, OrderHistory> {
  const ordersById = new Map(world.ordersById);
  for (const order of writeSet.orders) {
    if (ordersById.has(order.orderId)) throw new Error(`order ${order.orderId} written twice`);
    ordersById.set(order.orderId, { placed: order, events: [] });
  }
  for (const { orderId, orderNumber: _, ...event } of writeSet.events) {
    const history = historyIn(ordersById, orderId);
    ordersById.set(orderId, { ...history, events: [...history.events, event as OrderEvent] });
  }
  for (const { orderId, events: changed } of writeSet.erasedOrders) {
    const { placed, events } = historyIn(ordersById, orderId);
    const rewritten = events.map((event) => ({
      ...event,
      ...changed.find(({ revision }) => revision === event.revision),
    }));
    ordersById.set(orderId, { placed: erased(placed), events: rewritten as OrderEvent[] });
  }
  for (const { orderId, status, revision } of writeSet.changedOrders) {
    const now = orderAt(historyIn(ordersById, orderId));
    if (now.status !== status || now.revision !== revision) throw new Error(`${orderId} is not ${status}`);
  }
  return ordersById;
}

function applyPopularity(world: ShopWorld, writeSet: WriteSet): ReadonlyMap<string, Popularity> {
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
  for (const taken of writeSet.popularityTaken) {
    const id = `${taken.state} ${taken.sku}`;
    const before = popularity.get(id);
    if (before === undefined) throw new Error(`${id} is taken from a counter that is not there`);
    const orders = before.orders - taken.orders;
    const units = before.units - taken.units;
    if (orders < 0 || units < 0 || (orders === 0 && units > 0)) throw new Error(`${id}: ${orders}, ${units}`);
    if (orders === 0) popularity.delete(id);
    else popularity.set(id, { ...before, orders, units });
  }
  return popularity;
}

function applyWriteSet(world: ShopWorld, writeSet: WriteSet): ShopWorld {
  const products = new Map(world.products);
  for (const [sku, units] of writeSet.stockTaken) {
    const product = products.get(sku);
    if (product === undefined) throw new Error(`stock taken of ${sku}, which is not there`);
    products.set(sku, { ...product, onHand: product.onHand - units });
  }

  const ordersById = applyOrders(world, writeSet);
  const keys = new Map(world.keys);
  for (const { orderNumber: _, ...record } of writeSet.keys) {
    historyIn(ordersById, record.orderId);
    const id = idempotencyId(record);
    if (keys.has(id)) throw new Error(`key ${record.key} written twice`);
    keys.set(id, record);
  }
  const ordersByKey = new Map(
    Array.from(keys, ([id, { fingerprint, orderId, revision }]) => [
      id,
      { fingerprint, order: orderAt(historyIn(ordersById, orderId), revision) },
    ]),
  );

  return {
    products,
    ordersById,
    ordersByKey,
    rightsByKey: world.rightsByKey,
    keys,
    orderNumberNext: world.orderNumberNext + writeSet.orders.length,
    popularity: applyPopularity(world, writeSet),
    log: [...world.log, ...writeSet.log],
  };
}

export interface Played {
  readonly world: ShopWorld;
  readonly outcomes: readonly Outcome[];
}

/** Hands in each batch after the one before it was written. */
export function play(world: ShopWorld, batches: readonly (readonly Command[])[]): Played {
  let now = world;
  const outcomes: Outcome[] = [];
  for (const batch of batches) {
    const decision = decideBatch(now, batch);
    now = applyWriteSet(now, decision.writeSet);
    outcomes.push(...decision.outcomes);
  }
  return { world: now, outcomes };
}

function historyIn(ordersById: ReadonlyMap<string, OrderHistory>, orderId: string): OrderHistory {
  const history = ordersById.get(orderId);
  if (history === undefined) throw new Error(`the write set speaks of ${orderId}, which is not there`);
  return history;
}

/** The orders of a world as they are now, in the order of their numbers. */
export function ordersOf(world: ShopWorld): readonly Order[] {
  return Array.from(world.ordersById.values(), (history) => orderAt(history)).toSorted(
    (a, b) => a.number - b.number,
  );
}
