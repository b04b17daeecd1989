/** Reads orders with their lines and events, by any connection. */
import type { DatabaseSync } from 'node:sqlite';
import type { OrderHistory } from '../../domain/order-event.ts';
import {
  type EventRow,
  type OrderLineRow,
  type OrderRow,
  orderColumns,
  selectEvents,
  selectOrderLines,
  toEvent,
  toPlacedOrder,
} from './rows.ts';

export interface OrderHistories {
  byId(orderId: string): OrderHistory | null;
  byNumber(number: number): OrderHistory | null;
  /** Of a row that was read with {@link orderColumns}. */
  of(row: OrderRow): OrderHistory;
  eventsOf(row: OrderRow): OrderHistory['events'];
}

export function createOrderHistories(db: DatabaseSync): OrderHistories {
  const selectById = db.prepare(`SELECT ${orderColumns} FROM orders WHERE order_id = ?`);
  const selectByNumber = db.prepare(`SELECT ${orderColumns} FROM orders WHERE number = ?`);
  const selectLines = db.prepare(selectOrderLines);
  const selectEventsOf = db.prepare(selectEvents);

  function eventsOf({ number, revision }: OrderRow): OrderHistory['events'] {
    // Most orders have none, and then none is looked for.
    if (revision === 1) return [];
    return (selectEventsOf.all(number, revision) as unknown as EventRow[]).map(toEvent);
  }

  const of = (row: OrderRow): OrderHistory => ({
    placed: toPlacedOrder(row, selectLines.all(row.number) as unknown as OrderLineRow[]),
    events: eventsOf(row),
  });
  const orNull = (row: unknown) => (row === undefined ? null : of(row as OrderRow));

  return {
    byId: (orderId) => orNull(selectById.get(orderId)),
    byNumber: (number) => orNull(selectByNumber.get(number)),
    of,
    eventsOf,
  };
}
