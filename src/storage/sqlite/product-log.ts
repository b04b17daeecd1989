/** Reads the shop's id and the log of product changes, which triggers on `products` keep (0016-product-changes.sql). */
import type { DatabaseSync } from 'node:sqlite';
import type { LogRange, ProductEntry } from '../shop-log.ts';

export interface ProductChangeRow {
  readonly position: number;
  readonly sku: string;
  readonly revision: number;
  readonly changed_at_ms: number;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly price_cents: number;
  readonly image_url: string;
  readonly active: number;
  readonly created_at_ms: number;
}

export const selectProductChanges = `
  SELECT position, sku, revision, changed_at_ms, name, description, category, price_cents, image_url, active,
    created_at_ms
  FROM product_changes`;

export function toProductEntry(row: ProductChangeRow): ProductEntry {
  return {
    position: row.position,
    product: {
      sku: row.sku,
      name: row.name,
      description: row.description,
      category: row.category,
      priceCents: row.price_cents,
      imageUrl: row.image_url,
      active: row.active === 1,
      revision: row.revision,
      createdAtMs: row.created_at_ms,
    },
    changedAtMs: row.changed_at_ms,
  };
}

export function readShopId(db: DatabaseSync): string {
  const row = db.prepare('SELECT shop_id FROM shop_identity').get();
  if (row === undefined) throw new Error('the shop has no id; run `nozama verify`');
  return String(row['shop_id']);
}

/** The part of `ShopLog` that is about products. */
export function createProductLog(db: DatabaseSync) {
  const selectEnd = db.prepare('SELECT coalesce(max(position), 0) AS position FROM product_changes');
  const selectTimeAfter = db.prepare(
    'SELECT changed_at_ms FROM product_changes WHERE position > ? ORDER BY position LIMIT 1',
  );
  // The same text as on other engines: a copy of the shop has the same facts.
  const selectFact = db.prepare(`
    SELECT shop_id || ' ' || sku || ' revision ' || revision || ' at ' || changed_at_ms AS fact
    FROM product_changes CROSS JOIN shop_identity WHERE position = ?`);
  const selectRange = db.prepare(
    `${selectProductChanges} WHERE position > ? AND position <= ? ORDER BY position`,
  );

  return {
    readProductEnd: (): number => Number(selectEnd.get()?.['position']),

    readProductTimeAfter(position: number): number | null {
      const row = selectTimeAfter.get(position);
      return row === undefined ? null : Number(row['changed_at_ms']);
    },

    readProductFact(position: number): string | null {
      const row = selectFact.get(position);
      return row === undefined ? null : String(row['fact']);
    },

    readProductChanges({ after, through }: LogRange): readonly ProductEntry[] {
      return (selectRange.all(after, through) as unknown as readonly ProductChangeRow[]).map(toProductEntry);
    },
  };
}
