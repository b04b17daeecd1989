/**
 * Recounts everything from the orders and compares it with what was counted on the way, also while orders come in.
 *
 * Each check is one statement and so sees one moment. No transaction is held from one check to the next: the
 * write-ahead log can't start anew before the oldest one ends, and would grow for as long as all checks take.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Finding, OnCheck, VerifyReport } from '../order-store.ts';

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
    find: `SELECT 'order ' || number, coalesce(sum(line_total_cents), 'at least one line'), total_cents
      FROM orders LEFT JOIN order_lines ON order_number = number
      GROUP BY number HAVING sum(line_total_cents) IS NOT total_cents`,
  },
  {
    name: 'every line belongs to an order and is price times quantity',
    count: 'SELECT count(*) FROM order_lines',
    find: `SELECT 'order ' || order_number || ' line ' || line_index, quantity * unit_price_cents, line_total_cents
      FROM order_lines LEFT JOIN orders ON number = order_number
      WHERE line_total_cents <> quantity * unit_price_cents OR number IS NULL`,
  },
  {
    name: 'no order holds a product twice',
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || order_number || ' ' || sku, 1, count(*)
      FROM order_lines GROUP BY order_number, sku HAVING count(*) > 1`,
  },
  {
    name: 'stock: received - sold = on hand',
    count: 'SELECT count(*) FROM products',
    find: `WITH received AS (SELECT sku, sum(units) AS units FROM stock_receipts GROUP BY sku),
        sold AS (SELECT sku, sum(quantity) AS units FROM order_lines GROUP BY sku)
      SELECT sku, coalesce(received.units, 0) - coalesce(sold.units, 0), coalesce(on_hand, 'no stock row')
      FROM products LEFT JOIN stock USING (sku) LEFT JOIN received USING (sku) LEFT JOIN sold USING (sku)
      WHERE on_hand IS NOT coalesce(received.units, 0) - coalesce(sold.units, 0) OR on_hand < 0`,
  },
  {
    name: 'popularity: counters = orders and units by state and product',
    count: 'SELECT count(*) FROM popularity',
    // Added up side by side: a FULL JOIN with counters known by number alone would look at each pair of them.
    find: `SELECT state || ' ' || sku,
        sum(recounted_orders) || ' orders, ' || sum(recounted_units) || ' units',
        sum(orders) || ' orders, ' || sum(units) || ' units'
      FROM (
        SELECT state, sku, 1 AS recounted_orders, quantity AS recounted_units, 0 AS orders, 0 AS units
          FROM order_lines JOIN orders ON number = order_number
        UNION ALL
        SELECT state, coalesce(sku, 'product ' || product_no), 0, 0, orders, units
          FROM popularity LEFT JOIN products USING (product_no))
      GROUP BY state, sku HAVING sum(recounted_orders) <> sum(orders) OR sum(recounted_units) <> sum(units)`,
  },
  {
    name: 'popularity: ties are settled by the product names of the catalogue',
    count: 'SELECT count(*) FROM popularity',
    find: `SELECT sku, 'a rank by name after that of ' || previous, name_place
        FROM (SELECT sku, name_place,
            lag(sku) OVER by_name AS previous, lag(name_place) OVER by_name AS rank_before
          FROM products WINDOW by_name AS (ORDER BY name, sku))
        WHERE name_place <= rank_before
      UNION ALL
      SELECT state || ' ' || sku, products.name_place, popularity.name_place
        FROM popularity JOIN products USING (product_no) WHERE products.name_place <> popularity.name_place`,
  },
  {
    name: 'order log: every order is in it exactly once as placed, with its time',
    count: 'SELECT count(*) FROM orders',
    find: `SELECT 'order ' || number, 1, count(position)
      FROM orders LEFT JOIN order_log
        ON order_number = number AND type = 'order_placed' AND at_ms = placed_at_ms
      GROUP BY number HAVING count(position) <> 1`,
  },
  {
    name: 'order log: positions are 1, 2, 3 … and tell of orders that exist, in their order',
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
  {
    name: 'idempotency: every key leads to an order, and no order has two keys',
    count: 'SELECT count(*) FROM idempotency_keys',
    find: `SELECT 'key of order ' || order_number, 'one order', 'none'
        FROM idempotency_keys LEFT JOIN orders ON number = order_number WHERE number IS NULL
      UNION ALL
      SELECT 'order ' || order_number, 1, count(*) FROM idempotency_keys GROUP BY order_number HAVING count(*) > 1`,
  },
];

export function verifyDatabase(db: DatabaseSync, onCheck: OnCheck = () => undefined): VerifyReport {
  const findings: Finding[] = [];

  /** A page that can't be read ends the check that met it, not the others. */
  function attempt(check: string, look: () => number): { readonly name: string; readonly examined: number } {
    try {
      return { name: check, examined: look() };
    } catch (error) {
      if (!isDamage(error)) throw error;
      findings.push({ check, subject: 'file', expected: 'readable', found: error.message });
      return { name: check, examined: 0 };
    }
  }

  onCheck(structureCheck, 1, checks.length + 1);
  const structure = attempt(structureCheck, () => {
    findings.push(...findStructuralDamage(db));
    return 1;
  });
  const counted = checks.map(({ name, count, find }, index) => {
    onCheck(name, index + 2, checks.length + 1);
    return attempt(name, () => {
      for (const [subject, expected, found] of selectRows(
        db,
        `SELECT * FROM (${find}) LIMIT ${findingsMax}`,
      )) {
        findings.push({ check: name, subject: `${subject}`, expected: `${expected}`, found: `${found}` });
      }
      return Number(selectRows(db, count)[0]?.[0]);
    });
  });
  return { checks: [structure, ...counted], findings };
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

const structureCheck = 'the database file is sound, and its references lead somewhere';

function findStructuralDamage(db: DatabaseSync): Finding[] {
  const integrity = selectRows(db, `PRAGMA integrity_check(${findingsMax})`)
    .map(([complaint]) => String(complaint))
    .filter((complaint) => complaint !== 'ok')
    .map((found) => ({ check: structureCheck, subject: 'file', expected: 'ok', found }));
  const references = db.prepare('PRAGMA foreign_key_check').all().slice(0, findingsMax);
  return [
    ...integrity,
    ...references.map((row) => ({
      check: structureCheck,
      subject: `${row['table']} row ${row['rowid']}`,
      expected: `a row in ${row['parent']}`,
      found: 'none',
    })),
  ];
}
