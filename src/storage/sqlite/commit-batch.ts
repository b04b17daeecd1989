/** One batch, one durable transaction: snapshot, decide, apply, commit. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  decideBatch,
  idempotencyId,
  type KeyedOrder,
  type Snapshot,
  type StockedProduct,
  type WriteSet,
} from '../../domain/decide-batch.ts';
import { type Order, orderNumberFirst } from '../../domain/order.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Submission } from '../../domain/submission.ts';
import { rollBack } from './connection.ts';
import {
  type OrderLineRow,
  type OrderRow,
  orderColumns,
  type ProductRow,
  selectOrderLines,
  toOrder,
} from './rows.ts';

export type CommitBatch = (submissions: readonly Submission[]) => readonly Outcome[];

/**
 * `BEGIN IMMEDIATE` takes the write lock before the snapshot is read, so that nobody, in this process or
 * another, changes stock or keys between the reading and the commit.
 */
export function createCommitBatch(db: DatabaseSync): CommitBatch {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const readSnapshot = createSnapshotReader(db);
  const apply = createWriteSetWriter(db);

  return (submissions) => {
    if (submissions.length === 0) return [];
    begin.run();
    try {
      const snapshot = readSnapshot(submissions);
      const { outcomes, writeSet } = decideBatch(snapshot, submissions);
      apply(writeSet, snapshot.counted);
      commit.run();
      return outcomes;
    } catch (error) {
      rollBack(db);
      throw error;
    }
  };
}

type StockedRow = Pick<ProductRow, 'sku' | 'name' | 'price_cents' | 'active' | 'on_hand'> & {
  readonly product_no: number;
  readonly name_place: number;
};

/** How the counters know a product. */
interface CountedProduct {
  readonly productNo: number;
  readonly nameRank: number;
}

interface SqliteSnapshot extends Snapshot {
  /** The same products, by SKU. */
  readonly counted: ReadonlyMap<string, CountedProduct>;
}

function createSnapshotReader(db: DatabaseSync) {
  const selectStocked = db.prepare(`
    SELECT products.sku, name, price_cents, active, product_no, name_place, on_hand
    FROM json_each(?) AS asked
    CROSS JOIN products ON products.sku = asked.value
    CROSS JOIN stock ON stock.sku = asked.value`);
  const selectKey = db.prepare(
    'SELECT fingerprint, order_number FROM idempotency_keys WHERE scope = ? AND idempotency_key = ?',
  );
  const selectByNumber = db.prepare(`SELECT ${orderColumns} FROM orders WHERE number = ?`);
  const selectById = db.prepare(`SELECT ${orderColumns} FROM orders WHERE order_id = ?`);
  const selectLines = db.prepare(selectOrderLines);
  const selectLastId = db.prepare('SELECT max(order_id) AS last FROM orders');
  const selectLastNumber = db.prepare('SELECT max(number) AS last FROM orders');

  function completeOrder(row: unknown): Order | null {
    if (row === undefined) return null;
    const orderRow = row as OrderRow;
    return toOrder(orderRow, selectLines.all(orderRow.number) as unknown as OrderLineRow[]);
  }

  return (submissions: readonly Submission[]): SqliteSnapshot => {
    const products = new Map<string, StockedProduct>();
    const counted = new Map<string, CountedProduct>();
    const skus = new Set(submissions.flatMap(({ lines }) => lines.map(({ sku }) => sku)));
    for (const row of selectStocked.all(JSON.stringify([...skus])) as unknown as StockedRow[]) {
      const { sku, name, price_cents, active, product_no, name_place, on_hand } = row;
      products.set(sku, { sku, name, priceCents: price_cents, onHand: on_hand, active: active === 1 });
      counted.set(sku, { productNo: product_no, nameRank: name_place });
    }
    const ordersByKey = new Map<string, KeyedOrder>();
    const ordersById = new Map<string, Order>();
    const lastId = String(selectLastId.get()?.['last'] ?? '');
    for (const { orderId, idempotency } of submissions) {
      if (idempotency !== null) {
        const key = selectKey.get(idempotency.scope, idempotency.key);
        if (key !== undefined) {
          const order = completeOrder(selectByNumber.get(Number(key['order_number'])));
          if (order === null) throw new Error(`idempotency key without order ${key['order_number']}`);
          ordersByKey.set(idempotencyId(idempotency), { fingerprint: String(key['fingerprint']), order });
        }
      }
      // Ids grow with time, so nearly every new one is beyond all that are stored and needs no look-up.
      if (orderId <= lastId) {
        const order = completeOrder(selectById.get(orderId));
        if (order !== null) ordersById.set(orderId, order);
      }
    }
    const last = selectLastNumber.get()?.['last'];
    return {
      products,
      counted,
      ordersByKey,
      ordersById,
      orderNumberNext: typeof last === 'number' ? last + 1 : orderNumberFirst,
    };
  };
}

function createWriteSetWriter(db: DatabaseSync) {
  const insertOrder = db.prepare(
    `INSERT INTO orders (${orderColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertLine = db.prepare('INSERT INTO order_lines VALUES (?, ?, ?, ?, ?, ?, ?)');
  const insertKey = db.prepare('INSERT INTO idempotency_keys VALUES (?, ?, ?, ?)');
  // SQLite gives the entry one more than the highest position, and nobody else writes in between.
  const insertLogEntry = db.prepare('INSERT INTO order_log (order_number, type, at_ms) VALUES (?, ?, ?)');
  const takeStock = db.prepare('UPDATE stock SET on_hand = on_hand - ? WHERE sku = ?');
  const addPopularity = db.prepare(`
    INSERT INTO popularity (state, product_no, name_place, orders, units) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (state, product_no) DO UPDATE SET orders = orders + excluded.orders, units = units + excluded.units`);

  return (
    { orders, keys, log, stockTaken, popularityAdded }: WriteSet,
    counted: SqliteSnapshot['counted'],
  ): void => {
    for (const order of orders) insertOrderRow(insertOrder, order);
    for (const { number, lines } of orders) {
      for (let i = 0; i < lines.length; i += 1) {
        const line = lines[i];
        if (line === undefined) continue;
        insertLine.run(
          number,
          i,
          line.sku,
          line.name,
          line.quantity,
          line.unitPriceCents,
          line.lineTotalCents,
        );
      }
    }
    for (const { scope, key, fingerprint, orderNumber } of keys)
      insertKey.run(scope, key, fingerprint, orderNumber);
    for (const { orderNumber, type, atMs } of log) insertLogEntry.run(orderNumber, type, atMs);
    for (const [sku, units] of stockTaken) takeStock.run(units, sku);
    for (const { state, sku, orders: count, units } of popularityAdded) {
      const product = counted.get(sku);
      if (product === undefined) throw new Error(`an order counts ${sku}, which the snapshot does not hold`);
      addPopularity.run(state, product.productNo, product.nameRank, count, units);
    }
  };
}

function insertOrderRow(insert: StatementSync, order: Order): void {
  insert.run(
    order.number,
    order.orderId,
    order.status,
    order.placedAtMs,
    order.customerName,
    order.streetAddress,
    order.city,
    order.state,
    order.zipCode,
    order.email,
    order.totalCents,
  );
}
