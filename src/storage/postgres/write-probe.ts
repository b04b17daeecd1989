/**
 * Tries whether orders can be stored, without storing any: a made-up batch is written by the statements of a real one
 * and rolled back, then one row is written durably.
 *
 * So a missing grant, a trigger or a constraint on any table that an order writes fails the probe as it fails orders.
 * The batch has its size for a full disk. A row that is updated alone needs no new page and no file of its
 * own, so it goes on working when no order does; this batch fills several pages of each table. What it leaves
 * behind are dead rows, which autovacuum gives back to orders; a probe runs only after an order has failed.
 */
import { randomUUID } from 'node:crypto';
import type { Order } from '../../domain/order.ts';
import type { Statement } from './connection.ts';
import { beginReadCommitted, lockShop } from './locks.ts';
import { writeStatements } from './write-set.ts';

/** A row of each has at least a hundred bytes, and a page 8,192. */
const ordersPerProbe = 200;

/** Far below every number that is handed out, and not the same for two probes at once. */
const firstNumber = () => -Math.floor(Math.random() * 2 ** 52) - ordersPerProbe;

/** One round trip. @param transactionSettings behind each BEGIN */
export function probeStatements(transactionSettings: readonly Statement[]): readonly Statement[] {
  const begin = [{ text: beginReadCommitted }, ...transactionSettings];
  const first = firstNumber();
  const orders = Array.from({ length: ordersPerProbe }, (_, index) => madeUpOrder(first + index));
  return [
    ...begin,
    // An instance that hangs with it keeps orders from being stored, too.
    lockShop,
    ...writeStatements({
      orders,
      keys: orders.map(({ orderId, number }) => ({
        scope: 'write probe',
        key: orderId,
        fingerprint: '',
        orderNumber: number,
      })),
      log: orders.map(({ number }) => ({ orderNumber: number, type: 'order_placed', atMs: 0 })),
      stockTaken: new Map(),
      popularityAdded: [{ state: 'TX', sku: 'write probe', name: '', orders: 1, units: 1 }],
    }),
    { text: 'UPDATE stock SET on_hand = on_hand WHERE sku = (SELECT min(sku) FROM stock)' },
    { text: 'UPDATE order_numbers SET next_number = next_number' },
    // So that nothing is left for a COMMIT to check.
    { text: 'SET CONSTRAINTS ALL IMMEDIATE' },
    { text: 'ROLLBACK' },
    ...begin,
    { text: 'UPDATE write_probe SET writes = writes + 1' },
    { text: 'COMMIT' },
  ];
}

function madeUpOrder(number: number): Order {
  return {
    orderId: randomUUID(),
    number,
    status: 'placed',
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
