/**
 * Recounts everything from the orders and compares it with what was counted on the way.
 *
 * All checks see one moment: they run in one transaction that reads a single snapshot, also while orders
 * come in. They read whole tables, so they go on a connection without time limits.
 */
import { orderNumberFirst } from '../../domain/order.ts';
import { erasedText } from '../../domain/order-event.ts';
import { topProductsMax } from '../../domain/top-products.ts';
import {
  type CheckName,
  checkNames,
  type Finding,
  findingsPerCheckMax,
  type OnCheck,
  type SqlCheck,
  type VerifyReport,
} from '../verify-checks.ts';
import type { Connection } from './connection.ts';
import { StatementFailedError } from './failures.ts';
import { beginOneMoment } from './locks.ts';
import { popularityOrder } from './ranking.ts';
import { type Recount, recountWords } from './recount-words.ts';
import { auditCheck } from './verify-audit.ts';

/** Whether a product's picture is a kept one. */
const namesKeptImage = `image_url ~ '^/images/[0-9a-f]{64}[.]'`;
/** The units of each return, line by line. */
const returnedUnits = `
  SELECT order_id, line ->> 'sku' AS sku, (line ->> 'quantity')::bigint AS quantity,
    (data ->> 'restock')::boolean AS restock
  FROM order_events, jsonb_array_elements(data -> 'lines') AS line WHERE type = 'order_returned'`;

