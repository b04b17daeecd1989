/**
 * The reference model: an order store in plain arrays, for tests to hold real engines against.
 *
 * Deliberately naive, so that it is right by reading it. Its answers come from what happened alone (the catalogue,
 * stock movements, orders with their events and keys, the log), recounted whenever it is asked: stock is what was moved
 * less what was sold and kept, a ranking is a count over all orders. An engine that applies the stock or the counters of a write set
 * wrongly disagrees with it. It applies them too, but only `verify` reads them, to compare them with a recount.
 *
 * Every question is a scan over all orders: fit for thousands of orders, not for a shop. Nothing is durable
 * beyond the process. Values are copied and frozen as they come in, and go out frozen.
 */
import {
  type Command,
  decideBatch,
  type ErasedOrder,
  type EventOfOrder,
  type KeyedOrder,
  keysOfGrants,
  linesToDecide,
  type Snapshot,
} from '../../domain/decide-batch.ts';
import { orderNumberFirst } from '../../domain/order.ts';
import { erased, type OrderHistory, orderAt } from '../../domain/order-event.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { composedName, type Product } from '../../domain/product.ts';
import { type Idempotency, idempotencyId } from '../../domain/submission.ts';
import type { Popularity } from '../../domain/top-products.ts';
import type { OrderStore } from '../order-store.ts';
import { auditOfSteps, erasedSubjects } from '../step-audit.ts';
import { categoriesOf, findAmong, pageAfter } from './find-products.ts';
import { listOrders } from './list-orders.ts';
import { appendAudit, createMemoryAccess, eraseAddresses, readRights } from './memory-access.ts';
import { addUnits, memoryCatalogReads, memoryCatalogWrites } from './memory-catalog.ts';
import { emptyMemory, type MemoryContents } from './memory-contents.ts';
import { countOnHand, findHistory, findOrder, frozenCopy, rank } from './recounts.ts';
import { verifyMemory } from './verify-memory.ts';

export interface MemoryStoreOptions {
  readonly contents?: MemoryContents;
}

export function createMemoryStore({ contents = emptyMemory() }: MemoryStoreOptions = {}): OrderStore {
  let closed = false;

  function assertOpen(): void {
    if (closed) throw new Error('the memory store is closed');
  }

  return {
    engine: 'memory',
    durability: { survives: 'nothing' },
    gauges: [],
    commitsInFlightMax: 1,
    access: createMemoryAccess(contents, assertOpen),
    ...memoryReads(contents, assertOpen),
    ...memoryProductReads(contents, assertOpen),
    ...memoryCatalogReads(contents, assertOpen),
    ...memoryCatalogWrites(contents, assertOpen),

    async commitBatch(commands) {
      assertOpen();
      return commit(contents, commands);
    },

    async listOrders(filter, beforeNumber, limit) {
      assertOpen();
      return frozenCopy(listOrders(contents, filter, beforeNumber, limit));
    },

    async checkWritable() {
      assertOpen();
    },

    async verify() {
      assertOpen();
      return verifyMemory(contents);
    },

    async close() {
      closed = true;
    },
  };
}

type MemoryReads = Pick<
  OrderStore,
  | 'findOrder'
  | 'findOrderWithEvents'
  | 'findHistoryByNumber'
  | 'findOrderByKey'
  | 'findConfirmation'
  | 'topProducts'
  | 'readOrderLog'
>;

function memoryReads(contents: MemoryContents, assertOpen: () => void): MemoryReads {
  return {
    async findOrder(orderId) {
      assertOpen();
      return findOrder(contents, orderId);
    },

    async findOrderWithEvents(orderId) {
      assertOpen();
      return frozenCopy(findHistory(contents, orderId));
    },

    async findHistoryByNumber(number) {
      assertOpen();
      const order = contents.orders.find((each) => each.number === number);
      return order === undefined ? null : frozenCopy(findHistory(contents, order.orderId));
    },

    async findOrderByKey(callerKey) {
      assertOpen();
      return findByKey(contents, callerKey);
    },

    async findConfirmation(orderId, topLimit) {
      assertOpen();
      const history = findHistory(contents, orderId);
      if (history === null) return null;
      const order = orderAt(history);
      const lineImageUrls = order.lines.map(({ sku }) => imageUrlOf(contents, sku));
      const topProducts = rank(contents, order.state, topLimit);
      return frozenCopy({ order, events: history.events, lineImageUrls, topProducts });
    },

    async topProducts(state, limit) {
      assertOpen();
      return frozenCopy(rank(contents, state, limit));
    },

    async readOrderLog(afterPosition, limit) {
      assertOpen();
      return frozenCopy(contents.log.filter(({ position }) => position > afterPosition).slice(0, limit));
    },
  };
}

type MemoryProductReads = Pick<
  OrderStore,
  | 'findProduct'
  | 'findProductsBySku'
  | 'findProductByName'
  | 'listProducts'
  | 'listActiveProducts'
  | 'findProducts'
  | 'listCategories'
>;

function memoryProductReads(contents: MemoryContents, assertOpen: () => void): MemoryProductReads {
  return {
    async findProduct(sku) {
      assertOpen();
      return findProduct(contents, sku);
    },

    async findProductsBySku(skus) {
      assertOpen();
      const found = skus.map((sku) => findProduct(contents, sku)).filter((product) => product !== null);
      return new Map(found.map((product) => [product.sku, product]));
    },

    async findProductByName(name) {
      assertOpen();
      const namesakes = productsBySku(contents).filter((product) => product.name === composedName(name));
      return namesakes.find(({ active }) => active) ?? namesakes[0] ?? null;
    },

    async listProducts(afterSku, limit) {
      assertOpen();
      return frozenCopy(pageAfter(productsBySku(contents), afterSku, limit));
    },

    async listActiveProducts(afterSku, limit) {
      assertOpen();
      return frozenCopy(pageAfter(activeBySku(contents), afterSku, limit));
    },

    async findProducts(search, after, limit) {
      assertOpen();
      return frozenCopy(findAmong(activeBySku(contents), search, after, limit));
    },

    async listCategories(limit) {
      assertOpen();
      return frozenCopy(categoriesOf(activeBySku(contents), limit));
    },
  };
}

