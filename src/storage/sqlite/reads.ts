/** Everything that is read outside the order transaction. Write-ahead logging lets it run beside a commit. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { KeyedOrder, LogEntry } from '../../domain/decide-batch.ts';
import type { Order } from '../../domain/order.ts';
import { type OrderHistory, orderAt } from '../../domain/order-event.ts';
import { composedName, type Product } from '../../domain/product.ts';
import type { ProductImage } from '../../domain/product-image.ts';
import type { Idempotency } from '../../domain/submission.ts';
import { type TopProduct, topProductsMax } from '../../domain/top-products.ts';
import type { UsState } from '../../domain/us-state.ts';
import type { Confirmation, MovementPage, PositionedLogEntry, ProductPage } from '../order-store.ts';
import { createOrderHistories } from './order-histories.ts';
import { createOrderList } from './order-list.ts';
import { createProductSearch } from './product-search.ts';
import {
  type ImageRow,
  imageColumns,
  type MovementRow,
  movementColumns,
  type OrderRow,
  orderColumns,
  type PicturedOrderLineRow,
  type ProductRow,
  selectKey,
  selectPicturedOrderLines,
  selectProducts,
  toImage,
  toMovement,
  toPlacedOrder,
  toProduct,
} from './rows.ts';
import type { SharedRead } from './shared-read.ts';

export function createReads(db: DatabaseSync, sharedRead: SharedRead) {
  const topProducts = createRanking(db);
  return {
    ...createOrderReads(db, sharedRead, topProducts),
    ...createLogReads(db),
    ...createOrderList(db, sharedRead),
    ...createProductReads(db),
    ...createProductSearch(db, sharedRead),
    topProducts,
  };
}

type TopProducts = (state: UsState, limit: number) => readonly TopProduct[];

function createOrderReads(db: DatabaseSync, sharedRead: SharedRead, topProducts: TopProducts) {
  const selectOrder = db.prepare(`SELECT ${orderColumns} FROM orders WHERE order_id = ?`);
  const selectKeyed = db.prepare(selectKey);
  const selectPicturedLines = db.prepare(selectPicturedOrderLines);
  const histories = createOrderHistories(db);

  /** Another process may have stored it since the turn's moment, so that one is renewed before it is missed. */
  function findOrderRow(orderId: string): OrderRow | undefined {
    let row = selectOrder.get(orderId);
    if (row === undefined && sharedRead.renew()) row = selectOrder.get(orderId);
    return row as OrderRow | undefined;
  }

  function findOrderWithEvents(orderId: string): OrderHistory | null {
    const row = findOrderRow(orderId);
    return row === undefined ? null : histories.of(row);
  }

  return {
    findOrderWithEvents,

    /** Another process may have stored it since the turn's moment, as in {@link findOrderRow}. */
    findHistoryByNumber(number: number): OrderHistory | null {
      const history = histories.byNumber(number);
      return history === null && sharedRead.renew() ? histories.byNumber(number) : history;
    },

    findOrder(orderId: string): Order | null {
      const history = findOrderWithEvents(orderId);
      return history === null ? null : orderAt(history);
    },

    /** Another process may have stored it since the turn's moment, as in {@link findOrderRow}. */
    findOrderByKey({ scope, key }: Pick<Idempotency, 'scope' | 'key'>): KeyedOrder | null {
      let kept = selectKeyed.get(scope, key);
      if (kept === undefined && sharedRead.renew()) kept = selectKeyed.get(scope, key);
      const history = kept === undefined ? null : histories.byNumber(Number(kept['order_number']));
      if (kept === undefined || history === null) return null;
      const order = orderAt(history, Number(kept['revision']));
      return { fingerprint: String(kept['fingerprint']), order };
    },

    /** One transaction, so that both are of one moment. */
    findConfirmation(orderId: string, topLimit: number): Confirmation | null {
      return sharedRead.read(() => {
        const row = findOrderRow(orderId);
        if (row === undefined) return null;
        const lines = selectPicturedLines.all(row.number) as unknown as PicturedOrderLineRow[];
        const events = histories.eventsOf(row);
        return {
          order: orderAt({ placed: toPlacedOrder(row, lines), events }),
          events,
          lineImageUrls: lines.map(({ image_url }) => image_url),
          topProducts: topProducts(row.state, topLimit),
        };
      });
    },
  };
}

function createLogReads(db: DatabaseSync) {
  const selectLog = db.prepare(`
    SELECT position, order_number, order_id, order_log.revision, type, at_ms
    FROM order_log JOIN orders ON orders.number = order_number
    WHERE position > ? ORDER BY position LIMIT ?`);

  return {
    readOrderLog(afterPosition: number, limit: number): readonly PositionedLogEntry[] {
      const rows = selectLog.all(afterPosition, limit) as unknown as LogRow[];
      return rows.map((row) => ({
        position: row.position,
        orderNumber: row.order_number,
        orderId: row.order_id,
        revision: row.revision,
        type: row.type,
        atMs: row.at_ms,
      }));
    },
  };
}

