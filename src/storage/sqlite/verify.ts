/**
 * Recounts everything from the orders and compares it with what was counted on the way, also while orders come in.
 *
 * Each check is one statement and so sees one moment. No transaction is held from one check to the next: the
 * write-ahead log can't start anew before the oldest one ends, and would grow for as long as all checks take.
 */
import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { orderNumberFirst } from '../../domain/order.ts';
import { erasedText } from '../../domain/order-event.ts';
import {
  type CheckName,
  checkNames,
  type Finding,
  findingsPerCheckMax,
  type OnCheck,
  type SqlCheck,
  type VerifyReport,
} from '../verify-checks.ts';
import { revisionOfKey } from './rows.ts';
import { provideFunctions } from './sql-functions.ts';
import { auditCheck } from './verify-audit.ts';

/** Whether a product's picture is a kept one: `/images/` and 64 hexadecimal digits. */
const namesKeptImage = `image_url GLOB '/images/${'[0-9a-f]'.repeat(64)}.*'`;
/** The units of each return, line by line. */
const returnedUnits = `
  SELECT order_number, line.value ->> '$.sku' AS sku, line.value ->> '$.quantity' AS quantity,
    data ->> '$.restock' AS restock
  FROM order_events, json_each(data, '$.lines') AS line WHERE order_events.type = 'order_returned'`;