function commit(contents: MemoryContents, commands: readonly Command[]): readonly Outcome[] {
  const { outcomes, writeSet } = decideBatch(readSnapshot(contents, commands), frozenCopy(commands));
  appendAudit(contents, auditOfSteps(commands, outcomes));
  const entries = writeSet.log.map((entry, index) => ({
    position: contents.log.length + 1 + index,
    ...entry,
  }));
  contents.orders = [...contents.orders, ...frozenCopy(writeSet.orders)];
  contents.events = [...contents.events, ...frozenCopy(writeSet.events)];
  contents.keys = [...contents.keys, ...frozenCopy(writeSet.keys)];
  contents.log = [...contents.log, ...frozenCopy(entries)];
  for (const order of writeSet.erasedOrders) erase(contents, order);
  eraseAddresses(contents, erasedSubjects(writeSet));
  const changed = new Set(writeSet.changedOrders.map(({ orderId }) => orderId));
  const others = contents.changedOrders.filter(({ orderId }) => !changed.has(orderId));
  contents.changedOrders = [...others, ...frozenCopy(writeSet.changedOrders)];
  contents.stock = addUnits(
    contents.stock,
    [...writeSet.stockTaken].map(([sku, units]) => [sku, -units]),
  );
  contents.counters = addPopularity(contents.counters, writeSet.popularityAdded);
  contents.counters = addPopularity(
    contents.counters,
    writeSet.popularityTaken.map(({ orders, units, ...one }) => ({ ...one, orders: -orders, units: -units })),
  ).filter(({ orders }) => orders !== 0);
  return frozenCopy(outcomes);
}

function erase(contents: MemoryContents, { orderId, events }: ErasedOrder): void {
  contents.orders = contents.orders.map((order) =>
    order.orderId === orderId ? frozenCopy(erased(order)) : order,
  );
  contents.events = contents.events.map((event) => {
    const changed = events.find(({ revision }) => revision === event.revision);
    if (event.orderId !== orderId || changed === undefined) return event;
    return frozenCopy({ ...event, data: changed.data } as EventOfOrder);
  });
}

function readSnapshot(contents: MemoryContents, commands: readonly Command[]): Snapshot {
  const products = new Map<string, Product>();
  const ordersByKey = new Map<string, KeyedOrder>();
  const ordersById = new Map<string, OrderHistory>();
  for (const command of commands) {
    const { orderId, idempotency } = command;
    const sameId = findHistory(contents, orderId);
    if (sameId !== null) ordersById.set(orderId, sameId);
    for (const { sku } of linesToDecide(command, sameId)) {
      const product = products.get(sku) ?? findProduct(contents, sku);
      if (product !== null) products.set(sku, product);
    }
    if (idempotency === null) continue;
    const sameKey = findByKey(contents, idempotency);
    if (sameKey !== null) ordersByKey.set(idempotencyId(idempotency), sameKey);
  }
  const orderNumberNext =
    contents.orders.reduce((highest, { number }) => Math.max(highest, number), orderNumberFirst - 1) + 1;
  const rightsByKey = readRights(contents, keysOfGrants(commands));
  return { products, ordersByKey, ordersById, rightsByKey, orderNumberNext };
}

function findByKey(
  contents: MemoryContents,
  { scope, key }: Pick<Idempotency, 'scope' | 'key'>,
): KeyedOrder | null {
  const kept = contents.keys.find((each) => each.scope === scope && each.key === key);
  const history = kept === undefined ? null : findHistory(contents, kept.orderId);
  if (kept === undefined || history === null) return null;
  return frozenCopy({ fingerprint: kept.fingerprint, order: orderAt(history, kept.revision) });
}

function findProduct(contents: MemoryContents, sku: string): Product | null {
  const product = contents.products.find((each) => each.sku === sku);
  return product ? frozenCopy({ ...product, onHand: countOnHand(contents, sku) }) : null;
}

function imageUrlOf({ products }: MemoryContents, sku: string): string {
  const product = products.find((each) => each.sku === sku);
  if (product === undefined) throw new Error(`an order of ${sku}, which is no product`);
  return product.imageUrl;
}

function productsBySku(contents: MemoryContents): readonly Product[] {
  return contents.products
    .map((product) => frozenCopy({ ...product, onHand: countOnHand(contents, product.sku) }))
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

const activeBySku = (contents: MemoryContents) => productsBySku(contents).filter(({ active }) => active);

function addPopularity(counters: readonly Popularity[], added: readonly Popularity[]): readonly Popularity[] {
  const sums = new Map(counters.map((counter) => [`${counter.state} ${counter.sku}`, counter]));
  for (const { state, sku, name, orders, units } of added) {
    // A step takes from the counter under the name that the product had when it was ordered.
    const before = sums.get(`${state} ${sku}`) ?? { name, orders: 0, units: 0 };
    sums.set(`${state} ${sku}`, {
      state,
      sku,
      name: before.name,
      orders: before.orders + orders,
      units: before.units + units,
    });
  }
  return [...sums.values()];
}