/** `words` is recounted in TypeScript: SQL does not fold texts as the program does. */
const checks: Readonly<Record<Exclude<CheckName, 'words'>, SqlCheck>> = {
  // A page that can't be read, be it for its checksum, ends the check that meets it (isDamage).
  storage: {
    count: `SELECT count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
      WHERE relnamespace = current_schema()::regnamespace`,
    find: `SELECT 'index ' || relname, 'valid', 'invalid' FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = current_schema()::regnamespace AND NOT (indisvalid AND indisready)
      UNION ALL
      SELECT 'constraint ' || conname, 'validated', 'not validated' FROM pg_constraint
        WHERE connamespace = current_schema()::regnamespace AND NOT convalidated
      UNION ALL
      SELECT 'trigger ' || tgname || ' on ' || relname, 'enabled', 'disabled'
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = current_schema()::regnamespace AND tgenabled = 'D'`,
  },
  products: {
    count: `SELECT (SELECT count(*) FROM order_lines) + (SELECT count(*) FROM stock_movements)
      + (SELECT count(*) FROM stock) AS count`,
    find: `SELECT 'line ' || line_index || ' of ' || order_id, 'a product', 'none of SKU ' || order_lines.sku
        FROM order_lines LEFT JOIN products USING (sku) WHERE products.name IS NULL
      UNION ALL
      SELECT 'movement ' || movement_id, 'a product', 'none of SKU ' || stock_movements.sku
        FROM stock_movements LEFT JOIN products USING (sku) WHERE products.name IS NULL
      UNION ALL
      SELECT 'stock', 'a product', 'none of SKU ' || stock.sku
        FROM stock LEFT JOIN products USING (sku) WHERE products.name IS NULL`,
  },
  totals: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, coalesce(sum(line_total_cents)::text, 'at least one line'), total_cents::text
      FROM orders LEFT JOIN order_lines USING (order_id)
      GROUP BY number, total_cents HAVING sum(line_total_cents) IS DISTINCT FROM total_cents`,
  },
  lines: {
    count: 'SELECT count(*) FROM order_lines',
    find: `SELECT 'line ' || line_index || ' of ' || order_id, (quantity * unit_price_cents)::text,
        CASE WHEN number IS NULL THEN 'no order' ELSE line_total_cents::text END
      FROM order_lines LEFT JOIN orders USING (order_id)
      WHERE line_total_cents <> quantity * unit_price_cents OR number IS NULL`,
  },
  linesOnce: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || order_id || ' ' || sku, '1', count(*)::text
      FROM order_lines GROUP BY order_id, sku HAVING count(*) > 1`,
  },
  numbers: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'number ' || number, '1', count(*)::text FROM orders GROUP BY number HAVING count(*) > 1
      UNION ALL
      SELECT 'order ' || number, '${orderNumberFirst} to ' || next_number - 1, number::text
      FROM orders, order_numbers WHERE number >= next_number OR number < ${orderNumberFirst}`,
  },
  stock: {
    count: 'SELECT count(*) FROM products',
    find: `WITH moved AS (SELECT sku, sum(units) AS units FROM stock_movements GROUP BY sku),
        sold AS (SELECT sku, sum(quantity) AS units FROM order_lines GROUP BY sku),
        put_back AS (SELECT sku, sum(quantity) AS units FROM (
          SELECT sku, quantity FROM order_lines JOIN order_events USING (order_id) WHERE type = 'order_cancelled'
          UNION ALL
          SELECT sku, quantity FROM (${returnedUnits}) AS returned WHERE restock) AS units GROUP BY sku),
        expected AS (SELECT sku,
            coalesce(moved.units, 0) - coalesce(sold.units, 0) + coalesce(put_back.units, 0) AS units
          FROM products LEFT JOIN moved USING (sku) LEFT JOIN sold USING (sku) LEFT JOIN put_back USING (sku))
      SELECT sku, expected.units::text, coalesce(on_hand::text, 'no stock row')
      FROM expected LEFT JOIN stock USING (sku) WHERE on_hand IS DISTINCT FROM expected.units OR on_hand < 0`,
  },
  images: {
    count: `SELECT (SELECT count(*) FROM product_images)
      + (SELECT count(*) FROM products WHERE ${namesKeptImage}) AS count`,
    find: `SELECT 'picture ' || hash, hash, encode(sha256(bytes), 'hex') FROM product_images
        WHERE hash <> encode(sha256(bytes), 'hex')
      UNION ALL
      SELECT 'picture of ' || sku, image_url, 'no such picture' FROM products
        WHERE ${namesKeptImage} AND substr(image_url, 9, 64) NOT IN (SELECT hash FROM product_images)`,
  },
  counters: {
    count: 'SELECT count(*) FROM popularity',
    find: `WITH returned AS (
          SELECT order_id, sku, sum(quantity) AS quantity FROM (${returnedUnits}) AS units GROUP BY order_id, sku),
        cancelled AS (SELECT order_id FROM order_events WHERE type = 'order_cancelled'),
        kept AS (SELECT state, line.sku, line.quantity - coalesce(returned.quantity, 0) AS quantity
          FROM order_lines AS line JOIN orders USING (order_id) LEFT JOIN cancelled USING (order_id)
            LEFT JOIN returned ON returned.order_id = line.order_id AND returned.sku = line.sku
          WHERE cancelled.order_id IS NULL),
        recount AS (SELECT state, sku, count(*) AS orders, sum(quantity) AS units
          FROM kept WHERE quantity > 0 GROUP BY state, sku)
      SELECT state || ' ' || sku,
        coalesce(r.orders, 0) || ' orders, ' || coalesce(r.units, 0) || ' units',
        coalesce(p.orders, 0) || ' orders, ' || coalesce(p.units, 0) || ' units'
      FROM recount AS r FULL JOIN popularity AS p USING (state, sku)
      WHERE coalesce(r.orders, 0) <> coalesce(p.orders, 0) OR coalesce(r.units, 0) <> coalesce(p.units, 0)`,
  },
  ranking: {
    count: 'SELECT count(*) FROM popularity',
    find: `SELECT state || ' ' || sku, 'rank ' || rank, 'not ranked'
        FROM (SELECT state, sku, ranked_at_ms,
            row_number() OVER (PARTITION BY state ORDER BY ${popularityOrder}) AS rank
          FROM popularity WHERE sku NOT IN (SELECT sku FROM products WHERE NOT active)) AS counted
        WHERE rank <= ${topProductsMax} AND ranked_at_ms IS NULL
      UNION ALL
      SELECT state || ' ' || sku, 'not ranked', 'a retired product in the ranking'
        FROM popularity JOIN products USING (sku) WHERE ranked_at_ms IS NOT NULL AND NOT active
      UNION ALL
      SELECT state || ' ' || sku, products.name, popularity.name
        FROM popularity JOIN products USING (sku) WHERE products.name <> popularity.name`,
  },
  log: {
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, '1', count(position)::text
      FROM orders LEFT JOIN order_log
        ON order_log.order_id = orders.order_id AND order_number = number
        AND type = 'order_placed' AND at_ms = placed_at_ms
      GROUP BY number HAVING count(position) <> 1`,
  },
  positions: {
    count: 'SELECT count(*) FROM order_log',
    find: `SELECT 'position ' || position, nth::text, position::text
        FROM (SELECT position, row_number() OVER (ORDER BY position) AS nth FROM order_log) AS counted
        WHERE position <> nth
      UNION ALL
      SELECT 'position ' || position, 'an order', 'none of id ' || order_log.order_id
        FROM order_log LEFT JOIN orders USING (order_id) WHERE number IS NULL`,
  },
  changes: {
    count: 'SELECT count(*) FROM product_changes',
    find: `SELECT 'position ' || position, nth::text, position::text
        FROM (SELECT position, row_number() OVER (ORDER BY position) AS nth FROM product_changes) AS counted
        WHERE position <> nth
      UNION ALL
      SELECT sku || ' at position ' || position, 'a revision after ' || previous, 'revision ' || revision
        FROM (SELECT sku, position, revision, lag(revision) OVER (PARTITION BY sku ORDER BY position) AS previous
          FROM product_changes) AS followed
        WHERE revision <= previous
      UNION ALL
      SELECT 'position ' || position, 'a product', 'none of SKU ' || product_changes.sku
        FROM product_changes LEFT JOIN products USING (sku) WHERE products.name IS NULL
      UNION ALL
      SELECT sku, 'revision ' || products.revision || ', as the product', coalesce('revision ' || newest.revision, 'none')
        FROM products LEFT JOIN (
          SELECT DISTINCT ON (sku) * FROM product_changes ORDER BY sku, position DESC) AS newest USING (sku)
        WHERE (products.revision, products.name, products.description, products.category, products.price_cents,
            products.image_url, products.active, products.created_at_ms)
          IS DISTINCT FROM (newest.revision, newest.name, newest.description, newest.category, newest.price_cents,
            newest.image_url, newest.active, newest.created_at_ms)`,
  },
  shopId: {
    count: 'SELECT count(*) FROM shop_identity',
    find: `SELECT 'shop id', '1', count(*)::text FROM shop_identity HAVING count(*) <> 1`,
  },
  audit: auditCheck,
  steps: {
    count: 'SELECT count(*) FROM orders',
    find: `WITH event AS (SELECT order_id, revision, type,
            (SELECT sum((line ->> 'quantity')::bigint) FROM jsonb_array_elements(data -> 'lines') AS line) AS units
          FROM order_events),
        counted AS (SELECT order_id, count(*) AS events, max(revision) AS last,
            bool_or(type = 'order_packed') AS is_packed, bool_or(type = 'order_cancelled') AS is_cancelled,
            count(*) FILTER (WHERE type = 'order_shipped') AS shipments,
            count(*) FILTER (WHERE type = 'order_delivered') AS arrivals,
            coalesce(sum(units) FILTER (WHERE type = 'order_shipped'), 0) AS shipped,
            coalesce(sum(units) FILTER (WHERE type = 'order_returned'), 0) AS returned
          FROM event GROUP BY order_id),
        ordered AS (SELECT order_id, sum(quantity) AS units FROM order_lines GROUP BY order_id),
        expected AS (SELECT order_id, 1 + events AS revision, last, CASE
            WHEN is_cancelled THEN 'cancelled'
            WHEN returned > 0 AND returned = units THEN 'returned'
            WHEN shipments > 0 AND arrivals = shipments AND shipped = units THEN 'delivered'
            WHEN shipments > 0 THEN 'shipped'
            WHEN is_packed THEN 'packed' ELSE 'placed' END AS status
          FROM counted JOIN ordered USING (order_id))
      SELECT 'order ' || number, coalesce(expected.status, 'placed') || ' at revision '
          || coalesce(expected.revision, 1), orders.status || ' at revision ' || orders.revision
        FROM orders LEFT JOIN expected USING (order_id)
        WHERE orders.status <> coalesce(expected.status, 'placed')
          OR orders.revision <> coalesce(expected.revision, 1) OR orders.revision <> coalesce(last, 1)
      UNION ALL
      SELECT 'event ' || event_id, 'an order', 'none of id ' || order_events.order_id
        FROM order_events LEFT JOIN orders USING (order_id) WHERE number IS NULL`,
  },
  erased: {
    count: 'SELECT count(*) FROM orders',
    // The report must not name the person.
    find: `SELECT DISTINCT 'order ' || number, 'erased', concat_ws(', ',
          CASE WHEN customer_name <> '${erasedText}' THEN 'a name' END,
          CASE WHEN street_address <> '${erasedText}' THEN 'a street' END,
          CASE WHEN email IS NOT NULL THEN 'an email' END)
        FROM order_events JOIN orders USING (order_id)
        WHERE type = 'order_erased'
          AND (customer_name <> '${erasedText}' OR street_address <> '${erasedText}' OR email IS NOT NULL)`,
  },
  events: {
    count: 'SELECT count(*) FROM order_events',
    // OFFSET 0: as for the keys.
    find: `SELECT 'order ' || event.order_id || ' revision ' || event.revision, '1', count(position)::text
        FROM (SELECT * FROM order_events OFFSET 0) AS event LEFT JOIN order_log AS entry
          ON entry.order_id = event.order_id AND entry.revision = event.revision
          AND entry.type = event.type AND entry.at_ms = event.at_ms
        GROUP BY event.order_id, event.revision HAVING count(position) <> 1
      UNION ALL
      SELECT 'position ' || position, 'a step of order ' || entry.order_number, 'none'
        FROM order_log AS entry LEFT JOIN (SELECT * FROM order_events OFFSET 0) AS event
          ON entry.order_id = event.order_id AND entry.revision = event.revision
        WHERE entry.type <> 'order_placed' AND event.revision IS NULL`,
  },
  keys: {
    count: 'SELECT count(*) FROM idempotency_keys',
    // OFFSET 0: keys and orders may lie on different servers, which joins them only when one is a result of its own.
    find: `SELECT 'key of order ' || order_id, 'revision ' || kept.revision,
          coalesce('revision ' || orders.revision, 'no order')
        FROM (SELECT order_id, revision FROM idempotency_keys OFFSET 0) AS kept LEFT JOIN orders USING (order_id)
        WHERE number IS NULL OR kept.revision NOT BETWEEN 1 AND orders.revision
      UNION ALL
      SELECT 'order ' || order_id || ' revision ' || revision, '1', count(*)::text
        FROM idempotency_keys GROUP BY order_id, revision HAVING count(*) > 1`,
  },
};

