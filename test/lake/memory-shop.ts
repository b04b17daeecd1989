/** A shop's logs in memory, for tests of what is made of them. */
import type { Order, OrderLine } from '../../src/domain/order.ts';
import {
  type EventContent,
  erased,
  type OrderEvent,
  withoutPersonalData,
} from '../../src/domain/order-event.ts';
import type { StoredProduct } from '../../src/domain/product.ts';
import type { NumberedMovement } from '../../src/domain/stock-movement.ts';
import type { UsState } from '../../src/domain/us-state.ts';
import type {
  EventEntry,
  LogName,
  LogRange,
  PlacedEntry,
  ProductEntry,
  ShopLog,
} from '../../src/storage/shop-log.ts';

export const memoryShopId = '3e5b5d0c-6d0a-4b8e-9f54-2f0d7e6a1c11';

/** The shop's first entry is made here; each later one a minute after the one before. */
export const firstAtMs = Date.UTC(2026, 10, 29, 23, 50);

export interface MemoryShop {
  readonly log: ShopLog;
  /** @returns its number */
  placeOrder(change?: Partial<Order>): number;
  addEvent(orderNumber: number, content: EventContent): void;
  changeProduct(product: Pick<StoredProduct, 'sku'> & Partial<StoredProduct>): void;
  /** @param gap movement ids that are skipped before it */
  move(movement: Pick<NumberedMovement, 'sku' | 'units'> & Partial<NumberedMovement>, gap?: number): void;
  /** How often each method of the log was called. */
  readonly calls: ReadonlyMap<string, number>;
}

type Entry = { kind: 'placed'; order: Order } | { kind: 'event'; orderNumber: number; event: OrderEvent };

const states: readonly UsState[] = ['WA', 'CA', 'TX'];

export function aMemoryShop(idOf = (kind: string, count: number) => `${kind}-${count}`): MemoryShop {
  const entries: Entry[] = [];
  const products: ProductEntry[] = [];
  const movements: NumberedMovement[] = [];
  const calls = new Map<string, number>();
  let times = 0;
  const nextMs = () => {
    times += 1;
    return firstAtMs + times * 60_000;
  };
  const orderOf = (number: number) =>
    entries.flatMap((entry) => (entry.kind === 'placed' && entry.order.number === number ? [entry] : []))[0];

  return {
    calls,
    log: countCalls(createLog(entries, products, movements), calls),

    placeOrder(change = {}) {
      const number = 1_001 + entries.filter(({ kind }) => kind === 'placed').length;
      entries.push({ kind: 'placed', order: anOrder(number, idOf('order', number), nextMs(), change) });
      return number;
    },

    addEvent(orderNumber, content) {
      const entry = orderOf(orderNumber);
      if (entry === undefined) throw new Error(`there is no order ${orderNumber}`);
      const ofOrder = entries.filter((one) => one.kind === 'event' && one.orderNumber === orderNumber);
      if (content.type === 'order_erased') {
        entry.order = erased(entry.order);
        for (const one of ofOrder) if (one.kind === 'event') one.event = withoutPersonalData(one.event);
      }
      const eventId = idOf('event', entries.length + 1);
      const revision = 2 + ofOrder.length;
      entries.push({
        kind: 'event',
        orderNumber,
        event: { ...content, eventId, revision, atMs: nextMs(), actor: 'key:erp' },
      });
    },

    changeProduct(product) {
      const before = products.findLast((entry) => entry.product.sku === product.sku)?.product;
      products.push(aChange(products.length + 1, nextMs(), before, product));
    },

    move(movement, gap = 0) {
      movements.push({
        movementId: (movements.at(-1)?.movementId ?? 0) + 1 + gap,
        reason: 'receipt',
        note: 'from the truck',
        reference: null,
        actor: 'cli',
        atMs: nextMs(),
        ...movement,
      });
    },
  };
}

