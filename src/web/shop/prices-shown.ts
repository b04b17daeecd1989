/**
 * The prices that a page has shown, as one field of its form. Without scripts a page can't tell the total of what
 * the shopper chose, but its service can, from the price it showed; so a price that has changed meanwhile is noticed.
 *
 * Each product takes a hash of its SKU and its price, both in base 36: 1 KB for a page of 48 products,
 * however long their SKUs are. A client that changes the field harms only itself.
 */
import type { Cents } from '../../domain/money.ts';
import type { Product } from '../../domain/product.ts';

export const pricesShownField = 'prices_shown';

export function writePricesShown(products: readonly Pick<Product, 'sku' | 'priceCents'>[]): string {
  return products.map(({ sku, priceCents }) => `${hashOf(sku)}-${priceCents.toString(36)}`).join('.');
}

/** @returns null when the page did not show this product, or there was no such page */
export function priceShown(pricesShown: string, sku: string): Cents | null {
  const start = `.${pricesShown}`.indexOf(`.${hashOf(sku)}-`);
  if (start === -1) return null;
  const [entry = ''] = pricesShown.slice(start).split('.', 1);
  const cents = Number.parseInt(entry.slice(entry.indexOf('-') + 1), 36);
  return Number.isSafeInteger(cents) ? cents : null;
}

/** FNV-1a of 32 bits (draft-eastlake-fnv), in base 36; a SKU is ASCII. */
function hashOf(sku: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < sku.length; i += 1) hash = Math.imul(hash ^ sku.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
