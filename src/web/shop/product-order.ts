/** Which product stands in the window, and in which order the others stand on the counter. */
import type { Product } from '../../domain/product.ts';
import { isOrderable, stockWords } from './product-words.ts';

/** The window piece: the dearest that is well in stock, else any product that can be bought. */
export function pickFeatured(products: readonly Product[]): Product | null {
  let featured: Product | null = null;
  for (const product of products) {
    if (stockWords(product).tone !== 'good') continue;
    if (featured === null || product.priceCents > featured.priceCents) featured = product;
  }
  return featured ?? products.find(isOrderable) ?? products[0] ?? null;
}

/** The window piece's category first, then category by category and by name; products that are sold out come last. */
export function orderForDisplay(products: readonly Product[], featured: Product | null): readonly Product[] {
  const compare = (a: Product, b: Product) =>
    Number(isOrderable(b)) - Number(isOrderable(a)) ||
    Number(b.category === featured?.category) - Number(a.category === featured?.category) ||
    compareText(a.category, b.category) ||
    compareText(a.name, b.name);
  return products.toSorted(compare);
}

/** By code unit: quick, and the same on every machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
