/**
 * The order that is being put together: the lines of the basket plus the product in hand. Whatever changes
 * it shows it again.
 */
import {
  lineCountMax,
  orderableLines,
  readBasket,
  saveBasket,
  sturdyStorage,
  withAdded,
  withoutLine,
  withQuantity,
} from './basket.js';
import { formatCents, groupThousands, quantityMax, readCatalogue } from './catalogue.js';
import { emptyHand, isPickedByCustomer, productField, quantityInHand, skuInHand } from './hand.js';
import { labelPlaceButton, sayBriefly, showFieldError } from './order-form.js';
import { focusNearLine, renderLines, showLineProblem } from './order-lines.js';
import { pageElement } from './page-element.js';
import { markCard, showProduct } from './product-stage.js';

/** @typedef {import('./basket.js').BasketLine} BasketLine */

export const catalogue = readCatalogue(pageElement('catalogue', HTMLScriptElement).textContent ?? '[]');

const quantityRule = `Enter a whole number from 1 to ${groupThousands(quantityMax)}.`;
const shelf = sturdyStorage(() => window.localStorage);

let basket = readBasket(shelf);

/** @param {string} sku */
export function isInBasket(sku) {
  return basket.some((line) => line.sku === sku);
}

export function isBasketEmpty() {
  return basket.length === 0;
}

/** Another tab may have changed it. */
export function rereadBasket() {
  basket = readBasket(shelf);
  render();
}

/** @param {BasketLine[]} lines */
export function changeBasket(lines) {
  basket = lines;
  saveBasket(shelf, basket);
  render();
}

/**
 * What would be ordered now.
 * @returns {{ lines: BasketLine[], handIsValid: boolean }}
 */
function currentOrder() {
  const lines = orderableLines(basket, catalogue);
  const sku = skuInHand();
  if (sku === null) return { lines, handIsValid: true };
  const quantity = quantityInHand();
  return quantity === null
    ? { lines, handIsValid: false }
    : { lines: withAdded(lines, sku, quantity), handIsValid: true };
}

/** @returns {BasketLine[] | null} null when there is nothing to order yet; its field then says so */
export function linesToOrder() {
  const { lines, handIsValid } = currentOrder();
  if (!handIsValid) showFieldError('quantity', quantityRule);
  else if (lines.length === 0) showFieldError('product_name', 'Choose a product first.');
  else return lines;
  return null;
}

export function render() {
  const sku = skuInHand();
  const { lines, handIsValid } = currentOrder();
  const product = catalogue.get(sku ?? lines.at(-1)?.sku ?? '');
  if (product !== undefined) showProduct(product);
  markCard(sku);
  pageElement('order', HTMLFormElement).classList.toggle('hand-empty', sku === null && basket.length > 0);
  const empty = productField.options[0];
  if (empty !== undefined) empty.text = basket.length > 0 ? 'Choose another product' : 'Choose a product';
  renderLines(basket, catalogue, { change: changeLine, remove: removeLine });
  let cents = 0;
  let units = 0;
  for (const line of lines) {
    cents += (catalogue.get(line.sku)?.price_cents ?? 0) * line.quantity;
    units += line.quantity;
  }
  const total = lines.length > 0 && handIsValid ? formatCents(cents) : null;
  pageElement('order-total', HTMLOutputElement).textContent = total ?? '—';
  pageElement('basket-count', HTMLElement).textContent = groupThousands(units);
  labelPlaceButton(total === null ? 'Place order' : `Place order · ${total}`);
}

/** @type {import('./order-lines.js').LineActions['change']} */
export function changeLine(sku, quantity) {
  showLineProblem(sku, '');
  changeBasket(withQuantity(basket, sku, quantity));
}

/** @param {string} sku */
export function removeLine(sku) {
  const index = basket.findIndex((line) => line.sku === sku);
  changeBasket(withoutLine(basket, sku));
  focusNearLine(index);
  sayBriefly(`${catalogue.get(sku)?.name ?? sku} is out of your order.`);
}

/** Puts what is in hand into the basket; false when its quantity is unusable or there is no room. */
export function keepInHand() {
  const sku = skuInHand();
  if (sku === null) return true;
  const quantity = quantityInHand();
  if (quantity === null) {
    showFieldError('quantity', quantityRule);
    return false;
  }
  if (!hasRoomFor(sku)) return false;
  emptyHand();
  changeBasket(withAdded(basket, sku, quantity));
  return true;
}

/** @param {string} sku */
export function addFromCard(sku) {
  if (!hasRoomFor(sku)) return;
  // What the page picked by itself gives way to what the customer picks.
  if (!isPickedByCustomer() && (skuInHand() === sku || basket.length === 0)) emptyHand();
  changeBasket(withAdded(basket, sku, 1));
  const quantity = basket.find((line) => line.sku === sku)?.quantity ?? 1;
  sayBriefly(`${groupThousands(quantity)} × ${catalogue.get(sku)?.name ?? sku} in your order.`);
}

/** @param {string} sku */
function hasRoomFor(sku) {
  if (basket.length < lineCountMax || isInBasket(sku)) return true;
  sayBriefly(`One order holds up to ${lineCountMax} products. Please place this one first.`);
  return false;
}
