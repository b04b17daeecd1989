/**
 * Reads a whole shop, page by page, from a file that no other program has open.
 *
 * Trades copying a shop while it sells for one moment that lasts: SQLite's exclusive locking mode keeps every
 * other connection out, so that a service must be stopped first, and none can be started meanwhile. A reader
 * that is killed leaves the file as it was. Always holds: nothing is written.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { UsState } from '../../domain/us-state.ts';
import type { StoredAuditRow } from '../audit-log.ts';
import { DatabaseRefusedError } from '../engine.ts';
import type { PositionedLogEntry } from '../order-store.ts';
import {
  CopyRefusedError,
  type Cursor,
  figureNames,
  type KeyOfOrder,
  pageImagesMax,
  pageRowsMax,
  type SectionName,
  type ShopFigures,
  type ShopPage,
  type ShopReader,
} from '../shop-transfer.ts';
import { type ApiKeyRow, apiKeyColumns, toApiKey } from './access.ts';
import { auditColumns, createAuditReads } from './audit.ts';
import { cannotOpen, notFound, openConnection } from './connection.ts';
import { assertCurrentSchema } from './migrate.ts';
import { orderKeyFile, readOrderKeySecret } from './order-key-file.ts';
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

/** For a reader that only looks at the file for a moment. */
const lockWaitMs = 2_000;

const cacheKib = 65_536;

