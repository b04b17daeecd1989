import { isSameProduct, type Product } from '../../domain/product.ts';

/** Some megabytes, with what was rendered of them. */
const countMax = 1_000;

export type KnowProduct = (product: Product) => Product;

/**
 * Gives the same object for an unchanged product again, so that what pages have rendered of it can be kept: a search
 * reads its products anew each time. Forgets all when it knows {@link countMax} products.
 */
export function createKnownProducts(): KnowProduct {
  const bySku = new Map<string, Product>();
  return (product) => {
    const known = bySku.get(product.sku);
    if (known !== undefined && isSameProduct(known, product)) return known;
    if (bySku.size >= countMax) bySku.clear();
    bySku.set(product.sku, product);
    return product;
  };
}
