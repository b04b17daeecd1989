/** Everything that is read outside the order transaction, one round trip each. */
import type { KeyedOrder, LogEntry } from '../../domain/decide-batch.ts';
import { orderAt } from '../../domain/order-event.ts';
import { composedName, type Product } from '../../domain/product.ts';
import type { ProductImage } from '../../domain/product-image.ts';
import type { Idempotency } from '../../domain/submission.ts';
import { type TopProduct, topProductsMax } from '../../domain/top-products.ts';
import type { UsState } from '../../domain/us-state.ts';
import type { MovementPage, PositionedLogEntry, ProductPage } from '../order-store.ts';
import { createConfirmations } from './confirmations.ts';
import { createOrderList } from './order-list.ts';
import { createProductSearch } from './product-search.ts';
import { popularityOrder } from './ranking.ts';
import {
  type ImageRow,
  isStorable,
  type MovementRow,
  movementColumns,
  type ProductRow,
  selectProducts,
  toImage,
  toMovement,
  toProduct,
} from './rows.ts';
import type { SharedPool } from './shared-pool.ts';

/** Reads the few ranked counters: their number depends on neither orders nor products. */
const selectTop = `
  SELECT best.sku, best.name, products.image_url, best.orders, best.units
  FROM (SELECT sku, name, orders, units FROM popularity
    WHERE state = $1 AND ranked_at_ms IS NOT NULL ORDER BY ${popularityOrder} LIMIT $2::integer) AS best
  JOIN products ON products.sku = best.sku
  ORDER BY best.orders DESC, best.units DESC, best.name, best.sku`;

const selectKey =
  'SELECT fingerprint, order_id, revision FROM idempotency_keys WHERE scope = $1 AND idempotency_key = $2';

const selectLog = `
  SELECT position, order_id, order_number, revision, type, at_ms FROM order_log
  WHERE position > $1::bigint ORDER BY position LIMIT $2::integer`;

const selectMovements = `
  SELECT ${movementColumns} FROM stock_movements
  WHERE sku = $1 AND movement_id < $2::bigint ORDER BY sku DESC, movement_id DESC LIMIT $3::integer`;

const selectImage = 'SELECT hash, media_type, width, height, bytes FROM product_images WHERE hash = $1';

export function createReads(pool: SharedPool) {
  const { ask, assertOpen } = pool;
  const orders = createConfirmations(ask, assertOpen);

  return {
    ...orders,
    ...createOrderList(pool),
    ...createProductReads(pool),
    ...createProductSearch(pool),

    /** Each table by itself, as keys and orders may be on different machines (docs/decisions/0018). */
    async findOrderByKey({ scope, key }: Pick<Idempotency, 'scope' | 'key'>): Promise<KeyedOrder | null> {
      const { rows } = await ask({ name: 'order-of-key', text: selectKey, values: [scope, key] });
      const [kept] = rows as unknown as readonly {
        readonly fingerprint: string;
        readonly order_id: string;
        readonly revision: number;
      }[];
      const history = kept === undefined ? null : await orders.findOrderWithEvents(kept.order_id);
      if (kept === undefined || history === null) return null;
      return { fingerprint: kept.fingerprint, order: orderAt(history, kept.revision) };
    },

    async topProducts(state: UsState, limit: number): Promise<readonly TopProduct[]> {
      if (!Number.isInteger(limit) || limit < 1 || limit > topProductsMax) {
        throw new RangeError(`a ranking has 1 to ${topProductsMax} products, not ${limit}`);
      }
      const { rows } = await ask({ name: 'top-products', text: selectTop, values: [state, limit] });
      return (rows as unknown as readonly TopProductRow[]).map((row, index) => ({
        rank: index + 1,
        sku: row.sku,
        name: row.name,
        imageUrl: row.image_url,
        orders: row.orders,
        units: row.units,
      }));
    },

    async readOrderLog(afterPosition: number, limit: number): Promise<readonly PositionedLogEntry[]> {
      const { rows } = await ask({ name: 'order-log', text: selectLog, values: [afterPosition, limit] });
      return (rows as unknown as readonly LogRow[]).map((row) => ({
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

function createProductReads({ ask, assertOpen }: SharedPool) {
  async function products(name: string, where: string, values: readonly unknown[]) {
    const { rows } = await ask({ name, text: `${selectProducts} ${where}`, values });
    return (rows as unknown as readonly ProductRow[]).map(toProduct);
  }

  async function page(
    name: string,
    filter: string,
    afterSku: string | null,
    limit: number,
  ): Promise<ProductPage> {
    const where = `WHERE products.sku > $1 ${filter} ORDER BY products.sku LIMIT $2::integer`;
    // No SKU holds a NUL, and it sorts before everything: what comes after it comes after what is before it.
    const [after = ''] = (afterSku ?? '').split('\0');
    const found = await products(name, where, [after, limit + 1]);
    return { products: found.slice(0, limit), hasMore: found.length > limit };
  }

  return {
    async findProduct(sku: string): Promise<Product | null> {
      assertOpen();
      if (!isStorable(sku)) return null;
      return (await products('product', 'WHERE products.sku = $1', [sku]))[0] ?? null;
    },

    async findProductsBySku(skus: readonly string[]): Promise<ReadonlyMap<string, Product>> {
      assertOpen();
      const where = 'WHERE products.sku = ANY($1::text[])';
      const found = await products('products-by-sku', where, [skus.filter(isStorable)]);
      return new Map(found.map((product) => [product.sku, product]));
    },

    async findProductByName(name: string): Promise<Product | null> {
      assertOpen();
      if (!isStorable(name)) return null;
      const where = 'WHERE name = $1 ORDER BY active DESC, products.sku LIMIT 1';
      return (await products('product-by-name', where, [composedName(name)]))[0] ?? null;
    },

    listProducts: (afterSku: string | null, limit: number) => page('products', '', afterSku, limit),
    listActiveProducts: (afterSku: string | null, limit: number) =>
      page('active-products', 'AND active', afterSku, limit),

    async listStockMovements(sku: string, before: number | null, limit: number): Promise<MovementPage> {
      assertOpen();
      if (!isStorable(sku)) return { movements: [], hasMore: false };
      const values = [sku, before ?? Number.MAX_SAFE_INTEGER, limit + 1];
      const { rows } = await ask({ name: 'stock-movements', text: selectMovements, values });
      const movements = (rows.slice(0, limit) as unknown as readonly MovementRow[]).map(toMovement);
      return { movements, hasMore: rows.length > limit };
    },

    async findImage(hash: string): Promise<ProductImage | null> {
      assertOpen();
      if (!isStorable(hash)) return null;
      const { rows } = await ask({ name: 'image', text: selectImage, values: [hash] });
      const [row] = rows as unknown as readonly ImageRow[];
      return row === undefined ? null : toImage(row);
    },
  };
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
  readonly order_id: string;
  readonly order_number: number;
  readonly revision: number;
  readonly type: LogEntry['type'];
  readonly at_ms: number;
}