function anOrder(number: number, orderId: string, placedAtMs: number, change: Partial<Order>): Order {
  const lines = change.lines ?? [aLine('tent-4p', 1 + (number % 3)), aLine('mug', 2)];
  return {
    orderId,
    number,
    status: 'placed',
    placedAtMs,
    customerName: `Customer ${number}`,
    streetAddress: `${number} Main Street`,
    city: number % 2 === 0 ? 'Seattle' : null,
    state: states[number % 3] ?? 'WA',
    zipCode: number % 2 === 0 ? '98101' : '98101-1234',
    email: number % 2 === 0 ? `c${number}@example.com` : null,
    lines,
    totalCents: lines.reduce((sum, { lineTotalCents }) => sum + lineTotalCents, 0),
    revision: 1,
    shipments: [],
    returns: [],
    ...change,
  };
}

function aChange(
  position: number,
  changedAtMs: number,
  before: StoredProduct | undefined,
  product: Pick<StoredProduct, 'sku'> & Partial<StoredProduct>,
): ProductEntry {
  return {
    position,
    changedAtMs,
    product: {
      name: `The ${product.sku}`,
      description: 'A thing.',
      category: 'camping',
      priceCents: 1_250,
      imageUrl: `/images/${product.sku}.svg`,
      active: true,
      createdAtMs: changedAtMs,
      ...before,
      revision: (before?.revision ?? 0) + 1,
      ...product,
    },
  };
}

function aLine(sku: string, quantity: number): OrderLine {
  return { sku, name: `The ${sku}`, quantity, unitPriceCents: 1_250, lineTotalCents: quantity * 1_250 };
}

function createLog(
  entries: readonly Entry[],
  products: readonly ProductEntry[],
  movements: readonly NumberedMovement[],
): ShopLog {
  const timed = (
    log: LogName,
  ): readonly { readonly position: number; readonly atMs: number; readonly fact: string }[] => {
    if (log === 'products')
      return products.map(({ position, changedAtMs, product }) => ({
        position,
        atMs: changedAtMs,
        fact: `${product.sku}/${product.revision}`,
      }));
    if (log === 'stock')
      return movements.map(({ movementId, atMs, sku, units }) => ({
        position: movementId,
        atMs,
        fact: `${sku}/${units}/${atMs}`,
      }));
    return entries.map((entry, index) => ({
      position: index + 1,
      atMs: entry.kind === 'placed' ? entry.order.placedAtMs : entry.event.atMs,
      fact: entry.kind === 'placed' ? entry.order.orderId : entry.event.eventId,
    }));
  };
  const isIn = ({ after, through }: LogRange, position: number) => position > after && position <= through;
  const orderIdOf = (number: number) =>
    entries.flatMap((entry) => (entry.kind === 'placed' && entry.order.number === number ? [entry] : []))[0]
      ?.order.orderId ?? '';

  return {
    readShopId: async () => memoryShopId,
    readEnd: async (log) => timed(log).at(-1)?.position ?? 0,
    readTimeAfter: async (log, after) => timed(log).find(({ position }) => position > after)?.atMs ?? null,
    readFact: async (log, at) => timed(log).find(({ position }) => position === at)?.fact ?? null,
    readPlacedOrders: async (range) =>
      entries.flatMap((entry, index): PlacedEntry[] =>
        entry.kind === 'placed' && isIn(range, index + 1)
          ? [{ position: index + 1, order: entry.order }]
          : [],
      ),
    readOrderEvents: async (range) =>
      entries.flatMap((entry, index): EventEntry[] => {
        if (entry.kind !== 'event' || !isIn(range, index + 1)) return [];
        const { orderNumber, event } = entry;
        return [{ position: index + 1, orderId: orderIdOf(orderNumber), orderNumber, event }];
      }),
    readProductChanges: async (range) => products.filter(({ position }) => isIn(range, position)),
    readMovements: async (range) => movements.filter(({ movementId }) => isIn(range, movementId)),
    close: async () => undefined,
  };
}

function countCalls(log: ShopLog, calls: Map<string, number>): ShopLog {
  return new Proxy(log, {
    get(target, name: keyof ShopLog) {
      calls.set(name, (calls.get(name) ?? 0) + 1);
      return target[name];
    },
  });
}
