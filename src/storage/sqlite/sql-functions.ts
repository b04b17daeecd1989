/** Functions of the domain for SQL, which migrations and `verify` call. */
import type { DatabaseSync } from 'node:sqlite';
import { composedName } from '../../domain/product.ts';
import { productWords, sortName } from '../../domain/product-search.ts';
import { sha256 } from '../audit-log.ts';

export function provideFunctions(db: DatabaseSync): void {
  const deterministic = { deterministic: true };
  db.function('nfc', deterministic, (name) => composedName(String(name)));
  db.function('sort_name', deterministic, (name) => sortName(String(name)));
  db.function('product_words', deterministic, (name, category, sku) =>
    JSON.stringify(productWords({ name: String(name), category: String(category), sku: String(sku) })),
  );
  // SQLite has no SHA-256 of its own; `verify` checks the chain of the audit log by it.
  db.function('sha256', deterministic, (text) => (text === null ? null : sha256(String(text))));
}
