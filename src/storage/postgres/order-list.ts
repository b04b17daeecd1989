/** Lists orders, newest first: looks at a bounded part of their numbers in each call. */
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
import type { Statement } from './connection.ts';
import { isStorable, type OrderRow, orderColumns, toOrder } from './rows.ts';
import type { SharedPool } from './shared-pool.ts';

const selectTop = 'SELECT max(number) AS top, NULL AS lowest FROM orders WHERE number < $1::bigint';

/** Reads nothing but the index, and no more of it than one call looks at. */
const selectTopOfStatus = `
  SELECT max(number) AS top, CASE WHEN count(*) = $3::integer THEN min(number) END AS lowest FROM (
    SELECT number FROM orders
    WHERE status = $1 AND status <> 'placed' AND number < $2::bigint ORDER BY number DESC LIMIT $3::integer) AS walked`;

const selectOrders = `SELECT ${orderColumns} FROM orders WHERE order_id = ANY($1::uuid[]) ORDER BY number DESC`;

type WalkedRow = Pick<OrderRow, 'order_id' | 'number' | 'customer_name' | 'street_address' | 'email'>;

export function createOrderList({ ask, assertOpen }: SharedPool) {
  return {
    /** The orders of a page are read whole once they are found: they may be on other machines (docs/decisions/0018). */
    async listOrders(filter: OrderFilter, beforeNumber: number | null, limit: number): Promise<OrderPage> {
      assertOpen();
      const none = { orders: [], next: null };
      if (![filter.zipCode, filter.sku].every((text) => text === null || isStorable(text))) return none;
      const { rows: starts } = await ask(startStatement(filter, beforeNumber ?? Number.MAX_SAFE_INTEGER));
      const walked = walkFrom(starts[0] as unknown as WalkStart, filter);
      if (walked === null) return none;
      const { rows } = await ask(walkStatement(filter, walked, limit + 1));
      const found = ofCustomers(rows as unknown as readonly WalkedRow[], filter).slice(0, limit + 1);
      const listed = found.slice(0, limit);
      const next = nextNumber(listed.at(-1)?.number, found.length > limit, walked, filter);
      if (listed.length === 0) return { orders: [], next };
      const ids = listed.map(({ order_id }) => order_id);
      const { rows: whole } = await ask({ name: 'order-list', text: selectOrders, values: [ids] });
      return { orders: (whole as unknown as readonly OrderRow[]).map(toOrder), next };
    },
  };
}

function startStatement(filter: OrderFilter, before: number): Statement {
  const status = indexedStatus(filter);
  if (status === null) return { name: 'order-list-top', text: selectTop, values: [before] };
  const values = [status, before, walkedMaxOf(filter)];
  return { name: 'order-list-top-of-status', text: selectTopOfStatus, values };
}

function ofCustomers(rows: readonly WalkedRow[], filter: OrderFilter): readonly WalkedRow[] {
  if (!asksForCustomer(filter)) return rows;
  return rows.filter(({ customer_name, street_address, email }) =>
    isCustomerAskedFor({ customerName: customer_name, streetAddress: street_address, email }, filter),
  );
}

/**
 * The lines by a subquery that PostgreSQL leaves where it stands: as a join it may be planned as a scan of all lines. A
 * statement for each choice of filters, so that each has a name of its own. Exported for `make bench_order_list`, which
 * shows its plan.
 */
export function walkStatement(
  filter: OrderFilter,
  { before, lowest }: WalkedNumbers,
  limit: number,
): Statement {
  const values: (string | number)[] = [lowest, before];
  const conditions = ['number >= $1::bigint', 'number < $2::bigint'];
  const asked: readonly (readonly [
    name: string,
    value: string | number | null,
    toCondition: (parameter: string) => string,
  ])[] = [
    ['status', filter.status, (parameter) => `status = ${parameter}`],
    ['state', filter.state, (parameter) => `state = ${parameter}`],
    ['zip', filter.zipCode, (parameter) => `zip_code COLLATE "C" >= ${parameter}`],
    [
      'last',
      filter.zipCode === null ? null : zipCodeRange(filter.zipCode)[1],
      (parameter) => `zip_code COLLATE "C" <= ${parameter}`,
    ],
    ['from', filter.placedFromMs, (parameter) => `placed_at_ms >= ${parameter}::bigint`],
    ['to', filter.placedToMs, (parameter) => `placed_at_ms < ${parameter}::bigint`],
    [
      'sku',
      filter.sku,
      (parameter) =>
        `(SELECT count(*) FROM order_lines AS line WHERE line.order_id = orders.order_id AND line.sku = ${parameter}) > 0`,
    ],
  ];
  const names: string[] = [];
  for (const [name, value, toCondition] of asked) {
    if (value === null) continue;
    values.push(value);
    names.push(name);
    conditions.push(toCondition(`$${values.length}`));
  }
  if (indexedStatus(filter) !== null) {
    // PostgreSQL takes a partial index for a condition that follows from what the index says, also of a parameter.
    conditions.push("status <> 'placed'");
    names.push('indexed');
  }
  const hasQuestion = asksForCustomer(filter);
  const columns = hasQuestion ? 'order_id, number, customer_name, street_address, email' : 'order_id, number';
  const text = `SELECT ${columns} FROM orders WHERE ${conditions.join(' AND ')} ORDER BY number DESC`;
  const name = ['order-walk', ...names].join('-');
  if (hasQuestion) return { name: `${name}-text`, text, values };
  return { name, text: `${text} LIMIT $${values.length + 1}::integer`, values: [...values, limit] };
}