/** @throws DatabaseRefusedError, CopyRefusedError */
export function openSqliteShopReader(file: string): ShopReader {
  if (!existsSync(file)) throw notFound(file);
  assertOurs(file);
  const db = openForOurselves(file);
  try {
    const figures = readFigures(db);
    const readPage = createPages(db);
    const orderKeySecretAt = orderKeyFile(file);
    return {
      figures,
      identity: identityOf(db, figures),
      auditHead: createAuditReads(db).readAuditHead(),
      readPage,
      readOrderKeySecret: () => readOrderKeySecret(orderKeySecretAt),
      orderKeySecretAt,
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Before anything is locked: another program's file, or one of another schema, is not touched. */
function assertOurs(file: string): void {
  try {
    const db = openConnection({ file, readOnly: true, cacheKib });
    try {
      assertCurrentSchema(db);
    } finally {
      db.close();
    }
  } catch (error) {
    throw toRefusal(file, error);
  }
}

function openForOurselves(file: string): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: lockWaitMs });
    // Said before the file is first read, else the mode would wait for a write (sqlite.org/wal.html, "noshm").
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -${cacheKib}; PRAGMA trusted_schema = OFF`);
    db.exec('BEGIN IMMEDIATE');
    return db;
  } catch (error) {
    db?.close();
    throw toRefusal(file, error);
  }
}

function toRefusal(file: string, error: unknown): Error {
  if (error instanceof DatabaseRefusedError) return error;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const [busy, locked] = [5, 6];
  if (code === busy || code === locked) {
    return new CopyRefusedError(
      `${file} is in use: stop the service, or whatever else has it open, and copy then; a shop that sells while it is moved would lose orders.`,
    );
  }
  return cannotOpen(file, error);
}

function readText(db: DatabaseSync, sql: string): Record<string, string> {
  const row = db.prepare(sql).get() ?? {};
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]));
}

/** Each table is read once. Sums are text, so that they may be beyond 2^53. */
function readFigures(db: DatabaseSync): ShopFigures {
  const sum = (expression: string) => `CAST(coalesce(sum(${expression}), 0) AS TEXT)`;
  const found: Readonly<Record<string, string>> = {
    ...readText(db, 'SELECT count(*) AS "products" FROM products'),
    ...readText(db, `SELECT ${sum('on_hand')} AS "units on hand" FROM stock`),
    ...readText(
      db,
      `SELECT count(*) AS "pictures", ${sum('length(bytes)')} AS "bytes of pictures" FROM product_images`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "stock movements", ${sum('units')} AS "units moved" FROM stock_movements`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "orders", ${sum('number')} AS "sum of order numbers",
        ${sum('placed_at_ms')} AS "sum of order times", ${sum('total_cents')} AS "sum of totals in cents",
        ${sum(`length(customer_name) + length(street_address) + coalesce(length(city), 0)
          + length(zip_code) + coalesce(length(email), 0)`)} AS "letters of names and addresses",
        ${sum('revision')} AS "sum of order revisions"
      FROM orders`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "steps of orders", ${sum('at_ms')} AS "sum of step times",
        ${sum('length(actor)')} AS "letters of actors" FROM order_events`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "order lines", ${sum('quantity')} AS "units ordered",
        ${sum('line_total_cents')} AS "sum of line totals in cents" FROM order_lines`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "idempotency keys",
        ${sum('length(scope) + length(idempotency_key) + length(fingerprint)')} AS "letters of keys and fingerprints"
      FROM idempotency_keys`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "log entries", coalesce(max(position), 0) AS "last log position",
        ${sum('at_ms')} AS "sum of log times" FROM order_log`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "popularity counters", ${sum('orders')} AS "orders counted",
        ${sum('units')} AS "units counted" FROM popularity`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "API keys",
        ${sum('length(name) + length(secret_hash) + length(scopes)')} AS "letters of API keys" FROM api_keys`,
    ),
    ...readText(
      db,
      `SELECT count(*) AS "audit entries", ${sum('length(entry) + length(hash)')} AS "letters of audit entries"
      FROM audit_log`,
    ),
    ...readText(db, 'SELECT position AS "position of the audit head" FROM audit_head'),
  };
  const figures = figureNames.map((name) => {
    const figure = found[name];
    if (figure === undefined) throw new Error(`the source does not count ${name}`);
    return [name, figure];
  });
  return Object.fromEntries(figures) as ShopFigures;
}

/**
 * The figures, the last order, and every word of the catalogue: orders and steps are only ever added, but products
 * are changed.
 */
function identityOf(db: DatabaseSync, figures: ShopFigures): string {
  const digest = createHash('sha256');
  digest.update(JSON.stringify(figures));
  digest.update(JSON.stringify(db.prepare('SELECT min(order_id), max(order_id) FROM orders').get() ?? null));
  for (const row of db.prepare(`${selectProducts} ORDER BY sku`).iterate())
    digest.update(JSON.stringify(row));
  return digest.digest('hex');
}

interface CounterRow {
  readonly state: UsState;
  readonly product_no: number;
  readonly sku: string;
  readonly name: string;
  readonly orders: number;
  readonly units: number;
}

type EventOfOrderRow = EventRow & { readonly order_number: number; readonly order_id: string };

type NumberedLineRow = OrderLineRow & { readonly order_number: number };

/** CROSS JOIN keeps SQLite from turning a join around: the section's own key must lead. */
function prepareSections(db: DatabaseSync) {
  return {
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

function createPages(db: DatabaseSync): ShopReader['readPage'] {
  const { products, images, movements, orders, lines, events, keys, log, counters, apiKeys, audit } =
    prepareSections(db);

  function readOrders(after: Cursor): Extract<ShopPage, { section: 'orders' }> {
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

  return (section: SectionName, after: Cursor): ShopPage => {
    switch (section) {
      case 'products': {
        const rows = products.all(after?.[0] ?? '') as unknown as ProductRow[];
        return { section, rows: rows.map(toProduct), end: [rows.at(-1)?.sku ?? ''] };
      }
      case 'images': {
        const rows = images.all(after?.[0] ?? '') as unknown as ImageRow[];
        return { section, rows: rows.map(toImage), end: [rows.at(-1)?.hash ?? ''] };
      }
      case 'movements': {
        const rows = movements.all(after?.[0] ?? 0) as unknown as MovementRow[];
        return { section, rows: rows.map(toMovement), end: [rows.at(-1)?.movement_id ?? 0] };
      }
      case 'orders':
        return readOrders(after);
      case 'events':
        return toEventPage(events.all(after?.[0] ?? 0, after?.[1] ?? 0) as unknown as EventOfOrderRow[]);
      case 'keys': {
        const rows = keys.all(after?.[0] ?? '', after?.[1] ?? '') as unknown as KeyOfOrder[];
        const last = rows.at(-1);
        return { section, rows, end: [last?.scope ?? '', last?.key ?? ''] };
      }
      case 'log': {
        const rows = log.all(after?.[0] ?? 0) as unknown as PositionedLogEntry[];
        return { section, rows, end: [rows.at(-1)?.position ?? 0] };
      }
      case 'apiKeys': {
        const rows = apiKeys.all(after?.[0] ?? '') as unknown as (ApiKeyRow & { secret_hash: string })[];
        const page = rows.map((row) => ({ ...toApiKey(row), secretHash: row.secret_hash }));
        return { section, rows: page, end: [rows.at(-1)?.key_id ?? ''] };
      }
      case 'audit': {
        const rows = audit.all(after?.[0] ?? 0) as unknown as StoredAuditRow[];
        return { section, rows, end: [rows.at(-1)?.position ?? 0] };
      }
      case 'counters':
        return toCounterPage(counters.all(after?.[0] ?? '', after?.[1] ?? 0) as unknown as CounterRow[]);
    }
  };
}
