/** A write set as a handful of statements, each for all rows of a table at once. */
import type { KeyRecord, WriteSet } from '../../domain/decide-batch.ts';
import type { Order } from '../../domain/order.ts';
import type { Popularity } from '../../domain/top-products.ts';
import type { Statement } from './connection.ts';
import { isAmongBest } from './ranking.ts';

const insertOrders = `
  INSERT INTO orders (order_id, number, status, placed_at_ms, customer_name, street_address, city, state,
    zip_code, email, total_cents)
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::bigint[])`;

const insertLines = `
  INSERT INTO order_lines (order_id, line_index, sku, name, quantity, unit_price_cents, line_total_cents)
  SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::integer[], $6::bigint[],
    $7::bigint[])`;

const insertKeys = `
  INSERT INTO idempotency_keys (scope, idempotency_key, fingerprint, order_id)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[])`;

const takeStock = `
  UPDATE stock SET on_hand = on_hand - taken.units
  FROM unnest($1::text[], $2::bigint[]) AS taken(sku, units) WHERE stock.sku = taken.sku`;

const countedUp = {
  state: 'excluded.state',
  orders: 'counter.orders + excluded.orders',
  units: 'counter.units + excluded.units',
  name: 'counter.name',
  sku: 'counter.sku',
} as const;

/**
 * A counter is ranked from its first order on, and comes back when it is among the best (ranking.ts). Returns the
 * states in which a counter came in.
 */
const addPopularity = `
  WITH changed AS (
    INSERT INTO popularity AS counter (state, sku, name, orders, units, ranked_at_ms)
    SELECT *, $6::bigint FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
    ON CONFLICT (state, sku) DO UPDATE SET
      orders = ${countedUp.orders},
      units = ${countedUp.units},
      ranked_at_ms = coalesce(counter.ranked_at_ms,
        CASE WHEN ${isAmongBest((name) => countedUp[name])} THEN excluded.ranked_at_ms END)
    RETURNING state, ranked_at_ms)
  SELECT DISTINCT state FROM changed WHERE ranked_at_ms = $6`;

/** Positions follow the last one without a gap: the shop's lock is held from the insert to the commit. */
const insertLog = `
  INSERT INTO order_log (position, order_id, order_number, type, at_ms)
  SELECT (SELECT coalesce(max(position), 0) FROM order_log) + nth, order_id, order_number, type, at_ms
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[])
    WITH ORDINALITY AS entry(order_id, order_number, type, at_ms, nth)`;

/** Which answer tells the states whose ranking has a new product. */
export const popularityAnswer = 'add-popularity';

/**
 * Everything of a write set that holds orders and no steps (step-writes.ts has those). Who sends it has the shop's lock
 * and those of the stock (locks.ts).
 */
export function writeStatements(writeSet: WriteSet): readonly Statement[] {
  const { orders, keys, log } = writeSet;
  return [
    ...insertOrdersWithLines(orders),
    ...(keys.length === 0 ? [] : [insertKeysOf(keys.toSorted(compareKeys))]),
    takeStockOf(writeSet),
    addPopularityOf(writeSet),
    {
      name: 'insert-log',
      text: insertLog,
      values: [
        log.map(({ orderId }) => orderId),
        log.map(({ orderNumber }) => orderNumber),
        log.map(({ type }) => type),
        log.map(({ atMs }) => atMs),
      ],
    },
  ];
}

export function takeStockOf({ stockTaken }: WriteSet): Statement {
  return { name: 'take-stock', text: takeStock, values: [[...stockTaken.keys()], [...stockTaken.values()]] };
}

export function addPopularityOf({ orders, popularityAdded }: WriteSet): Statement {
  const counters = popularityAdded.toSorted(compareCounters);
  return {
    name: popularityAnswer,
    text: addPopularity,
    values: [
      counters.map(({ state }) => state),
      counters.map(({ sku }) => sku),
      counters.map(({ name }) => name),
      counters.map(({ orders: count }) => count),
      counters.map(({ units }) => units),
      orders[0]?.placedAtMs,
    ],
  };
}

/** Orders and their lines. */
export function insertOrdersWithLines(orders: readonly Order[]): readonly Statement[] {
  const lines = orders.flatMap((order) =>
    order.lines.map((line, index) => ({ ...line, orderId: order.orderId, index })),
  );
  return [
    {
      name: 'insert-orders',
      text: insertOrders,
      values: [
        orders.map(({ orderId }) => orderId),
        orders.map(({ number }) => number),
        orders.map(({ status }) => status),
        orders.map(({ placedAtMs }) => placedAtMs),
        orders.map(({ customerName }) => customerName),
        orders.map(({ streetAddress }) => streetAddress),
        orders.map(({ city }) => city),
        orders.map(({ state }) => state),
        orders.map(({ zipCode }) => zipCode),
        orders.map(({ email }) => email),
        orders.map(({ totalCents }) => totalCents),
      ],
    },
    {
      name: 'insert-lines',
      text: insertLines,
      values: [
        lines.map(({ orderId }) => orderId),
        lines.map(({ index }) => index),
        lines.map(({ sku }) => sku),
        lines.map(({ name }) => name),
        lines.map(({ quantity }) => quantity),
        lines.map(({ unitPriceCents }) => unitPriceCents),
        lines.map(({ lineTotalCents }) => lineTotalCents),
      ],
    },
  ];
}

/** The order they are given in is the order in which they are locked. */
export function insertKeysOf(keys: readonly Omit<KeyRecord, 'orderNumber' | 'revision'>[]): Statement {
  return {
    name: 'insert-keys',
    text: insertKeys,
    values: [
      keys.map(({ scope }) => scope),
      keys.map(({ key }) => key),
      keys.map(({ fingerprint }) => fingerprint),
      keys.map(({ orderId }) => orderId),
    ],
  };
}

/** Any order will do as long as every instance has the same. */
export function compareKeys(
  a: Pick<KeyRecord, 'scope' | 'key'>,
  b: Pick<KeyRecord, 'scope' | 'key'>,
): number {
  return compareTexts(a.scope, b.scope) || compareTexts(a.key, b.key);
}

export function compareCounters(a: Popularity, b: Popularity): number {
  return compareTexts(a.state, b.state) || compareTexts(a.sku, b.sku);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