export async function verifyDatabase(
  connection: Connection,
  onCheck: OnCheck = () => undefined,
): Promise<VerifyReport> {
  const { send } = connection;
  const findings: Finding[] = [];
  const counted: VerifyReport['checks'][number][] = [];
  await begin(connection);
  for (const [index, name] of checkNames.entries()) {
    onCheck(name, index + 1, checkNames.length);
    try {
      await send([{ text: 'SAVEPOINT before_check' }]);
      const { examined, found } =
        name === 'words' ? await recountWords(send) : await perform(send, checks[name]);
      findings.push(...found.map((finding) => ({ check: name, ...finding })));
      counted.push({ name, examined });
    } catch (error) {
      if (!isDamage(error)) throw error;
      await send([{ text: 'ROLLBACK TO SAVEPOINT before_check' }]);
      findings.push({ check: name, subject: 'database', expected: 'readable', found: error.message });
      counted.push({ name, examined: 0 });
    }
  }
  await send([{ text: 'ROLLBACK' }]);
  return { checks: counted, findings };
}

async function perform(send: Connection['send'], { count, find }: SqlCheck): Promise<Recount> {
  const [found, examined] = await send([
    { text: `SELECT * FROM (${find}) AS found(subject, expected, found) LIMIT ${findingsPerCheckMax}` },
    { text: count },
  ]);
  return {
    examined: Number(examined?.rows[0]?.['count']),
    found: (found?.rows ?? []).map((row) => ({
      subject: String(row['subject']),
      expected: String(row['expected']),
      found: String(row['found']),
    })),
  };
}

async function begin({ send, distribution: { oneMoment } }: Connection): Promise<void> {
  await send([
    ...oneMoment.before,
    { text: beginOneMoment },
    // Tables that grew faster than autovacuum looks at them are still empty to the planner, which would then
    // read all of one table for each row of another.
    { text: 'SET LOCAL enable_nestloop = off' },
    ...oneMoment.after,
  ]);
}

/** A page or index that can't be read ends the check that met it, not the others (SQLSTATE class XX). */
function isDamage(error: unknown): error is StatementFailedError {
  return error instanceof StatementFailedError && error.sqlState.startsWith('XX');
}
