/** What is counted in a shop that is copied, for a comparison with the copy. */
import type { DatabaseSync } from 'node:sqlite';
import { figureNames, type ShopFigures } from '../shop-transfer.ts';

/** Sums are text, so that they may be beyond 2^53. */
const sum = (expression: string) => `CAST(coalesce(sum(${expression}), 0) AS TEXT)`;

/** One for each table, which is read once. */
const figureStatements: readonly string[] = [
  `SELECT count(*) AS "product changes", coalesce(max(position), 0) AS "last position of a product change",
        ${sum('changed_at_ms')} AS "sum of change times",
        ${sum('length(name) + length(description) + length(category) + length(image_url)')} AS "letters of product changes"
      FROM product_changes`,
  'SELECT count(*) AS "products" FROM products',
  `SELECT ${sum('on_hand')} AS "units on hand" FROM stock`,
  `SELECT count(*) AS "pictures", ${sum('length(bytes)')} AS "bytes of pictures" FROM product_images`,
  `SELECT count(*) AS "stock movements", ${sum('units')} AS "units moved" FROM stock_movements`,
  `SELECT count(*) AS "orders", ${sum('number')} AS "sum of order numbers",
        ${sum('placed_at_ms')} AS "sum of order times", ${sum('total_cents')} AS "sum of totals in cents",
        ${sum(`length(customer_name) + length(street_address) + coalesce(length(city), 0)
          + length(zip_code) + coalesce(length(email), 0)`)} AS "letters of names and addresses",
        ${sum('revision')} AS "sum of order revisions"
      FROM orders`,
  `SELECT count(*) AS "steps of orders", ${sum('at_ms')} AS "sum of step times",
        ${sum('length(actor)')} AS "letters of actors" FROM order_events`,
  `SELECT count(*) AS "order lines", ${sum('quantity')} AS "units ordered",
        ${sum('line_total_cents')} AS "sum of line totals in cents" FROM order_lines`,
  `SELECT count(*) AS "idempotency keys",
        ${sum('length(scope) + length(idempotency_key) + length(fingerprint)')} AS "letters of keys and fingerprints"
      FROM idempotency_keys`,
  `SELECT count(*) AS "log entries", coalesce(max(position), 0) AS "last log position",
        ${sum('at_ms')} AS "sum of log times" FROM order_log`,
  `SELECT count(*) AS "popularity counters", ${sum('orders')} AS "orders counted",
        ${sum('units')} AS "units counted" FROM popularity`,
  `SELECT count(*) AS "API keys",
        ${sum('length(name) + length(secret_hash) + length(scopes)')} AS "letters of API keys" FROM api_keys`,
  `SELECT count(*) AS "audit entries", ${sum('length(entry) + length(hash)')} AS "letters of audit entries"
      FROM audit_log`,
  'SELECT position AS "position of the audit head" FROM audit_head',
];

export function readFigures(db: DatabaseSync): ShopFigures {
  const found: Record<string, unknown> = Object.assign(
    {},
    ...figureStatements.map((statement) => db.prepare(statement).get()),
  );
  const figures = figureNames.map((name) => {
    if (found[name] === undefined) throw new Error(`the source does not count ${name}`);
    return [name, String(found[name])];
  });
  return Object.fromEntries(figures) as ShopFigures;
}