function createRanking(db: DatabaseSync): TopProducts {
  const selectByLimit = new Map<number, StatementSync>();
  return (state, limit) => {
    let select = selectByLimit.get(limit);
    if (select === undefined) {
      select = db.prepare(topProductsSql(limit));
      selectByLimit.set(limit, select);
    }
    const rows = select.all(state) as unknown as TopProductRow[];
    return rows.map(({ sku, name, image_url, orders, units }, index) => ({
      rank: index + 1,
      sku,
      name,
      imageUrl: image_url,
      orders,
      units,
    }));
  };
}

function createProductReads(db: DatabaseSync) {
  const selectProduct = db.prepare(`${selectProducts} WHERE sku = ?`);
  const selectBySku = db.prepare(`${selectProducts} WHERE sku IN (SELECT value FROM json_each(?))`);
  const selectProductByName = db.prepare(
    `${selectProducts} WHERE name = ? ORDER BY active DESC, sku LIMIT 1`,
  );
  const selectPage = db.prepare(`${selectProducts} WHERE sku > ? ORDER BY sku LIMIT ?`);
  const selectActivePage = db.prepare(`${selectProducts} WHERE sku > ? AND active = 1 ORDER BY sku LIMIT ?`);

  const selectMovements = db.prepare(`
    SELECT ${movementColumns} FROM stock_movements
    WHERE sku BETWEEN ?1 AND ?1 AND movement_id < ?2 ORDER BY sku DESC, movement_id DESC LIMIT ?3`);
  const selectImage = db.prepare(`SELECT ${imageColumns} FROM product_images WHERE hash = ?`);

  function page(select: StatementSync, afterSku: string | null, limit: number): ProductPage {
    const rows = select.all(afterSku ?? '', limit + 1) as unknown as ProductRow[];
    return { products: rows.slice(0, limit).map(toProduct), hasMore: rows.length > limit };
  }

  return {
    findProduct(sku: string): Product | null {
      const row = selectProduct.get(sku);
      return row === undefined ? null : toProduct(row as unknown as ProductRow);
    },

    findProductsBySku(skus: readonly string[]): ReadonlyMap<string, Product> {
      const rows = selectBySku.all(JSON.stringify(skus)) as unknown as readonly ProductRow[];
      return new Map(rows.map((row) => [row.sku, toProduct(row)]));
    },

    findProductByName(name: string): Product | null {
      const row = selectProductByName.get(composedName(name));
      return row === undefined ? null : toProduct(row as unknown as ProductRow);
    },

    listProducts: (afterSku: string | null, limit: number) => page(selectPage, afterSku, limit),
    listActiveProducts: (afterSku: string | null, limit: number) => page(selectActivePage, afterSku, limit),

    listStockMovements(sku: string, before: number | null, limit: number): MovementPage {
      const rows = selectMovements.all(sku, before ?? Number.MAX_SAFE_INTEGER, limit + 1);
      const movements = (rows.slice(0, limit) as unknown as MovementRow[]).map(toMovement);
      return { movements, hasMore: rows.length > limit };
    },

    findImage(hash: string): ProductImage | null {
      const row = selectImage.get(hash);
      return row === undefined ? null : toImage(row as unknown as ImageRow);
    },
  };
}

/**
 * The ranking comes from the index in its order; CROSS JOIN keeps SQLite from turning the join around. The
 * limit is part of the statement, and the state a range of one, for the reason given at selectOrderLines.
 */
function topProductsSql(limit: number): string {
  if (!Number.isInteger(limit) || limit < 1 || limit > topProductsMax) {
    throw new RangeError(`a ranking has 1 to ${topProductsMax} products, not ${limit}`);
  }
  return `
    SELECT products.sku, products.name, products.image_url, p.orders, p.units
    FROM popularity AS p INDEXED BY popularity_ranking
    CROSS JOIN products ON products.product_no = p.product_no
    WHERE p.state BETWEEN ?1 AND ?1 AND p.is_active = 1
    ORDER BY p.state, p.orders DESC, p.units DESC, p.name_place
    LIMIT ${limit}`;
}

interface TopProductRow {
  readonly sku: string;
  readonly name: string;
  readonly image_url: string;
  readonly orders: number;
  readonly units: number;
}

interface LogRow {
  readonly position: number;
  readonly order_number: number;
  readonly order_id: string;
  readonly revision: number;
  readonly type: LogEntry['type'];
  readonly at_ms: number;
}
