/** Products of an order that this page does not list: a large shop's page has only the first of its catalogue. */

import { addressInShop } from './shop-address.js';

/** @typedef {import('./catalogue.js').Catalogue} Catalogue */

/** Milliseconds; the order can be put together without them, too. */
const answerWaitMs = 5_000;

/**
 * Adds to the catalogue what it lacks of these lines, as far as it is sold. Never throws.
 * @param {readonly { sku: string }[]} lines
 * @param {Catalogue} catalogue
 */
export async function lookUpProducts(lines, catalogue) {
  const missing = new Set(lines.map(({ sku }) => sku).filter((sku) => !catalogue.has(sku)));
  await Promise.all(Array.from(missing, (sku) => lookUpProduct(sku, catalogue)));
}

/**
 * @param {string} sku
 * @param {Catalogue} catalogue
 */
async function lookUpProduct(sku, catalogue) {
  try {
    const response = await fetch(addressInShop(`api/v1/products/${encodeURIComponent(sku)}`), {
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(answerWaitMs),
    });
    if (!response.ok) return;
    const { active, price, ...product } = await response.json();
    if (active) catalogue.set(sku, { ...product, price_cents: price.amount });
  } catch {
    // The line says that it is left out.
  }
}
