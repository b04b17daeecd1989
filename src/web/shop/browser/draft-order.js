/**
 * The order that is being put together: the lines of the basket plus the product in hand. Whatever changes
 * it shows it again.
 */
import {
  hasRoomFor,
  lineCountMax,
  orderableLines,
  readBasket,
  saveBasket,
  sturdyStorage,
  withAdded,
  withoutLine,
  withQuantity,
} from './basket.js';
import { formatCents, groupThousands, quantityMax } from './catalogue.js';
import {
  emptyHand,
  isPickedByCustomer,
  productField,
  quantityField,
  quantityInHand,
  skuInHand,
} from './hand.js';
import { catalogue, lookUpProducts } from './known-products.js';
import { clearFieldError, labelPlaceButton, sayBriefly, showFieldError } from './order-form.js';
import { focusNearLine, renderLines, showLineProblem } from './order-lines.js';
import { pageElement } from './page-element.js';
import { showPicked } from './product-picker.js';
import { markCard, saysNotSold, showProduct } from './product-stage.js';

/** @typedef {import('./basket.js').BasketLine} BasketLine */

const fullOrderRule = `One order holds up to ${lineCountMax} different products. Place this one first, or take something off.`;
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
export async function rereadBasket() {
  basket = readBasket(shelf);
  await lookUpProducts(basket);
  render();
}

/** @param {BasketLine[]} lines */
export function changeBasket(lines) {
  basket = lines;
  saveBasket(shelf, basket);
  render();
}

/** @typedef {{ field: 'product_name' | 'quantity', text: string }} HandProblem */

/**
 * Why so many of a product can't come to these lines, or null. Nothing is left out of an order silently.
 * @param {readonly BasketLine[]} lines
 * @param {string} sku
 * @param {number | null} quantity null when what was typed is none
 * @returns {HandProblem | null}
 */
function problemOfAdding(lines, sku, quantity) {
  if (quantity === null) return { field: 'quantity', text: quantityField.dataset['wrong'] ?? '' };
  if (!hasRoomFor(lines, sku)) return { field: 'product_name', text: fullOrderRule };
  const present = lines.find((line) => line.sku === sku)?.quantity ?? 0;
  if (present + quantity <= quantityMax) return null;
  const text = `One order holds up to ${groupThousands(quantityMax)} of a product, and yours has ${groupThousands(present)} of this one.`;
  return { field: 'quantity', text };
}

/**
 * What would be ordered now: without what is in hand when that can't be ordered, and then why.
 * @returns {{ lines: BasketLine[], handProblem: HandProblem | null }}
 */
function currentOrder() {
  const lines = orderableLines(basket, catalogue);
  const sku = skuInHand();
  if (sku === null) return { lines, handProblem: null };
  const quantity = quantityInHand();
  const handProblem = problemOfAdding(lines, sku, quantity);
  return {
    lines: handProblem === null && quantity !== null ? withAdded(lines, sku, quantity) : lines,
    handProblem,
  };
}

/** @returns {BasketLine[] | null} null when there is nothing to order yet; its field then says so */
export function linesToOrder() {
  const { lines, handProblem } = currentOrder();
  if (handProblem !== null) showFieldError(handProblem.field, handProblem.text);
  else if (lines.length === 0) showFieldError('product_name', productField.dataset['missing'] ?? '');
  else return lines;
  return null;
}

let isRefusingHand = false;

/**
 * A product there is no room for is refused when it is chosen, not when the order is placed.
 * @param {HandProblem | null} problem
 */
function renewRefusal(problem) {
  if (problem?.field === 'product_name') showFieldError('product_name', problem.text);
  else if (isRefusingHand) clearFieldError('product_name');
  isRefusingHand = problem?.field === 'product_name';
}

/**
 * What the page says these lines come to, or null when it doesn't know a product.
 * @param {readonly BasketLine[]} lines
 */
export function totalCents(lines) {
  let cents = 0;
  for (const { sku, quantity } of lines) {
    const product = catalogue.get(sku);
    if (product === undefined) return null;
    cents += product.price_cents * quantity;
  }
  return cents;
}

export function render() {
  const sku = skuInHand();
  const { lines, handProblem } = currentOrder();
  const product = catalogue.get(sku ?? lines.at(-1)?.sku ?? '');
  if (product !== undefined && (sku !== null || !saysNotSold())) showProduct(product);
  markCard(sku);
  pageElement('order', HTMLFormElement).classList.toggle('hand-empty', sku === null && basket.length > 0);
  const empty = productField.options[0];
  if (empty !== undefined) empty.text = basket.length > 0 ? 'Choose another product' : 'Choose a product';
  showPicked();
  renderLines(basket, catalogue, { change: changeLine, remove: removeLine });
  let units = 0;
  for (const line of lines) units += line.quantity;
  const cents = totalCents(lines);
  const total = lines.length > 0 && handProblem === null && cents !== null ? formatCents(cents) : null;
  pageElement('order-total', HTMLOutputElement).textContent = total ?? '—';
  pageElement('basket-count', HTMLElement).textContent = groupThousands(units);
  labelPlaceButton(total === null ? 'Place order' : `Place order · ${total}`);
  renewRefusal(handProblem);
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

/** Puts what is in hand into the basket; false when that can't be, and then its field says why. */
export function keepInHand() {
  const sku = skuInHand();
  if (sku === null) return true;
  const quantity = quantityInHand();
  const problem = problemOfAdding(basket, sku, quantity);
  if (problem !== null || quantity === null) {
    if (problem !== null) showFieldError(problem.field, problem.text);
    return false;
  }
  emptyHand();
  changeBasket(withAdded(basket, sku, quantity));
  return true;
}

/** @param {string} sku */
export function addFromCard(sku) {
  const problem = problemOfAdding(basket, sku, 1);
  if (problem !== null) return sayBriefly(problem.text);
  // What the page picked by itself gives way to what the customer picks.
  if (!isPickedByCustomer() && (skuInHand() === sku || basket.length === 0)) emptyHand();
  changeBasket(withAdded(basket, sku, 1));
  const quantity = basket.find((line) => line.sku === sku)?.quantity ?? 1;
  sayBriefly(`${groupThousands(quantity)} × ${catalogue.get(sku)?.name ?? sku} in your order.`);
}
