/**
 * The shop's id and the log of product changes. Triggers on `products` make its entries (0015-product-changes.sql);
 * where rows may be spread over several servers there are none, and {@link logProducts} does it.
 */
import type { StoredProduct } from '../../domain/product.ts';
import type { LogRange, ProductEntry } from '../shop-log.ts';
import type { Answer, Statement } from './connection.ts';
import { type CatalogRow, productColumns, toStoredProduct } from './rows.ts';

interface ProductChangeRow extends CatalogRow {
  readonly position: number;
  readonly changed_at_ms: number;
}

const columns =
  'position, changed_at_ms, sku, name, description, category, price_cents, image_url, active, revision, created_at_ms';

/** Without the products themselves: no statement changes the one table and looks into the other where they lie apart. */
const insertChanges = `
  INSERT INTO product_changes (${columns})
  SELECT (SELECT coalesce(max(position), 0) FROM product_changes) + row_number() OVER (ORDER BY sku),
    CASE WHEN EXISTS (SELECT FROM product_changes AS earlier WHERE earlier.sku = changed.sku)
      THEN (1000 * extract(epoch FROM clock_timestamp()))::bigint ELSE created_at_ms END,
    sku, name, description, category, price_cents, image_url, active, revision, created_at_ms
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::boolean[], $8::integer[],
      $9::bigint[])
    AS changed(sku, name, description, category, price_cents, image_url, active, revision, created_at_ms)
  WHERE NOT EXISTS (
    SELECT FROM product_changes AS logged WHERE logged.sku = changed.sku AND logged.revision = changed.revision)`;

/** What the triggers do, for products that were just saved under the catalogue's lock. */
export function logProducts(products: readonly StoredProduct[]): Statement {
  return { text: insertChanges, values: productColumns(products).slice(0, -1) };
}

/** With the positions and times that the entries have at the source of a copy. */
export function insertProductEntries(entries: readonly ProductEntry[]): Statement {
  return {
    text: `
      INSERT INTO product_changes (${columns})
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[],
        $8::text[], $9::boolean[], $10::integer[], $11::bigint[])`,
    values: [
      entries.map(({ position }) => position),
      entries.map(({ changedAtMs }) => changedAtMs),
      ...productColumns(entries.map(({ product }) => product)).slice(0, -1),
    ],
  };
}

export const selectShopId: Statement = {
  name: 'shop-id',
  text: 'SELECT shop_id FROM shop_identity',
  values: [],
};

export function toShopId(answer: Answer | undefined): string {
  const row = answer?.rows[0];
  if (row === undefined) throw new Error('the shop has no id; run `nozama verify`');
  return String(row['shop_id']);
}

/** One row with a `position`, 0 of an empty log. */
export const selectProductEnd: Statement = {
  name: 'product-log-end',
  text: 'SELECT coalesce(max(position), 0) AS position FROM product_changes',
  values: [],
};

/** One row with an `at_ms`, or none. */
export const selectProductTimeAfter = (position: number): Statement => ({
  name: 'product-log-time',
  text: `SELECT changed_at_ms AS at_ms FROM product_changes WHERE position > $1::bigint ORDER BY position LIMIT 1`,
  values: [position],
});

/** One row with a `fact`, or none. The same text as on other engines: a copy of the shop has the same facts. */
export const selectProductFact = (position: number): Statement => ({
  name: 'product-log-fact',
  text: `SELECT shop_id || ' ' || sku || ' revision ' || revision || ' at ' || changed_at_ms AS fact
    FROM product_changes, shop_identity WHERE position = $1::bigint`,
  values: [position],
});

export const selectProductChanges = ({ after, through }: LogRange): Statement => ({
  name: 'product-log-range',
  text: `SELECT ${columns} FROM product_changes
    WHERE position > $1::bigint AND position <= $2::bigint ORDER BY position`,
  values: [after, through],
});

export function toProductEntries(answer: Answer | undefined): readonly ProductEntry[] {
  return ((answer?.rows ?? []) as unknown as readonly ProductChangeRow[]).map((row) => ({
    position: row.position,
    product: toStoredProduct(row),
    changedAtMs: row.changed_at_ms,
  }));
}