const checks: Readonly<Record<CheckName, SqlCheck>> = {
  storage: {
    count: 'SELECT 1',
    find: `SELECT 'file', 'ok', integrity_check FROM pragma_integrity_check
      WHERE integrity_check <> 'ok'`,
  },
  products: {
    count: `SELECT (SELECT count(*) FROM order_lines) + (SELECT count(*) FROM stock_movements)
      + (SELECT count(*) FROM stock)`,
    find: `SELECT 'order ' || order_number || ' line ' || line_index, 'a product', 'none of SKU ' || sku
        FROM order_lines WHERE sku NOT IN (SELECT sku FROM products)
      UNION ALL
      SELECT 'movement ' || movement_id, 'a product', 'none of SKU ' || sku
        FROM stock_movements WHERE sku NOT IN (SELECT sku FROM products)
      UNION ALL
      SELECT 'stock', 'a product', 'none of SKU ' || sku FROM stock WHERE sku NOT IN (SELECT sku FROM products)`,
  },
  totals: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, coalesce(sum(line_total_cents), 'at least one line'), total_cents
      FROM orders LEFT JOIN order_lines ON order_number = number
      GROUP BY number HAVING sum(line_total_cents) IS NOT total_cents`,
  },
  lines: {
    count: 'SELECT count(*) FROM order_lines',
    find: `SELECT 'order ' || order_number || ' line ' || line_index, quantity * unit_price_cents,
        CASE WHEN number IS NULL THEN 'no order' ELSE line_total_cents END
      FROM order_lines LEFT JOIN orders ON number = order_number
      WHERE line_total_cents <> quantity * unit_price_cents OR number IS NULL`,
  },
  linesOnce: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || order_number || ' ' || sku, 1, count(*)
      FROM order_lines GROUP BY order_number, sku HAVING count(*) > 1`,
  },
  // Without gaps: the next number is one more than the highest, and nobody else writes in between.
  numbers: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, previous + 1, number
      FROM (SELECT number, lag(number, 1, ${orderNumberFirst - 1}) OVER (ORDER BY number) AS previous FROM orders)
      WHERE number <> previous + 1`,
  },
  stock: {
    count: 'SELECT count(*) FROM products',
    find: `WITH moved AS (SELECT sku, sum(units) AS units FROM stock_movements GROUP BY sku),
        sold AS (SELECT sku, sum(quantity) AS units FROM order_lines GROUP BY sku),
        put_back AS (SELECT sku, sum(quantity) AS units FROM (
          SELECT sku, quantity FROM order_events CROSS JOIN order_lines USING (order_number)
            WHERE type = 'order_cancelled'
          UNION ALL
          SELECT sku, quantity FROM (${returnedUnits}) WHERE restock) GROUP BY sku),
        expected AS (SELECT sku,
            coalesce(moved.units, 0) - coalesce(sold.units, 0) + coalesce(put_back.units, 0) AS units
          FROM products LEFT JOIN moved USING (sku) LEFT JOIN sold USING (sku) LEFT JOIN put_back USING (sku))
      SELECT sku, expected.units, coalesce(on_hand, 'no stock row')
      FROM expected LEFT JOIN stock USING (sku) WHERE on_hand IS NOT expected.units OR on_hand < 0`,
  },
  images: {
    count: `SELECT (SELECT count(*) FROM product_images)
      + (SELECT count(*) FROM products WHERE ${namesKeptImage})`,
    find: `SELECT 'picture ' || hash, hash, sha256_hex(bytes) FROM product_images WHERE hash <> sha256_hex(bytes)
      UNION ALL
      SELECT 'picture of ' || sku, image_url, 'no such picture' FROM products
        WHERE ${namesKeptImage} AND substr(image_url, 9, 64) NOT IN (SELECT hash FROM product_images)`,
  },
  counters: {
    count: 'SELECT count(*) FROM popularity',
    // Added up side by side: a FULL JOIN with counters known by number alone would look at each pair of them.
    find: `SELECT state || ' ' || sku,
        sum(recounted_orders) || ' orders, ' || sum(recounted_units) || ' units',
        sum(orders) || ' orders, ' || sum(units) || ' units'
      FROM (
        SELECT state, sku, 1 AS recounted_orders, quantity AS recounted_units, 0 AS orders, 0 AS units
          FROM order_lines JOIN orders ON number = order_number
        UNION ALL
        SELECT state, sku, -1, -quantity, 0, 0 FROM order_events CROSS JOIN order_lines USING (order_number)
          JOIN orders ON number = order_number WHERE type = 'order_cancelled'
        UNION ALL
        SELECT state, returned.sku, -(returned.quantity = line.quantity), -returned.quantity, 0, 0
          FROM (SELECT order_number, sku, sum(quantity) AS quantity FROM (${returnedUnits})
            GROUP BY order_number, sku) AS returned
          CROSS JOIN order_lines AS line
            ON line.order_number = returned.order_number AND line.sku = returned.sku
          JOIN orders ON number = line.order_number
        UNION ALL
        SELECT state, coalesce(sku, 'product ' || product_no), 0, 0, orders, units
          FROM popularity LEFT JOIN products USING (product_no))
      GROUP BY state, sku HAVING sum(recounted_orders) <> sum(orders) OR sum(recounted_units) <> sum(units)`,
  },
  ranking: {
    count: 'SELECT count(*) FROM popularity',
    find: `SELECT sku, 'a rank by name after that of ' || previous, name_place
        FROM (SELECT sku, name_place,
            lag(sku) OVER by_name AS previous, lag(name_place) OVER by_name AS rank_before
          FROM products WINDOW by_name AS (ORDER BY name, sku))
        WHERE name_place <= rank_before
      UNION ALL
      SELECT state || ' ' || sku, products.name_place, popularity.name_place
        FROM popularity JOIN products USING (product_no) WHERE products.name_place <> popularity.name_place
      UNION ALL
      SELECT state || ' ' || sku, iif(active, 'ranked', 'not ranked'), iif(is_active, 'ranked', 'not ranked')
        FROM popularity JOIN products USING (product_no) WHERE active <> is_active`,
  },
  log: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, 1, count(position)
      FROM orders LEFT JOIN order_log
        ON order_number = number AND type = 'order_placed' AND at_ms = placed_at_ms
      GROUP BY number HAVING count(position) <> 1`,
  },
  positions: {
    count: 'SELECT count(*) FROM order_log',
    find: `SELECT 'position ' || position, row_number() OVER (ORDER BY position), position FROM order_log
        WHERE (SELECT count(*) <> coalesce(max(position), 0) FROM order_log)
      UNION ALL
      SELECT 'position ' || position, 'an order', 'none for number ' || order_number
        FROM order_log LEFT JOIN orders ON number = order_number WHERE number IS NULL
      UNION ALL
      SELECT 'position ' || position, 'an order after ' || previous, 'order ' || order_number
        FROM (SELECT position, order_number, lag(order_number) OVER (ORDER BY position) AS previous
          FROM order_log WHERE type = 'order_placed')
        WHERE order_number < previous`,
  },
  words: {
    count: 'SELECT count(*) FROM products',
    find: `SELECT sku, 'sorted as ' || sort_name(name), sort_name FROM products WHERE sort_name <> sort_name(name)
      UNION ALL
      SELECT sku, expected, found FROM (
        SELECT sku, iif(active, product_words(name, category, sku), '[]') AS expected, (
            SELECT json_group_array(word) FROM (
              SELECT word FROM product_words WHERE product_words.sku = products.sku ORDER BY word)) AS found
          FROM products)
        WHERE expected <> found
      UNION ALL
      SELECT 'word ' || word, 'a product', 'none of SKU ' || sku
        FROM product_words WHERE sku NOT IN (SELECT sku FROM products)`,
  },
  changes: {
    count: 'SELECT count(*) FROM product_changes',
    find: `SELECT 'position ' || position, nth, position
        FROM (SELECT position, row_number() OVER (ORDER BY position) AS nth FROM product_changes) WHERE position <> nth
      UNION ALL
      SELECT sku || ' at position ' || position, 'a revision after ' || previous, 'revision ' || revision
        FROM (SELECT sku, position, revision, lag(revision) OVER (PARTITION BY sku ORDER BY position) AS previous
          FROM product_changes)
        WHERE revision <= previous
      UNION ALL
      SELECT 'position ' || position, 'a product', 'none of SKU ' || sku
        FROM product_changes WHERE sku NOT IN (SELECT sku FROM products)
      UNION ALL
      SELECT sku, 'revision ' || products.revision || ', as the product', coalesce('revision ' || newest.revision, 'none')
        FROM products LEFT JOIN (
          SELECT *, max(position) FROM product_changes GROUP BY sku) AS newest USING (sku)
        WHERE (products.revision, products.name, products.description, products.category, products.price_cents,
            products.image_url, products.active, products.created_at_ms)
          IS NOT (newest.revision, newest.name, newest.description, newest.category, newest.price_cents,
            newest.image_url, newest.active, newest.created_at_ms)`,
  },
  shopId: {
    count: 'SELECT count(*) FROM shop_identity',
    find: `SELECT 'shop id', 1, count(*) FROM shop_identity HAVING count(*) <> 1`,
  },
  audit: auditCheck,
  steps: {
    count: 'SELECT count(*) FROM orders',
    find: `WITH counted AS (SELECT order_number, count(*) AS events, max(revision) AS last,
            max(type = 'order_packed') AS is_packed, max(type = 'order_cancelled') AS is_cancelled,
            sum(type = 'order_shipped') AS shipments, sum(type = 'order_delivered') AS arrivals,
            coalesce(sum(CASE WHEN type = 'order_shipped' THEN units END), 0) AS shipped,
            coalesce(sum(CASE WHEN type = 'order_returned' THEN units END), 0) AS returned
          FROM (SELECT order_number, revision, type,
              (SELECT sum(value ->> '$.quantity') FROM json_each(data, '$.lines')) AS units
            FROM order_events)
          GROUP BY order_number),
        expected AS (SELECT number, 1 + events AS revision, last, CASE
            WHEN is_cancelled THEN 'cancelled'
            WHEN returned > 0 AND returned = units THEN 'returned'
            WHEN shipments > 0 AND arrivals = shipments AND shipped = units THEN 'delivered'
            WHEN shipments > 0 THEN 'shipped'
            WHEN is_packed THEN 'packed' ELSE 'placed' END AS status
          FROM counted JOIN orders ON number = order_number
            JOIN (SELECT order_number, sum(quantity) AS units FROM order_lines GROUP BY order_number)
              USING (order_number))
      SELECT 'order ' || number, coalesce(expected.status, 'placed') || ' at revision '
          || coalesce(expected.revision, 1), orders.status || ' at revision ' || orders.revision
        FROM orders LEFT JOIN expected USING (number)
        WHERE orders.status <> coalesce(expected.status, 'placed')
          OR orders.revision <> coalesce(expected.revision, 1) OR orders.revision <> coalesce(last, 1)
      UNION ALL
      SELECT 'event ' || event_id, 'an order', 'none for number ' || order_number
        FROM order_events LEFT JOIN orders ON number = order_number WHERE number IS NULL`,
  },
  erased: {
    count: 'SELECT count(*) FROM orders',
    // The report must not name the person.
    find: `SELECT 'order ' || number, 'erased', substr(iif(customer_name <> '${erasedText}', ', a name', '')
          || iif(street_address <> '${erasedText}', ', a street', '') || iif(email IS NULL, '', ', an email'), 3)
        FROM orders
        WHERE number IN (SELECT order_number FROM order_events WHERE type = 'order_erased')
          AND (customer_name <> '${erasedText}' OR street_address <> '${erasedText}' OR email IS NOT NULL)`,
  },
  events: {
    count: 'SELECT count(*) FROM order_events',
    find: `SELECT 'order ' || event.order_number || ' revision ' || event.revision, 1, count(position)
        FROM order_events AS event LEFT JOIN order_log AS entry
          ON entry.order_number = event.order_number AND entry.revision = event.revision
          AND entry.type = event.type AND entry.at_ms = event.at_ms
        GROUP BY event.order_number, event.revision HAVING count(position) <> 1
      UNION ALL
      SELECT 'position ' || position, 'a step of order ' || entry.order_number, 'none'
        FROM order_log AS entry LEFT JOIN order_events AS event
          ON entry.order_number = event.order_number AND entry.revision = event.revision
        WHERE entry.type <> 'order_placed' AND event.revision IS NULL`,
  },
  keys: {
    count: 'SELECT count(*) FROM idempotency_keys',
    find: `WITH key AS (SELECT order_number, ${revisionOfKey} AS revision FROM idempotency_keys)
      SELECT 'key of order ' || order_number, 'revision ' || key.revision, coalesce('revision ' || orders.revision, 'no order')
        FROM key LEFT JOIN orders ON number = order_number
        WHERE number IS NULL OR key.revision NOT BETWEEN 1 AND orders.revision
      UNION ALL
      SELECT 'order ' || order_number || ' revision ' || revision, 1, count(*)
        FROM key GROUP BY order_number, revision HAVING count(*) > 1
      UNION ALL
      SELECT 'revision ' || step.revision || ' of a key', 'its order', 'no such key'
        FROM keys_of_steps AS step LEFT JOIN idempotency_keys USING (scope, idempotency_key)
        WHERE order_number IS NULL`,
  },
};

