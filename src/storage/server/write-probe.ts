/**
 * A made-up batch, for an engine that tries whether orders can be stored: its statements write it as they write a
 * real one, and roll it back.
 *
 * So a missing grant, a trigger or a constraint on any table that an order writes fails the probe as it fails orders.
 * The batch has its size for a full disk. A row that is updated alone needs no new page and no file of its own, so it
 * goes on working when no order does; this batch fills several pages of each table.
 */
import { randomUUID } from 'node:crypto';
import type { WriteSet } from '../../domain/decide-batch.ts';
import { asPlaced, type Order } from '../../domain/order.ts';

/** A row of each has at least a hundred bytes, and a page 8,192. */
const ordersPerProbe = 200;

/** Far below every number that is handed out, and not the same for two probes at once. */
const firstNumber = () => -Math.floor(Math.random() * 2 ** 52) - ordersPerProbe;

/** Takes nothing from the stock: no product is made up. */
export function madeUpWriteSet(): WriteSet {
  const first = firstNumber();
  const orders = Array.from({ length: ordersPerProbe }, (_, index) => madeUpOrder(first + index));
  return {
    orders,
    keys: orders.map(({ orderId, number }) => ({
      scope: 'write probe',
      key: orderId,
      fingerprint: '',
      orderId,
      orderNumber: number,
      revision: asPlaced.revision,
    })),
    log: orders.map(({ orderId, number }) => ({
      orderId,
      orderNumber: number,
      revision: asPlaced.revision,
      type: 'order_placed',
      atMs: 0,
    })),
    stockTaken: new Map(),
    popularityAdded: [{ state: 'TX', sku: 'write probe', name: '', orders: 1, units: 1 }],
    events: [],
    changedOrders: [],
    erasedOrders: [],
    popularityTaken: [],
  };
}

function madeUpOrder(number: number): Order {
  return {
    orderId: randomUUID(),
    number,
    ...asPlaced,
    placedAtMs: 0,
    customerName: 'write probe',
    streetAddress: '',
    city: null,
    state: 'TX',
    zipCode: '',
    email: null,
    lines: [{ sku: 'write probe', name: '', quantity: 1, unitPriceCents: 0, lineTotalCents: 0 }],
    totalCents: 0,
  };
}
