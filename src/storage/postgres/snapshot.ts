/** What `decideBatch` needs to know, read under the locks that keep it true until the commit. */
import { idempotencyId, type KeyedOrder, type StockedProduct } from '../../domain/decide-batch.ts';
import type { Order } from '../../domain/order.ts';
import type { Submission } from '../../domain/submission.ts';
import type { Answer, Statement } from './connection.ts';
import { lockStock } from './locks.ts';
import { isStorable, isUuid, type OrderRow, orderColumns, toOrder } from './rows.ts';

/** Beside the number, which does not come from a table that is read here. */
export interface BatchSnapshot {
  readonly products: ReadonlyMap<string, StockedProduct>;
  readonly ordersByKey: ReadonlyMap<string, KeyedOrder>;
  readonly ordersById: ReadonlyMap<string, Order>;
}

const selectProducts = 'SELECT sku, name, price_cents, active FROM products WHERE sku = ANY($1::text[])';

const selectEarlierOrders = `
  SELECT key.scope, key.idempotency_key, key.fingerprint, ${orderColumns}
  FROM unnest($1::text[], $2::text[]) AS asked(scope, idempotency_key)
  JOIN idempotency_keys AS key
    ON key.scope = asked.scope AND key.idempotency_key = asked.idempotency_key
  LEFT JOIN orders ON orders.order_id = key.order_id
  UNION ALL
  SELECT NULL, NULL, NULL, ${orderColumns} FROM orders WHERE order_id = ANY($3::uuid[])`;

/**
 * For who has the shop's lock. The stock rows are locked first: what the other statements see is newer than
 * that, because in READ COMMITTED each has a snapshot of its own.
 */
export function snapshotStatements(submissions: readonly Submission[]): readonly Statement[] {
  const skus = new Set<string>();
  const scopes: string[] = [];
  const keys: string[] = [];
  const orderIds: string[] = [];
  for (const { orderId, idempotency, lines } of submissions) {
    for (const { sku } of lines) if (isStorable(sku)) skus.add(sku);
    if (idempotency !== null) {
      scopes.push(idempotency.scope);
      keys.push(idempotency.key);
    }
    if (isUuid(orderId)) orderIds.push(orderId);
  }
  const asked = [...skus];
  return [
    lockStock(asked),
    { name: 'batch-products', text: selectProducts, values: [asked] },
    { name: 'earlier-orders', text: selectEarlierOrders, values: [scopes, keys, orderIds] },
  ];
}

/** Of two parts of a batch, read one after the other under the same locks. */
export function joinSnapshots(first: BatchSnapshot, second: BatchSnapshot): BatchSnapshot {
  return {
    products: new Map([...first.products, ...second.products]),
    ordersByKey: new Map([...first.ordersByKey, ...second.ordersByKey]),
    ordersById: new Map([...first.ordersById, ...second.ordersById]),
  };
}

interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly price_cents: number;
  readonly active: boolean;
}

type EarlierRow = OrderRow & {
  readonly scope: string | null;
  readonly idempotency_key: string;
  readonly fingerprint: string;
};

/** From the answers to {@link snapshotStatements}. */
export function toSnapshot(answers: readonly Answer[]): BatchSnapshot {
  const [stock, catalog, earlier] = answers.map(({ rows }) => rows);
  const onHandBySku = new Map((stock ?? []).map((row) => [row['sku'], Number(row['on_hand'])]));
  const products = new Map<string, StockedProduct>();
  for (const row of (catalog ?? []) as unknown as readonly ProductRow[]) {
    const onHand = onHandBySku.get(row.sku);
    // A product that was saved after the stock was locked: to this batch it is not there yet.
    if (onHand === undefined) continue;
    const { sku, name, price_cents, active } = row;
    products.set(sku, { sku, name, priceCents: price_cents, onHand, active });
  }
  const ordersByKey = new Map<string, KeyedOrder>();
  const ordersById = new Map<string, Order>();
  for (const row of (earlier ?? []) as unknown as readonly EarlierRow[]) {
    if (row.order_id === null) throw new Error('an idempotency key leads to no order; run `nozama verify`');
    const order = toOrder(row);
    if (row.scope === null) {
      ordersById.set(order.orderId, order);
    } else {
      const id = idempotencyId({ scope: row.scope, key: row.idempotency_key });
      ordersByKey.set(id, { fingerprint: row.fingerprint, order });
    }
  }
  return { products, ordersByKey, ordersById };
}