export function verifyDatabase(db: DatabaseSync, onCheck: OnCheck = () => undefined): VerifyReport {
  provideFunctions(db);
  db.function('sha256_hex', { deterministic: true }, (bytes) =>
    createHash('sha256')
      .update(bytes as Uint8Array)
      .digest('hex'),
  );
  const findings: Finding[] = [];
  const counted = checkNames.map((name, index) => {
    onCheck(name, index + 1, checkNames.length);
    return { name, examined: perform(db, name, findings) };
  });
  return { checks: counted, findings };
}

/** Returns how many things were examined. A page that can't be read ends the check that met it, not the others. */
function perform(db: DatabaseSync, check: CheckName, findings: Finding[]): number {
  const { count, find } = checks[check];
  try {
    for (const [subject, expected, found] of selectRows(
      db,
      `SELECT * FROM (${find}) LIMIT ${findingsPerCheckMax}`,
    )) {
      findings.push({ check, subject: `${subject}`, expected: `${expected}`, found: `${found}` });
    }
    return Number(selectRows(db, count)[0]?.[0]);
  } catch (error) {
    if (!isDamage(error)) throw error;
    findings.push({ check, subject: 'file', expected: 'readable', found: error.message });
    return 0;
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB; extended codes carry them in their low byte. */
function isDamage(error: unknown): error is Error {
  if (!(error instanceof Error) || !('errcode' in error)) return false;
  const primary = Number(error.errcode) & 0xff;
  return primary === 11 || primary === 26;
}

/** As arrays: in an object, a column that is called `1` would come before the others. */
function selectRows(db: DatabaseSync, sql: string): readonly (readonly unknown[])[] {
  const select = db.prepare(sql);
  select.setReturnArrays(true);
  return select.all() as unknown as readonly (readonly unknown[])[];
}
