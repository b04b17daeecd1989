/** What `decideBatch` needs to know, read under the locks that keep it true until the commit. */
import { type Command, isStep, type KeyedOrder, type StockedProduct } from '../../domain/decide-batch.ts';
import { noRights, type RightsByKey } from '../../domain/grant.ts';
import { type OrderHistory, orderAt } from '../../domain/order-event.ts';
import { needsProducts } from '../../domain/order-step.ts';
import { idempotencyId } from '../../domain/submission.ts';
import type { BatchSnapshot } from '../server/commit-batch.ts';
import type { Answer, Statement } from './connection.ts';
import { lockStock, lockStockOfOrders, skusWithThoseOfOrders } from './locks.ts';
import { isStorable, isUuid, nullsForOrder, type OrderRow, orderColumns, toHistory } from './rows.ts';

const selectProducts = 'SELECT sku, name, price_cents, active FROM products WHERE sku = ANY($1::text[])';

const selectProductsOfOrders = `
  SELECT sku, name, price_cents, active FROM products WHERE sku = ANY(${skusWithThoseOfOrders})`;

/**
 * Orders by id and by key, and the keys. Each table is asked by itself: with orders and keys on different
 * machines (docs/decisions/0018), a join of the two would read all of one of them.
 */
const selectEarlierOrders = `
  WITH key AS MATERIALIZED (
    SELECT kept.scope, kept.idempotency_key, kept.fingerprint, kept.order_id, kept.revision
    FROM unnest($1::text[], $2::text[]) AS asked(scope, idempotency_key)
    JOIN idempotency_keys AS kept
      ON kept.scope = asked.scope AND kept.idempotency_key = asked.idempotency_key)
  SELECT NULL AS scope, NULL AS idempotency_key, NULL AS fingerprint, NULL::integer AS key_revision, ${orderColumns}
  FROM orders WHERE order_id = ANY($3::uuid[] || ARRAY(SELECT order_id FROM key))
  UNION ALL
  SELECT scope, idempotency_key, fingerprint, revision, order_id, ${nullsForOrder} FROM key`;

const selectSkusOfOrders = 'SELECT DISTINCT sku FROM order_lines WHERE order_id = ANY($1::uuid[])';

/** Orders that may be stored, and whose steps need their products. */
function steppedOrders(commands: readonly Command[]): readonly string[] {
  return commands.flatMap((command) =>
    isStep(command) && needsProducts(command.step) && isUuid(command.orderId) ? [command.orderId] : [],
  );
}

/**
 * Null when no step of the batch needs products. What an order holds never changes, so that no lock is needed to read it.
 * For shops whose lines are on other servers: elsewhere {@link snapshotStatements} looks the SKUs up itself.
 */
export function skusOfSteppedOrders(commands: readonly Command[]): Statement | null {
  const orderIds = steppedOrders(commands);
  if (orderIds.length === 0) return null;
  return { name: 'skus-of-orders', text: selectSkusOfOrders, values: [orderIds] };
}

/**
 * For who has the shop's lock. The stock rows are locked first: what the other statements see is newer than
 * that, because in READ COMMITTED each has a snapshot of its own.
 * @param skusOfOrders the answer to {@link skusOfSteppedOrders}, where it was asked
 */
export function snapshotStatements(
  commands: readonly Command[],
  skusOfOrders?: Answer,
): readonly Statement[] {
  const skus = new Set(skusOfOrders?.rows.map((row) => String(row['sku'])));
  const scopes: string[] = [];
  const keys: string[] = [];
  const orderIds: string[] = [];
  for (const command of commands) {
    const { orderId, idempotency } = command;
    if (!isStep(command)) for (const { sku } of command.lines) if (isStorable(sku)) skus.add(sku);
    if (idempotency !== null) {
      scopes.push(idempotency.scope);
      keys.push(idempotency.key);
    }
    if (isUuid(orderId)) orderIds.push(orderId);
  }
  return [
    ...productStatements([...skus], skusOfOrders === undefined ? steppedOrders(commands) : []),
    { name: 'earlier-orders', text: selectEarlierOrders, values: [scopes, keys, orderIds] },
  ];
}

/** @param orderIds whose products are to be found too */
function productStatements(skus: readonly string[], orderIds: readonly string[]): readonly Statement[] {
  if (orderIds.length === 0)
    return [lockStock(skus), { name: 'batch-products', text: selectProducts, values: [skus] }];
  return [
    lockStockOfOrders(skus, orderIds),
    { name: 'batch-products-of-orders', text: selectProductsOfOrders, values: [skus, orderIds] },
  ];
}

interface ProductRow {
  readonly sku: string;
  readonly name: string;
  readonly price_cents: number;
  readonly active: boolean;
}

/** An order, or a key with the id of its order. */
type EarlierRow =
  | (OrderRow & { readonly scope: null })
  | {
      readonly scope: string;
      readonly idempotency_key: string;
      readonly fingerprint: string;
      readonly key_revision: number;
      readonly order_id: string;
    };

/**
 * From the answers to {@link snapshotStatements}.
 * @param rightsByKey of the keys that steps of the batch name
 */
export function toSnapshot(answers: readonly Answer[], rightsByKey: RightsByKey = noRights): BatchSnapshot {
  const [stock, catalog, earlier] = [answers.at(0), answers.at(-2), answers.at(-1)].map(
    (answer) => answer?.rows,
  );
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
  const ordersById = new Map<string, OrderHistory>();
  const earlierRows = (earlier ?? []) as unknown as readonly EarlierRow[];
  for (const row of earlierRows) {
    if (row.scope === null) ordersById.set(row.order_id, toHistory(row));
  }
  for (const row of earlierRows) {
    if (row.scope === null) continue;
    const history = ordersById.get(row.order_id);
    if (history === undefined) throw new Error('an idempotency key leads to no order; run `nozama verify`');
    const id = idempotencyId({ scope: row.scope, key: row.idempotency_key });
    ordersByKey.set(id, { fingerprint: row.fingerprint, order: orderAt(history, row.key_revision) });
  }
  return { products, ordersByKey, ordersById, rightsByKey };
}
