/** Lists orders, newest first: looks at a bounded part of their numbers in each call. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type OrderHistory, orderAt } from '../../domain/order-event.ts';
import {
  asksForCustomer,
  indexedStatus,
  isCustomerAskedFor,
  nextNumber,
  type OrderFilter,
  type WalkedNumbers,
  type WalkStart,
  walkedMaxOf,
  walkFrom,
  zipCodeRange,
} from '../../domain/order-filter.ts';
import type { OrderPage } from '../order-store.ts';
import { createOrderHistories } from './order-histories.ts';
import type { OrderRow } from './rows.ts';
import type { SharedRead } from './shared-read.ts';

export function createOrderList(db: DatabaseSync, sharedRead: SharedRead) {
  const statements = new Map<string, StatementSync>();
  const selectTop = db.prepare('SELECT max(number) AS top, NULL AS lowest FROM orders WHERE number < ?');
  const selectTopOfStatus = db.prepare(topOfStatus);
  const histories = createOrderHistories(db);

  function statementOf(sql: string): StatementSync {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const prepared = db.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  }

  function historyOf(number: number): OrderHistory {
    const history = histories.byNumber(number);
    if (history === null) throw new Error(`order ${number} was found and is not there`);
    return history;
  }

  function walkStart(filter: OrderFilter, before: number): WalkStart {
    const status = indexedStatus(filter);
    const row =
      status === null ? selectTop.get(before) : selectTopOfStatus.get(status, before, walkedMaxOf(filter));
    return row as unknown as WalkStart;
  }

  function walk(filter: OrderFilter, walked: WalkedNumbers, limit: number): readonly number[] {
    const [sql, values] = walkStatement(filter, walked);
    if (!asksForCustomer(filter)) {
      const found = statementOf(`SELECT number ${sql} LIMIT ?`).all(...values, limit);
      return found.map((row) => Number(row['number']));
    }
    const rows = statementOf(`SELECT number, customer_name, street_address, email ${sql}`).all(...values);
    const found: number[] = [];
    for (const row of rows as unknown as readonly CustomerRow[]) {
      if (isCustomerAskedFor(customerOf(row), filter)) found.push(row.number);
      if (found.length === limit) break;
    }
    return found;
  }

  return {
    listOrders: (filter: OrderFilter, beforeNumber: number | null, limit: number): OrderPage =>
      sharedRead.read(() => {
        const walked = walkFrom(walkStart(filter, beforeNumber ?? Number.MAX_SAFE_INTEGER), filter);
        if (walked === null) return { orders: [], next: null };
        const numbers = walk(filter, walked, limit + 1);
        const orders = numbers.slice(0, limit).map((number) => orderAt(historyOf(number)));
        return { orders, next: nextNumber(orders.at(-1)?.number, numbers.length > limit, walked, filter) };
      }),
  };
}

type CustomerRow = Pick<OrderRow, 'number' | 'customer_name' | 'street_address' | 'email'>;

const customerOf = ({ customer_name, street_address, email }: CustomerRow) => ({
  customerName: customer_name,
  streetAddress: street_address,
  email,
});

const indexed = 'orders INDEXED BY orders_by_status';

/** Reads nothing but the index, and no more of it than one call looks at. */
const topOfStatus = `
  SELECT max(number) AS top, CASE WHEN count(*) = ?3 THEN min(number) END AS lowest FROM (
    SELECT number FROM ${indexed}
    WHERE status = ?1 AND status <> 'placed' AND number < ?2 ORDER BY number DESC LIMIT ?3)`;

/** Without its columns. Exported for `make bench_order_list`, which shows its plan. */
export function walkStatement(filter: OrderFilter, { before, lowest }: WalkedNumbers) {
  const conditions = ['number >= ?', 'number < ?'];
  const values: (string | number)[] = [lowest, before];
  const asked: readonly (readonly [condition: string, value: string | number | null])[] = [
    ['status = ?', filter.status],
    ['state = ?', filter.state],
    ['zip_code >= ?', filter.zipCode],
    ['zip_code <= ?', filter.zipCode === null ? null : zipCodeRange(filter.zipCode)[1]],
    ['placed_at_ms >= ?', filter.placedFromMs],
    ['placed_at_ms < ?', filter.placedToMs],
    ['EXISTS (SELECT 1 FROM order_lines WHERE order_number = number AND sku = ?)', filter.sku],
  ];
  for (const [condition, value] of asked) {
    if (value === null) continue;
    conditions.push(condition);
    values.push(value);
  }
  const isIndexed = indexedStatus(filter) !== null;
  // SQLite takes a partial index for a condition that says what the index says, word for word.
  if (isIndexed) conditions.push("status <> 'placed'");
  const sql = `FROM ${isIndexed ? indexed : 'orders'} WHERE ${conditions.join(' AND ')} ORDER BY number DESC`;
  return [sql, values] as const;
}
