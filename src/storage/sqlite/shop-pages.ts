/** The pages of a shop that is copied. */
import type { DatabaseSync } from 'node:sqlite';
import type { UsState } from '../../domain/us-state.ts';
import type { StoredAuditRow } from '../audit-log.ts';
import type { PositionedLogEntry } from '../order-store.ts';
import {
  type Cursor,
  type KeyOfOrder,
  pageImagesMax,
  pageRowsMax,
  type SectionName,
  type ShopPage,
  type ShopReader,
} from '../shop-transfer.ts';
import { type ApiKeyRow, apiKeyColumns, toApiKey } from './access.ts';
import { auditColumns } from './audit.ts';
import { type ProductChangeRow, selectProductChanges, toProductEntry } from './product-log.ts';
import {
  type EventRow,
  type ImageRow,
  imageColumns,
  type MovementRow,
  movementColumns,
  type OrderLineRow,
  type OrderRow,
  orderColumns,
  type ProductRow,
  revisionOfKey,
  selectProducts,
  toEvent,
  toImage,
  toMovement,
  toPlacedOrder,
  toProduct,
} from './rows.ts';

interface CounterRow {
  readonly state: UsState;
  readonly product_no: number;
  readonly sku: string;
  readonly name: string;
  readonly orders: number;
  readonly units: number;
}

type EventOfOrderRow = EventRow & { readonly order_number: number; readonly order_id: string };

type SecretKeyRow = ApiKeyRow & { readonly secret_hash: string };

type NumberedLineRow = OrderLineRow & { readonly order_number: number };

/** CROSS JOIN keeps SQLite from turning a join around: the section's own key must lead. */
function prepareSections(db: DatabaseSync) {
  return {
    productChanges: db.prepare(
      `${selectProductChanges} WHERE position > ? ORDER BY position LIMIT ${pageRowsMax}`,
    ),
    products: db.prepare(`${selectProducts} WHERE sku > ? ORDER BY sku LIMIT ${pageRowsMax}`),
    images: db.prepare(`
    SELECT ${imageColumns} FROM product_images WHERE hash > ? ORDER BY hash LIMIT ${pageImagesMax}`),
    movements: db.prepare(`
    SELECT ${movementColumns} FROM stock_movements
    WHERE movement_id > ? ORDER BY movement_id LIMIT ${pageRowsMax}`),
    orders: db.prepare(`
    SELECT ${orderColumns} FROM orders WHERE number > ? ORDER BY number LIMIT ${pageRowsMax}`),
    lines: db.prepare(`
    SELECT order_number, sku, name, quantity, unit_price_cents, line_total_cents FROM order_lines
    WHERE order_number BETWEEN ? AND ? ORDER BY order_number, line_index`),
    events: db.prepare(`
    SELECT order_number, order_id, event_id, order_events.revision, type, at_ms, actor, data
    FROM order_events CROSS JOIN orders ON orders.number = order_number
    WHERE (order_number, order_events.revision) > (?, ?)
    ORDER BY order_number, order_events.revision LIMIT ${pageRowsMax}`),
    keys: db.prepare(`
    SELECT scope, idempotency_key AS key, fingerprint, order_id AS orderId, ${revisionOfKey} AS revision
    FROM idempotency_keys CROSS JOIN orders ON orders.number = order_number
    WHERE (scope, idempotency_key) > (?, ?) ORDER BY scope, idempotency_key LIMIT ${pageRowsMax}`),
    log: db.prepare(`
    SELECT position, order_number AS orderNumber, order_id AS orderId, order_log.revision, type, at_ms AS atMs
    FROM order_log CROSS JOIN orders ON orders.number = order_number
    WHERE position > ? ORDER BY position LIMIT ${pageRowsMax}`),
    apiKeys: db.prepare(`
    SELECT secret_hash, ${apiKeyColumns} FROM api_keys WHERE key_id > ? ORDER BY key_id LIMIT ${pageRowsMax}`),
    audit: db.prepare(`
    SELECT ${auditColumns} FROM audit_log WHERE position > ? ORDER BY position LIMIT ${pageRowsMax}`),
    counters: db.prepare(`
    SELECT state, popularity.product_no, sku, name, orders, units
    FROM popularity CROSS JOIN products ON products.product_no = popularity.product_no
    WHERE (state, popularity.product_no) > (?, ?) ORDER BY state, popularity.product_no LIMIT ${pageRowsMax}`),
  };
}

