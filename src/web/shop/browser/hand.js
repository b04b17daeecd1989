/**
 * The product "in hand": the one the form's own fields show. What the page picked by itself is only in hand
 * until the customer picks something.
 */
import { parseQuantity, quantityMax } from './catalogue.js';
import { clearFieldError, control } from './order-form.js';

export const productField = /** @type {HTMLSelectElement} */ (control('product_name'));
export const quantityField = /** @type {HTMLInputElement} */ (control('quantity'));

let pickedByCustomer = new URLSearchParams(location.search).has('product');

export function isPickedByCustomer() {
  return pickedByCustomer;
}

export function notePick() {
  pickedByCustomer = true;
}

export function skuInHand() {
  return productField.selectedOptions[0]?.dataset['sku'] ?? null;
}

/** As typed, or null when it is no quantity. */
export function quantityInHand() {
  return parseQuantity(quantityField.value);
}

/**
 * @param {string | null} sku
 * @param {string} [text] of an option for it, where the drop-down of a large shop has none
 */
export function takeInHand(sku, text) {
  let option = Array.from(productField.options).find((each) => (each.dataset['sku'] ?? null) === sku);
  if (option === undefined && sku !== null && text !== undefined) {
    option = new Option(text, sku);
    option.dataset['sku'] = sku;
    productField.append(option);
  }
  if (option !== undefined) option.selected = true;
}

/** @param {number} quantity less or more than an order may hold becomes the nearest it may */
export function setQuantityInHand(quantity) {
  quantityField.value = String(Math.min(Math.max(quantity, 1), quantityMax));
  clearFieldError('quantity');
}

export function emptyHand() {
  takeInHand(null);
  setQuantityInHand(1);
  clearFieldError('product_name');
  pickedByCustomer = false;
}
