/** Writes the catalogue as the CSV that an import reads: importing it again changes nothing. */
import { stringify } from 'csv-stringify/sync';
import type { Cents } from '../domain/money.ts';
import type { Product } from '../domain/product.ts';
import { placeholderImagePath } from '../domain/product-image.ts';
import type { OrderStore } from '../storage/order-store.ts';
import { neutralized } from './formula-text.ts';
import { type Column, columns } from './product-fields.ts';

/** Without the stock: a list with it would be received once more. */
const exported = columns.filter((column) => column !== 'stock');

/** Products that are read at once. */
const pageSize = 500;

/** Parts of the file, each of whole lines that end with CRLF (RFC 4180). */
export async function* exportProducts(store: Pick<OrderStore, 'listProducts'>): AsyncGenerator<string> {
  yield csv([exported]);
  for (let after: string | null = null, hasMore = true; hasMore; ) {
    const page = await store.listProducts(after, pageSize);
    yield csv(page.products.map((product) => exported.map((column) => cellOf(product, column))));
    after = page.products.at(-1)?.sku ?? null;
    hasMore = page.hasMore && after !== null;
  }
}

function csv(records: readonly (readonly string[])[]): string {
  if (records.length === 0) return '';
  // A break of any kind ends a line for some reader.
  const options = { record_delimiter: 'windows', quoted_match: /[\r\n]/ } as const;
  return stringify(
    records.map((record) => [...record]),
    options,
  );
}

function cellOf(product: Product, column: Column): string {
  switch (column) {
    case 'sku':
      return product.sku;
    case 'name':
      return neutralized(product.name);
    case 'description':
      return neutralized(product.description);
    case 'category':
      return neutralized(product.category);
    case 'price':
      return decimalOf(product.priceCents);
    case 'image':
      return product.imageUrl === placeholderImagePath ? '' : neutralized(product.imageUrl);
    case 'active':
      return String(product.active);
    case 'stock':
      return '';
  }
}

/** `1999` → `19.99` */
function decimalOf(cents: Cents): string {
  const digits = String(cents).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