function toCounterPage(rows: readonly CounterRow[]): Extract<ShopPage, { section: 'counters' }> {
  const last = rows.at(-1);
  return {
    section: 'counters',
    rows: rows.map(({ product_no: _, ...counter }) => counter),
    end: [last?.state ?? '', last?.product_no ?? 0],
  };
}

function toEventPage(rows: readonly EventOfOrderRow[]): Extract<ShopPage, { section: 'events' }> {
  const last = rows.at(-1);
  return {
    section: 'events',
    rows: rows.map((row) => ({ ...toEvent(row), orderId: row.order_id, orderNumber: row.order_number })),
    end: [last?.order_number ?? 0, last?.revision ?? 0],
  };
}

function toKeyPage(rows: readonly KeyOfOrder[]): Extract<ShopPage, { section: 'keys' }> {
  const last = rows.at(-1);
  return { section: 'keys', rows, end: [last?.scope ?? '', last?.key ?? ''] };
}

function toApiKeyPage(rows: readonly SecretKeyRow[]): Extract<ShopPage, { section: 'apiKeys' }> {
  return {
    section: 'apiKeys',
    rows: rows.map((row) => ({ ...toApiKey(row), secretHash: row.secret_hash })),
    end: [rows.at(-1)?.key_id ?? ''],
  };
}

type Sections = ReturnType<typeof prepareSections>;

function readOrders({ orders, lines }: Sections, after: Cursor): Extract<ShopPage, { section: 'orders' }> {
  const rows = orders.all(after?.[0] ?? 0) as unknown as OrderRow[];
  const first = rows[0]?.number ?? 0;
  const last = rows.at(-1)?.number ?? 0;
  const linesOf = new Map<number, OrderLineRow[]>(rows.map(({ number }) => [number, []]));
  if (rows.length > 0) {
    for (const line of lines.all(first, last) as unknown as NumberedLineRow[])
      linesOf.get(line.order_number)?.push(line);
  }
  return {
    section: 'orders',
    rows: rows.map((row) => ({
      ...toPlacedOrder(row, linesOf.get(row.number) ?? []),
      status: row.status,
      revision: row.revision,
    })),
    end: [last],
  };
}

export function createPages(db: DatabaseSync): ShopReader['readPage'] {
  const sections = prepareSections(db);

  return (section: SectionName, after: Cursor): ShopPage => {
    /** @param lowest a key below all of the section */
    const rowsAfter = <Row>(...lowest: readonly (string | number)[]) =>
      sections[section].all(...(after ?? lowest)) as unknown as readonly Row[];
    switch (section) {
      case 'productChanges': {
        const rows = rowsAfter<ProductChangeRow>(0);
        return { section, rows: rows.map(toProductEntry), end: [rows.at(-1)?.position ?? 0] };
      }
      case 'products': {
        const rows = rowsAfter<ProductRow>('');
        return { section, rows: rows.map(toProduct), end: [rows.at(-1)?.sku ?? ''] };
      }
      case 'images': {
        const rows = rowsAfter<ImageRow>('');
        return { section, rows: rows.map(toImage), end: [rows.at(-1)?.hash ?? ''] };
      }
      case 'movements': {
        const rows = rowsAfter<MovementRow>(0);
        return { section, rows: rows.map(toMovement), end: [rows.at(-1)?.movement_id ?? 0] };
      }
      case 'orders':
        return readOrders(sections, after);
      case 'events':
        return toEventPage(rowsAfter(0, 0));
      case 'keys':
        return toKeyPage(rowsAfter('', ''));
      case 'log': {
        const rows = rowsAfter<PositionedLogEntry>(0);
        return { section, rows, end: [rows.at(-1)?.position ?? 0] };
      }
      case 'apiKeys':
        return toApiKeyPage(rowsAfter(''));
      case 'audit': {
        const rows = rowsAfter<StoredAuditRow>(0);
        return { section, rows, end: [rows.at(-1)?.position ?? 0] };
      }
      case 'counters':
        return toCounterPage(rowsAfter('', 0));
    }
  };
}
