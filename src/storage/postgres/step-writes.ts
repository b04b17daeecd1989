/** The write set of a batch that holds steps of orders, as statements; orders may be in it too. */
import type { KeyRecord, WriteSet } from '../../domain/decide-batch.ts';
import { erasedText } from '../../domain/order-event.ts';
import type { Statement } from './connection.ts';
import { takePopularity } from './ranking-debt.ts';
import {
  addPopularityOf,
  compareCounters,
  compareKeys,
  insertOrdersWithLines,
  takeStockOf,
} from './write-set.ts';

const insertKeys = `
  INSERT INTO idempotency_keys (scope, idempotency_key, fingerprint, order_id, revision)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::integer[])`;

/** Positions as in write-set.ts. */
const insertLog = `
  INSERT INTO order_log (position, order_id, order_number, type, at_ms, revision)
  SELECT (SELECT coalesce(max(position), 0) FROM order_log) + nth, order_id, order_number, type, at_ms, revision
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[], $5::integer[])
    WITH ORDINALITY AS entry(order_id, order_number, type, at_ms, revision, nth)`;

const insertEvents = `
  INSERT INTO order_events (order_id, revision, event_id, type, at_ms, actor, data)
  SELECT * FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::jsonb[])`;

const changeOrders = `
  UPDATE orders SET status = changed.status, revision = changed.revision
  FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS changed(order_id, status, revision)
  WHERE orders.order_id = changed.order_id`;

const eraseOrders = `
  UPDATE orders SET customer_name = $3, street_address = $3, zip_code = erased.zip_code, email = NULL
  FROM unnest($1::uuid[], $2::text[]) AS erased(order_id, zip_code)
  WHERE orders.order_id = erased.order_id`;

const eraseEvents = `
  UPDATE order_events SET data = erased.data
  FROM unnest($1::uuid[], $2::integer[], $3::jsonb[]) AS erased(order_id, revision, data)
  WHERE order_events.order_id = erased.order_id AND order_events.revision = erased.revision`;

const dropCounters = `
  DELETE FROM popularity USING unnest($1::text[], $2::text[]) AS taken(state, sku)
  WHERE popularity.sku = taken.sku AND popularity.state = taken.state AND popularity.orders = 0`;

/** Who sends it has the shop's lock and those of the stock (locks.ts). */
export function stepStatements(writeSet: WriteSet): readonly Statement[] {
  const { orders, keys, log, stockTaken, popularityAdded } = writeSet;
  return [
    ...(orders.length === 0 ? [] : insertOrdersWithLines(orders)),
    ...(keys.length === 0 ? [] : [insertKeysOf(writeSet)]),
    ...(stockTaken.size === 0 ? [] : [takeStockOf(writeSet)]),
    ...(popularityAdded.length === 0 ? [] : [addPopularityOf(writeSet)]),
    {
      name: 'insert-log-of-steps',
      text: insertLog,
      values: [
        log.map(({ orderId }) => orderId),
        log.map(({ orderNumber }) => orderNumber),
        log.map(({ type }) => type),
        log.map(({ atMs }) => atMs),
        log.map(({ revision }) => revision),
      ],
    },
    ...changeStatements(writeSet),
    ...popularityStatements(writeSet),
  ];
}

/** As write-set.ts has it, and with revisions. */
export function insertKeysOf({
  keys,
}: {
  readonly keys: readonly Omit<KeyRecord, 'orderNumber'>[];
}): Statement {
  const sorted = keys.toSorted(compareKeys);
  return {
    name: 'insert-keys-of-steps',
    text: insertKeys,
    values: [
      sorted.map(({ scope }) => scope),
      sorted.map(({ key }) => key),
      sorted.map(({ fingerprint }) => fingerprint),
      sorted.map(({ orderId }) => orderId),
      sorted.map(({ revision }) => revision),
    ],
  };
}

export function insertEventsOf({ events }: Pick<WriteSet, 'events'>): Statement {
  return {
    name: 'insert-events',
    text: insertEvents,
    values: [
      events.map(({ orderId }) => orderId),
      events.map(({ revision }) => revision),
      events.map(({ eventId }) => eventId),
      events.map(({ type }) => type),
      events.map(({ atMs }) => atMs),
      events.map(({ actor }) => actor),
      events.map(({ data }) => JSON.stringify(data)),
    ],
  };
}

function changeStatements(writeSet: WriteSet): readonly Statement[] {
  const { changedOrders, erasedOrders } = writeSet;
  const changed: readonly Statement[] = [
    insertEventsOf(writeSet),
    {
      name: 'change-orders',
      text: changeOrders,
      values: [
        changedOrders.map(({ orderId }) => orderId),
        changedOrders.map(({ status }) => status),
        changedOrders.map(({ revision }) => revision),
      ],
    },
  ];
  if (erasedOrders.length === 0) return changed;
  const events = erasedOrders.flatMap(({ orderId, events: own }) =>
    own.map((event) => ({ ...event, orderId })),
  );
  return [
    ...changed,
    {
      text: eraseOrders,
      values: [
        erasedOrders.map(({ orderId }) => orderId),
        erasedOrders.map(({ zipCode }) => zipCode),
        erasedText,
      ],
    },
    {
      text: eraseEvents,
      values: [
        events.map(({ orderId }) => orderId),
        events.map(({ revision }) => revision),
        events.map(({ data }) => JSON.stringify(data)),
      ],
    },
  ];
}

function popularityStatements({ popularityTaken }: WriteSet): readonly Statement[] {
  if (popularityTaken.length === 0) return [];
  const counters = popularityTaken.toSorted(compareCounters);
  return [
    takePopularity(counters),
    {
      name: 'drop-counters',
      text: dropCounters,
      values: [counters.map(({ state }) => state), counters.map(({ sku }) => sku)],
    },
  ];
}
