/**
 * The basket: several products kept in this browser until they become an order.
 *
 * It only ever holds SKUs and counts; names, prices and stock come from the page's catalogue each time, so
 * an old basket never shows an old price. Where the browser refuses to store (private mode), it lives as
 * long as the page.
 */
import { quantityMax } from './catalogue.js';
import { storageKey } from './shop-address.js';

/** @typedef {{ sku: string, quantity: number }} BasketLine */
/** @typedef {Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>} TextStorage */

const basketKey = storageKey('nozama.basket.v1');

/** Most lines of one order. */
export const lineCountMax = 50;

/**
 * A storage that never throws: the browser's where it works, else the page's memory.
 * @param {() => TextStorage} open reading `window.localStorage` itself can throw
 * @returns {TextStorage}
 */
export function sturdyStorage(open) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @param {(storage: TextStorage) => string | null | void} use */
  const attempt = (use) => {
    try {
      return use(open()) ?? null;
    } catch {
      return null;
    }
  };
  return {
    getItem: (key) => memory.get(key) ?? attempt((storage) => storage.getItem(key)),
    setItem(key, value) {
      memory.delete(key);
      const stored = attempt((storage) => {
        storage.setItem(key, value);
        return 'stored';
      });
      if (stored === null) memory.set(key, value);
    },
    removeItem(key) {
      memory.delete(key);
      attempt((storage) => storage.removeItem(key));
    },
  };
}

/**
 * The stored text, as far as it is a basket: another tab or an older page may have written it.
 * @param {TextStorage} storage
 * @returns {BasketLine[]}
 */
export function readBasket(storage) {
  let stored;
  try {
    stored = JSON.parse(storage.getItem(basketKey) ?? '[]');
  } catch {
    return [];
  }
  if (!Array.isArray(stored)) return [];
  /** @type {BasketLine[]} */
  let lines = [];
  for (const entry of stored) {
    if (isLine(entry)) lines = withAdded(lines, entry.sku, entry.quantity);
  }
  return lines;
}

/**
 * @param {unknown} entry
 * @returns {entry is BasketLine}
 */
function isLine(entry) {
  if (typeof entry !== 'object' || entry === null) return false;
  const { sku, quantity } = /** @type {Record<string, unknown>} */ (entry);
  return typeof sku === 'string' && Number.isInteger(quantity) && Number(quantity) >= 1;
}

/**
 * @param {TextStorage} storage
 * @param {readonly BasketLine[]} lines
 */
export function saveBasket(storage, lines) {
  if (lines.length === 0) storage.removeItem(basketKey);
  else storage.setItem(basketKey, JSON.stringify(lines));
}

/**
 * Whether one more product fits into an order of these lines; more of one that is there always does.
 * @param {readonly BasketLine[]} lines
 * @param {string} sku
 */
export function hasRoomFor(lines, sku) {
  return lines.length < lineCountMax || lines.some((line) => line.sku === sku);
}

/**
 * With so many units more. A full basket stays as it is: ask {@link hasRoomFor} first, and say so.
 * @param {readonly BasketLine[]} lines
 * @param {string} sku
 * @param {number} quantity
 */
export function withAdded(lines, sku, quantity) {
  const present = lines.find((line) => line.sku === sku);
  if (present !== undefined) return withQuantity(lines, sku, present.quantity + quantity);
  if (!hasRoomFor(lines, sku)) return [...lines];
  return [...lines, { sku, quantity: Math.min(quantity, quantityMax) }];
}

/**
 * @param {readonly BasketLine[]} lines
 * @param {string} sku
 * @param {number} quantity 1 or more; more than an order may hold becomes that
 */
export function withQuantity(lines, sku, quantity) {
  return lines.map((line) => (line.sku === sku ? { sku, quantity: Math.min(quantity, quantityMax) } : line));
}

/**
 * @param {readonly BasketLine[]} lines
 * @param {string} sku
 */
export function withoutLine(lines, sku) {
  return lines.filter((line) => line.sku !== sku);
}

/**
 * The lines that can be ordered today; the others are shown, but neither counted nor sent.
 * @param {readonly BasketLine[]} lines
 * @param {import('./catalogue.js').Catalogue} catalogue
 */
export function orderableLines(lines, catalogue) {
  return lines.filter(({ sku }) => (catalogue.get(sku)?.num_in_stock ?? 0) > 0);
}
