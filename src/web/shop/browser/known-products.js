/**
 * The products that this page knows: those in it, those of searches, and those of a kept basket. It only grows, so that
 * a basket keeps its names and prices whatever is searched for.
 */
import { addressInShop } from './shop-address.js';

/** @typedef {import('./catalogue.js').CatalogueProduct} CatalogueProduct */

/** @type {import('./catalogue.js').Catalogue} */
export const catalogue = new Map();

learnProducts(document);

/**
 * From the elements that stand for products.
 * @param {ParentNode} part
 */
export function learnProducts(part) {
  for (const element of part.querySelectorAll('[data-product]')) {
    if (!(element instanceof HTMLElement)) continue;
    /** @type {CatalogueProduct} */
    const product = JSON.parse(element.dataset['product'] ?? '');
    catalogue.set(product.sku, product);
  }
}

/**
 * As the service's API writes products.
 * @typedef {{ active: boolean, price: { amount: number } } & Omit<CatalogueProduct, 'price_cents' | 'is_cut'>} WrittenProduct
 */

/** Letters of a description that are kept of a long one, as long as the service's pages have them. */
const shownLettersMax = 200;

/**
 * Only those that are sold.
 * @param {WrittenProduct} written
 * @returns {CatalogueProduct | null}
 */
export function learnProduct({ active, price, description, ...product }) {
  if (!active) return null;
  const isCut = description.length > shownLettersMax;
  /** @type {CatalogueProduct} */
  const learnt = {
    ...product,
    description: isCut ? `${description.slice(0, shownLettersMax)}…` : description,
    is_cut: isCut,
    price_cents: price.amount,
  };
  catalogue.set(product.sku, learnt);
  return learnt;
}

/** Milliseconds; the order can be put together without them, too. */
const answerWaitMs = 5_000;

/**
 * Learns what is unknown of these lines, as far as it is sold. Never throws.
 * @param {readonly { sku: string }[]} lines
 */
export async function lookUpProducts(lines) {
  const missing = new Set(lines.map(({ sku }) => sku).filter((sku) => !catalogue.has(sku)));
  const written = await Promise.all(Array.from(missing, readProduct));
  for (const product of written) if (product !== null) learnProduct(product);
}

/**
 * The product as the service has it now; null when there is none, or no answer. Never throws.
 * @param {string} sku
 * @returns {Promise<WrittenProduct | null>}
 */
export async function readProduct(sku) {
  try {
    const response = await fetch(addressInShop(`api/v1/products/${encodeURIComponent(sku)}`), {
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(answerWaitMs),
    });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
