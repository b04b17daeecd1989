/**
 * Recounts everything from the orders and compares it with what was counted on the way.
 *
 * All checks see one moment: they run in one transaction that reads a single snapshot, also while orders
 * come in. They read whole tables, so they go on a connection without time limits.
 *
 * On Citus each node has a snapshot of its own, so all are taken while no order is being committed.
 */
import { orderNumberFirst } from '../../domain/order.ts';
import { topProductsMax } from '../../domain/top-products.ts';
import type { Finding, OnCheck, VerifyReport } from '../order-store.ts';
import type { Connection } from './connection.ts';
import { StatementFailedError } from './failures.ts';
import { lockShopForSession, unlockShop } from './locks.ts';
import { popularityOrder } from './ranking.ts';

/** How many findings of one check are listed. */
const findingsMax = 100;

interface Check {
  readonly name: string;
  /** How many things it looks at. */
  readonly count: string;
  /** One row (subject, expected, found) for each thing that is not as it must be. */
  readonly find: string;
}

const checks: readonly Check[] = [
  {
    name: 'every order has lines, and they add up to its total',
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, coalesce(sum(line_total_cents)::text, 'at least one line'), total_cents::text
      FROM orders LEFT JOIN order_lines USING (order_id)
      GROUP BY number, total_cents HAVING sum(line_total_cents) IS DISTINCT FROM total_cents`,
  },
  {
    name: 'every line belongs to an order and is price times quantity',
    count: 'SELECT count(*) FROM order_lines',
    find: `SELECT 'line ' || line_index || ' of ' || order_id, (quantity * unit_price_cents)::text,
        CASE WHEN number IS NULL THEN 'no order' ELSE line_total_cents::text END
      FROM order_lines LEFT JOIN orders USING (order_id)
      WHERE line_total_cents <> quantity * unit_price_cents OR number IS NULL`,
  },
  {
    name: 'every line names a product of the catalogue, and no order holds one twice',
    count: 'SELECT count(*) FROM order_lines',
    find: `SELECT 'order ' || order_id || ' ' || order_lines.sku, '1', count(products.sku)::text
      FROM order_lines LEFT JOIN products USING (sku)
      GROUP BY order_id, order_lines.sku HAVING count(products.sku) <> 1`,
  },
  {
    name: 'order numbers: each once, and none beyond those handed out',
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'number ' || number, '1', count(*)::text FROM orders GROUP BY number HAVING count(*) > 1
      UNION ALL
      SELECT 'order ' || number, '${orderNumberFirst} to ' || next_number - 1, number::text
      FROM orders, order_numbers WHERE number >= next_number OR number < ${orderNumberFirst}`,
  },
  {
    name: 'stock: received - sold = on hand',
    count: 'SELECT count(*) FROM products',
    find: `WITH received AS (SELECT sku, sum(units) AS units FROM stock_receipts GROUP BY sku),
        sold AS (SELECT sku, sum(quantity) AS units FROM order_lines GROUP BY sku)
      SELECT sku, (coalesce(received.units, 0) - coalesce(sold.units, 0))::text,
        coalesce(on_hand::text, 'no stock row')
      FROM products LEFT JOIN stock USING (sku) LEFT JOIN received USING (sku) LEFT JOIN sold USING (sku)
      WHERE on_hand IS DISTINCT FROM coalesce(received.units, 0) - coalesce(sold.units, 0) OR on_hand < 0`,
  },
  {
    name: 'popularity: counters = orders and units by state and product',
    count: 'SELECT count(*) FROM popularity',
    find: `WITH recount AS (
        SELECT state, sku, count(*) AS orders, sum(quantity) AS units
        FROM order_lines JOIN orders USING (order_id) GROUP BY state, sku)
      SELECT state || ' ' || sku,
        coalesce(r.orders, 0) || ' orders, ' || coalesce(r.units, 0) || ' units',
        coalesce(p.orders, 0) || ' orders, ' || coalesce(p.units, 0) || ' units'
      FROM recount AS r FULL JOIN popularity AS p USING (state, sku)
      WHERE coalesce(r.orders, 0) <> coalesce(p.orders, 0) OR coalesce(r.units, 0) <> coalesce(p.units, 0)`,
  },
  {
    name: 'popularity: the twenty best active products of each state are in its ranking, and no retired one',
    count: 'SELECT count(*) FROM popularity WHERE ranked_at_ms IS NOT NULL',
    find: `SELECT state || ' ' || sku, 'rank ' || rank, 'not ranked'
        FROM (SELECT state, sku, ranked_at_ms,
            row_number() OVER (PARTITION BY state ORDER BY ${popularityOrder}) AS rank
          FROM popularity WHERE sku NOT IN (SELECT sku FROM products WHERE NOT active)) AS counted
        WHERE rank <= ${topProductsMax} AND ranked_at_ms IS NULL
      UNION ALL
      SELECT state || ' ' || sku, 'not ranked', 'a retired product in the ranking'
        FROM popularity JOIN products USING (sku) WHERE ranked_at_ms IS NOT NULL AND NOT active`,
  },
  {
    name: 'popularity: the ranking uses the product names of the catalogue',
    count: 'SELECT count(*) FROM popularity',
    find: `SELECT state || ' ' || sku, products.name, popularity.name
      FROM popularity JOIN products USING (sku) WHERE products.name <> popularity.name`,
  },
  {
    name: 'order log: every order is in it exactly once as placed, with its time',
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, '1', count(position)::text
      FROM orders LEFT JOIN order_log
        ON order_log.order_id = orders.order_id AND order_number = number
        AND type = 'order_placed' AND at_ms = placed_at_ms
      GROUP BY number HAVING count(position) <> 1`,
  },
  {
    name: 'order log: positions are 1, 2, 3 … and tell of orders that exist',
    count: 'SELECT count(*) FROM order_log',
    find: `SELECT 'position ' || position, nth::text, position::text
        FROM (SELECT position, row_number() OVER (ORDER BY position) AS nth FROM order_log) AS counted
        WHERE position <> nth
      UNION ALL
      SELECT 'position ' || position, 'an order', 'none of id ' || order_log.order_id
        FROM order_log LEFT JOIN orders USING (order_id) WHERE number IS NULL`,
  },
  {
    name: 'idempotency: every key leads to an order, and no order has two keys',
    count: 'SELECT count(*) FROM idempotency_keys',
    // OFFSET 0: Citus joins what lies by key with what lies by order only when one of them is a result of its own.
    find: `SELECT 'key of order ' || order_id, 'one order', 'none'
        FROM (SELECT order_id FROM idempotency_keys OFFSET 0) AS kept LEFT JOIN orders USING (order_id)
        WHERE number IS NULL
      UNION ALL
      SELECT 'order ' || order_id, '1', count(*)::text
        FROM idempotency_keys GROUP BY order_id HAVING count(*) > 1`,
  },
];

export async function verifyDatabase(
  connection: Connection,
  onCheck: OnCheck = () => undefined,
): Promise<VerifyReport> {
  const { send } = connection;
  const findings: Finding[] = [];
  const counted: { readonly name: string; readonly examined: number }[] = [];
  await begin(connection);
  for (const [index, { name, count, find }] of checks.entries()) {
    onCheck(name, index + 1, checks.length);
    try {
      const [, found, examined] = await send([
        { text: 'SAVEPOINT before_check' },
        { text: `SELECT * FROM (${find}) AS found(subject, expected, found) LIMIT ${findingsMax}` },
        { text: count },
      ]);
      for (const row of found?.rows ?? []) {
        findings.push({
          check: name,
          subject: String(row['subject']),
          expected: String(row['expected']),
          found: String(row['found']),
        });
      }
      counted.push({ name, examined: Number(examined?.rows[0]?.['count']) });
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

async function begin({ send, server }: Connection): Promise<void> {
  await send([
    ...(server.has_citus ? [lockShopForSession] : []),
    { text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' },
    // Tables that grew faster than autovacuum looks at them are still empty to the planner, which would then
    // read all of one table for each row of another.
    { text: 'SET LOCAL enable_nestloop = off' },
    ...(server.has_citus
      ? [
          // With one connection to each worker (connection.ts), and so one snapshot from here on.
          { text: 'SELECT order_id FROM orders LIMIT 1' },
          unlockShop,
        ]
      : []),
  ]);
}

/** A page or index that can't be read ends the check that met it, not the others (SQLSTATE class XX). */
function isDamage(error: unknown): error is StatementFailedError {
  return error instanceof StatementFailedError && error.sqlState.startsWith('XX');
}
