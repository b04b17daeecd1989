/**
 * What the page knows of the products, and how the shop speaks of money, counts and stock. The words are
 * those of the server's `product-words.ts`.
 */

/**
 * @typedef {object} CatalogueProduct
 * @property {string} sku
 * @property {string} name
 * @property {string} description
 * @property {boolean} [is_cut] whether this is only the beginning of the description
 * @property {string} category
 * @property {number} price_cents
 * @property {string} image_url
 * @property {number} num_in_stock
 */

/** @typedef {Map<string, CatalogueProduct>} Catalogue by SKU */

export const quantityMax = 10_000;
const scarceStockMax = 12;

/**
 * `$1,234.50`, as the server writes it.
 * @param {number} cents
 */
export function formatCents(cents) {
  return `$${groupThousands(Math.trunc(cents / 100))}.${String(cents % 100).padStart(2, '0')}`;
}

/** @param {number} count */
export function groupThousands(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * @param {CatalogueProduct} product
 * @returns {{ text: string, tone: 'good' | 'warning' | 'danger' }}
 */
export function stockWords({ num_in_stock: left }) {
  if (left <= 0) return { text: 'Sold out', tone: 'danger' };
  if (left <= scarceStockMax) return { text: `Only ${left} left`, tone: 'warning' };
  return { text: 'In stock', tone: 'good' };
}

/**
 * A quantity as typed: whole, 1 to 10,000, or null. Full-width digits are digits.
 * @param {string} typed
 */
export function parseQuantity(typed) {
  const digits = typed.normalize('NFKC');
  if (!/^\s*\d{1,6}\s*$/.test(digits)) return null;
  const quantity = Number(digits);
  return quantity >= 1 && quantity <= quantityMax ? quantity : null;
}

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * A name as part of a line of ours: it keeps its direction to itself.
 * @param {string} name
 */
export function isolatedName(name) {
  return rightToLeft.test(name) ? `\u2068${name}\u2069` : name;
}
