/** One batch, one durable transaction: snapshot, decide, apply, commit. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type Command,
  decideBatch,
  type KeyedOrder,
  keysOfGrants,
  linesToDecide,
  type Snapshot,
  type StockedProduct,
  type WriteSet,
} from '../../domain/decide-batch.ts';
import { type Order, orderNumberFirst } from '../../domain/order.ts';
import { type OrderHistory, orderAt } from '../../domain/order-event.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { idempotencyId } from '../../domain/submission.ts';
import { auditOfSteps, erasedSubjects } from '../step-audit.ts';
import { createRightsReader } from './access.ts';
import { createAppendAudit, createEraseAddresses } from './audit.ts';
import { beginWriting, rollBack } from './connection.ts';
import { createOrderHistories } from './order-histories.ts';
import { roomOf } from './row-room.ts';
import { type ProductRow, placedColumns, selectKey } from './rows.ts';
import { createStepWriter } from './step-writes.ts';

export type CommitBatch = (commands: readonly Command[]) => readonly Outcome[];

/**
 * `BEGIN IMMEDIATE` takes the write lock before the snapshot is read, so that nobody, in this process or
 * another, changes stock or keys between the reading and the commit.
 * @param onErased called after a commit that has erased a person
 */
export function createCommitBatch(db: DatabaseSync, onErased: () => void): CommitBatch {
  const beginImmediate = db.prepare('BEGIN IMMEDIATE');
  const begin = () => void beginImmediate.run();
  const commit = db.prepare('COMMIT');
  const readSnapshot = createSnapshotReader(db);
  const apply = createWriteSetWriter(db);
  const appendAudit = createAppendAudit(db);
  const eraseAddresses = createEraseAddresses(db);

  return (commands) => {
    if (commands.length === 0) return [];
    beginWriting(begin);
    try {
      const snapshot = readSnapshot(commands);
      const { outcomes, writeSet } = decideBatch(snapshot, commands);
      apply(writeSet, snapshot.counted);
      if (writeSet.events.length > 0) {
        appendAudit(auditOfSteps(commands, outcomes));
        eraseAddresses(erasedSubjects(writeSet));
      }
      commit.run();
      if (writeSet.erasedOrders.length > 0) onErased();
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
export interface CountedProduct {
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
  const selectKeyed = db.prepare(selectKey);
  const selectLastId = db.prepare('SELECT max(order_id) AS last FROM orders');
  const selectLastNumber = db.prepare('SELECT max(number) AS last FROM orders');
  const readRights = createRightsReader(db);
  const histories = createOrderHistories(db);

  function findKeyed(scope: string, key: string): KeyedOrder | null {
    const kept = selectKeyed.get(scope, key);
    if (kept === undefined) return null;
    const history = histories.byNumber(Number(kept['order_number']));
    if (history === null) throw new Error(`idempotency key without order ${kept['order_number']}`);
    return { fingerprint: String(kept['fingerprint']), order: orderAt(history, Number(kept['revision'])) };
  }

  return (commands: readonly Command[]): SqliteSnapshot => {
    const products = new Map<string, StockedProduct>();
    const counted = new Map<string, CountedProduct>();
    const ordersByKey = new Map<string, KeyedOrder>();
    const ordersById = new Map<string, OrderHistory>();
    const lastId = String(selectLastId.get()?.['last'] ?? '');
    for (const { orderId, idempotency } of commands) {
      if (idempotency !== null) {
        const keyed = findKeyed(idempotency.scope, idempotency.key);
        if (keyed !== null) ordersByKey.set(idempotencyId(idempotency), keyed);
      }
      // Ids grow with time, so nearly every new one is beyond all that are stored and needs no look-up.
      if (orderId <= lastId && !ordersById.has(orderId)) {
        const history = histories.byId(orderId);
        if (history !== null) ordersById.set(orderId, history);
      }
    }
    const asked = JSON.stringify([...skusOf(commands, ordersById)]);
    for (const row of selectStocked.all(asked) as unknown as StockedRow[]) {
      const { sku, name, price_cents, active, product_no, name_place, on_hand } = row;
      products.set(sku, { sku, name, priceCents: price_cents, onHand: on_hand, active: active === 1 });
      counted.set(sku, { productNo: product_no, nameRank: name_place });
    }
    const last = selectLastNumber.get()?.['last'];
    return {
      products,
      counted,
      ordersByKey,
      ordersById,
      rightsByKey: readRights(keysOfGrants(commands)),
      orderNumberNext: typeof last === 'number' ? last + 1 : orderNumberFirst,
    };
  };
}

/** Of submissions, and of the orders whose steps need their products. */
function skusOf(commands: readonly Command[], ordersById: Snapshot['ordersById']): ReadonlySet<string> {
  const skus = new Set<string>();
  for (const command of commands) {
    for (const { sku } of linesToDecide(command, ordersById.get(command.orderId))) skus.add(sku);
  }
  return skus;
}

function createWriteSetWriter(db: DatabaseSync) {
  const insertOrder = db.prepare(
    `INSERT INTO orders (${placedColumns}, spare) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertLine = db.prepare('INSERT INTO order_lines VALUES (?, ?, ?, ?, ?, ?, ?)');
  const insertKey = db.prepare('INSERT INTO idempotency_keys VALUES (?, ?, ?, ?)');
  // SQLite gives the entry one more than the highest position, and nobody else writes in between.
  const insertLogEntry = db.prepare(
    'INSERT INTO order_log (order_number, type, at_ms, revision) VALUES (?, ?, ?, ?)',
  );
  const takeStock = db.prepare('UPDATE stock SET on_hand = on_hand - ? WHERE sku = ?');
  const addPopularity = db.prepare(`
    INSERT INTO popularity (state, product_no, name_place, orders, units) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (state, product_no) DO UPDATE SET orders = orders + excluded.orders, units = units + excluded.units`);

  const writeSteps = createStepWriter(db);

  return (writeSet: WriteSet, counted: SqliteSnapshot['counted']): void => {
    const { orders, keys, log, stockTaken, popularityAdded } = writeSet;
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
    for (const { orderNumber, type, atMs, revision } of log)
      insertLogEntry.run(orderNumber, type, atMs, revision);
    for (const [sku, units] of stockTaken) takeStock.run(units, sku);
    for (const { state, sku, orders: count, units } of popularityAdded) {
      const product = counted.get(sku);
      if (product === undefined) throw new Error(`an order counts ${sku}, which the snapshot does not hold`);
      addPopularity.run(state, product.productNo, product.nameRank, count, units);
    }
    if (writeSet.events.length > 0) writeSteps(writeSet, counted);
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
    roomOf(order),
  );
}
