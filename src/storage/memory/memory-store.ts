/**
 * The reference model: an order store in plain arrays, for tests to hold real engines against.
 *
 * Deliberately naive, so that it is right by reading it. Its answers come from what happened alone (the catalogue,
 * stock movements, orders with their keys, the log), recounted whenever it is asked: stock is what was moved less
 * what was sold, a ranking is a count over all orders. An engine that applies the stock or the counters of a write set
 * wrongly disagrees with it. It applies them too, but only `verify` reads them, to compare them with a recount.
 *
 * Every question is a scan over all orders: fit for thousands of orders, not for a shop. Nothing is durable
 * beyond the process. Values are copied and frozen as they come in, and go out frozen.
 */

import { decideBatch, idempotencyId, type KeyedOrder, type Snapshot } from '../../domain/decide-batch.ts';
import { type Order, orderNumberFirst } from '../../domain/order.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { composedName, type Product } from '../../domain/product.ts';
import type { Idempotency, Submission } from '../../domain/submission.ts';
import { comparePopularity, type Popularity, type TopProduct } from '../../domain/top-products.ts';
import type { UsState } from '../../domain/us-state.ts';
import type { OrderStore } from '../order-store.ts';
import { categoriesOf, findAmong, pageAfter } from './find-products.ts';
import { createMemoryAccess } from './memory-access.ts';
import {
  addUnits,
  countOnHand,
  frozenCopy,
  memoryCatalogReads,
  memoryCatalogWrites,
} from './memory-catalog.ts';
import { emptyMemory, type MemoryContents } from './memory-contents.ts';
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
    ...memoryCatalogReads(contents, assertOpen),
    ...memoryCatalogWrites(contents, assertOpen),

    async commitBatch(submissions) {
      assertOpen();
      return commit(contents, submissions);
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
  | 'findOrderByKey'
  | 'findConfirmation'
  | 'topProducts'
  | 'findProduct'
  | 'findProductByName'
  | 'listProducts'
  | 'listActiveProducts'
  | 'findProducts'
  | 'listCategories'
  | 'readOrderLog'
>;

function memoryReads(contents: MemoryContents, assertOpen: () => void): MemoryReads {
  return {
    async findOrder(orderId) {
      assertOpen();
      return findOrder(contents, orderId);
    },

    async findOrderByKey(callerKey) {
      assertOpen();
      return findByKey(contents, callerKey);
    },

    async findConfirmation(orderId, topLimit) {
      assertOpen();
      const order = findOrder(contents, orderId);
      if (order === null) return null;
      const lineImageUrls = order.lines.map(({ sku }) => imageUrlOf(contents, sku));
      return frozenCopy({ order, lineImageUrls, topProducts: rank(contents, order.state, topLimit) });
    },

    async topProducts(state, limit) {
      assertOpen();
      return frozenCopy(rank(contents, state, limit));
    },

    async findProduct(sku) {
      assertOpen();
      return findProduct(contents, sku);
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

    async readOrderLog(afterPosition, limit) {
      assertOpen();
      return frozenCopy(contents.log.filter(({ position }) => position > afterPosition).slice(0, limit));
    },
  };
}

function commit(contents: MemoryContents, submissions: readonly Submission[]): readonly Outcome[] {
  const { outcomes, writeSet } = decideBatch(readSnapshot(contents, submissions), frozenCopy(submissions));
  const stored = writeSet.orders.map((order) => {
    const key = writeSet.keys.find(({ orderNumber }) => orderNumber === order.number);
    const idempotency = key ? { scope: key.scope, key: key.key, fingerprint: key.fingerprint } : null;
    return frozenCopy({ order, idempotency });
  });
  const entries = writeSet.log.map((entry, index) => {
    const order = writeSet.orders.find(({ number }) => number === entry.orderNumber);
    if (order === undefined) throw new Error(`a log entry for ${entry.orderNumber}, which is no order`);
    return frozenCopy({ ...entry, position: contents.log.length + 1 + index, orderId: order.orderId });
  });
  contents.orders = [...contents.orders, ...stored];
  contents.log = [...contents.log, ...entries];
  contents.stock = addUnits(
    contents.stock,
    [...writeSet.stockTaken].map(([sku, units]) => [sku, -units]),
  );
  contents.counters = addPopularity(contents.counters, writeSet.popularityAdded);
  return frozenCopy(outcomes);
}

function readSnapshot(contents: MemoryContents, submissions: readonly Submission[]): Snapshot {
  const products = new Map<string, Product>();
  const ordersByKey = new Map<string, KeyedOrder>();
  const ordersById = new Map<string, Order>();
  for (const { orderId, lines, idempotency } of submissions) {
    for (const { sku } of lines) {
      const product = products.get(sku) ?? findProduct(contents, sku);
      if (product !== null) products.set(sku, product);
    }
    const sameId = findOrder(contents, orderId);
    if (sameId !== null) ordersById.set(orderId, sameId);
    if (idempotency === null) continue;
    const sameKey = findByKey(contents, idempotency);
    if (sameKey !== null) ordersByKey.set(idempotencyId(idempotency), sameKey);
  }
  const numbers = contents.orders.map(({ order }) => order.number);
  const orderNumberNext =
    numbers.reduce((highest, number) => Math.max(highest, number), orderNumberFirst - 1) + 1;
  return { products, ordersByKey, ordersById, orderNumberNext };
}

function findOrder({ orders }: MemoryContents, orderId: string): Order | null {
  return orders.find(({ order }) => order.orderId === orderId)?.order ?? null;
}

function findByKey(
  { orders }: MemoryContents,
  { scope, key }: Pick<Idempotency, 'scope' | 'key'>,
): KeyedOrder | null {
  const found = orders.find(({ idempotency }) => idempotency?.scope === scope && idempotency.key === key);
  if (!found?.idempotency) return null;
  return { fingerprint: found.idempotency.fingerprint, order: found.order };
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
    const before = sums.get(`${state} ${sku}`) ?? { orders: 0, units: 0 };
    sums.set(`${state} ${sku}`, {
      state,
      sku,
      name,
      orders: before.orders + orders,
      units: before.units + units,
    });
  }
  return [...sums.values()];
}

/** Counts every order of the state; products go by the name, picture and status they have now. */
function rank({ products, orders }: MemoryContents, state: UsState, limit: number): readonly TopProduct[] {
  const popularities: (Popularity & Pick<TopProduct, 'imageUrl'>)[] = [];
  for (const { sku, name, imageUrl } of products.filter(({ active }) => active)) {
    const lines = orders
      .filter(({ order }) => order.state === state)
      .flatMap(({ order }) => order.lines.filter((line) => line.sku === sku));
    if (lines.length === 0) continue;
    const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    popularities.push({ state, sku, name, imageUrl, orders: lines.length, units });
  }
  return popularities
    .sort(comparePopularity)
    .slice(0, limit)
    .map(({ sku, name, imageUrl, orders: count, units }, index) => ({
      rank: index + 1,
      sku,
      name,
      imageUrl,
      orders: count,
      units,
    }));
}
