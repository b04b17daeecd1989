/** The lists of products that the port promises, by looking at every product. */
import { compareCodePoints } from '../../domain/code-point-order.ts';
import type { Product } from '../../domain/product.ts';
import {
  comparePositions,
  isFound,
  type ProductPosition,
  type ProductSearch,
  positionOf,
} from '../../domain/product-search.ts';
import type { FoundProducts, ProductPage } from '../order-store.ts';

/** @param active products, without those that are retired */
export function findAmong(
  active: readonly Product[],
  search: ProductSearch,
  after: ProductPosition | null,
  limit: number,
): FoundProducts {
  const found = active
    .filter((product) => isFound(product, search))
    .map((product) => ({ product, position: positionOf(search.sort, product) }))
    .sort((a, b) => comparePositions(search.sort, a.position, b.position))
    .filter(({ position }) => after === null || comparePositions(search.sort, position, after) > 0);
  const page = found.slice(0, limit);
  const next = found.length > limit ? (page.at(-1)?.position ?? null) : null;
  return { products: page.map(({ product }) => product), next };
}

/** @param active products, without those that are retired */
export function categoriesOf(active: readonly Product[], limit: number): readonly string[] {
  return [...new Set(active.map(({ category }) => category))].sort(compareCodePoints).slice(0, limit);
}

/** @param products by SKU */
export function pageAfter(products: readonly Product[], afterSku: string | null, limit: number): ProductPage {
  const after = products.filter(({ sku }) => afterSku === null || sku > afterSku);
  return { products: after.slice(0, limit), hasMore: after.length > limit };
}
