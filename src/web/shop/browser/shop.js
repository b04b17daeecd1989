/**
 * The shop with scripts on: live total, basket, and placing the order without leaving the page.
 *
 * An order is the lines of the basket plus the product "in hand", which is the one the form shows. What
 * the page picked by itself is only in hand until the customer picks something.
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
import { formatCents, groupThousands, parseQuantity, quantityMax, readCatalogue } from './catalogue.js';
import { beginAttempt, pendingAttempt, sendAttempt, settleAttempt } from './order-attempt.js';
import {
  actionButton,
  clearErrors,
  clearFieldError,
  control,
  fillAddress,
  focusFirstError,
  labelPlaceButton,
  readAddress,
  sayBriefly,
  showFieldError,
  showNotice,
} from './order-form.js';
import { focusNearLine, renderLines, showLineProblem } from './order-lines.js';
import { showErrors } from './order-problems.js';
import { pageElement } from './page-element.js';
import { markCard, renewStock, showProduct } from './product-stage.js';

const form = pageElement('order', HTMLFormElement);
const productField = /** @type {HTMLSelectElement} */ (control('product_name'));
const quantityField = /** @type {HTMLInputElement} */ (control('quantity'));
const catalogue = readCatalogue(pageElement('catalogue', HTMLScriptElement).textContent ?? '[]');
const shelf = sturdyStorage(() => window.localStorage);
const session = sturdyStorage(() => window.sessionStorage);

let basket = readBasket(shelf);
let pickedByCustomer = new URLSearchParams(location.search).has('product');
let placing = false;

function skuInHand() {
  return productField.selectedOptions[0]?.dataset['sku'] ?? null;
}

/** @param {string | null} sku */
function takeInHand(sku) {
  const option = Array.from(productField.options).find((each) => (each.dataset['sku'] ?? null) === sku);
  if (option !== undefined) option.selected = true;
}

/**
 * What would be ordered now.
 * @returns {{ lines: import('./basket.js').BasketLine[], handIsValid: boolean }}
 */
function currentOrder() {
  const lines = orderableLines(basket, catalogue);
  const sku = skuInHand();
  if (sku === null) return { lines, handIsValid: true };
  const quantity = parseQuantity(quantityField.value);
  return quantity === null
    ? { lines, handIsValid: false }
    : { lines: withAdded(lines, sku, quantity), handIsValid: true };
}

/** @param {import('./basket.js').BasketLine[]} lines */
function changeBasket(lines) {
  basket = lines;
  saveBasket(shelf, basket);
  render();
}

function render() {
  const sku = skuInHand();
  const { lines, handIsValid } = currentOrder();
  const product = catalogue.get(sku ?? lines.at(-1)?.sku ?? '');
  if (product !== undefined) showProduct(product);
  markCard(sku);
  form.classList.toggle('hand-empty', sku === null && basket.length > 0);
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
  labelPlaceButton(total === null ? 'Place order' : `Place order · ${total}`, placing);
}

/** @type {import('./order-lines.js').LineActions['change']} */
function changeLine(sku, quantity) {
  showLineProblem(sku, '');
  changeBasket(withQuantity(basket, sku, quantity));
}

/** @param {string} sku */
function removeLine(sku) {
  const index = basket.findIndex((line) => line.sku === sku);
  changeBasket(withoutLine(basket, sku));
  focusNearLine(index);
  sayBriefly(`${catalogue.get(sku)?.name ?? sku} is out of your order.`);
}

/** Puts what is in hand into the basket; false when its quantity is unusable or there is no room. */
function keepInHand() {
  const sku = skuInHand();
  if (sku === null) return true;
  const quantity = parseQuantity(quantityField.value);
  if (quantity === null) {
    showFieldError('quantity', quantityRule);
    return false;
  }
  if (!hasRoomFor(sku)) return false;
  basket = withAdded(basket, sku, quantity);
  saveBasket(shelf, basket);
  emptyHand();
  return true;
}

function emptyHand() {
  takeInHand(null);
  quantityField.value = '1';
  pickedByCustomer = false;
}

/** @param {string} sku */
function hasRoomFor(sku) {
  if (basket.length < lineCountMax || basket.some((line) => line.sku === sku)) return true;
  sayBriefly(`One order holds up to ${lineCountMax} products. Please place this one first.`);
  return false;
}

/** @param {string} sku */
function addFromCard(sku) {
  if (!hasRoomFor(sku)) return;
  if (skuInHand() === sku && !pickedByCustomer) emptyHand();
  // What the page picked by itself gives way to what the customer picks.
  else if (!pickedByCustomer && basket.length === 0) emptyHand();
  changeBasket(withAdded(basket, sku, 1));
  const quantity = basket.find((line) => line.sku === sku)?.quantity ?? 1;
  sayBriefly(`${groupThousands(quantity)} × ${catalogue.get(sku)?.name ?? sku} in your order.`);
}

const quantityRule = `Enter a whole number from 1 to ${groupThousands(quantityMax)}.`;

/** @param {number} step */
function stepQuantity(step) {
  const next = (parseQuantity(quantityField.value) ?? 1) + step;
  quantityField.value = String(Math.min(Math.max(next, 1), quantityMax));
  clearFieldError('quantity');
  render();
}

/** @returns {string | null} the request's body, or null when the form can't be one yet */
function composeOrder() {
  const { lines, handIsValid } = currentOrder();
  if (!handIsValid) showFieldError('quantity', quantityRule);
  else if (lines.length === 0) showFieldError('product_name', 'Choose a product first.');
  else return JSON.stringify({ ...readAddress(), lines });
  return null;
}

async function placeOrder() {
  if (placing) return;
  clearErrors(form);
  const body = composeOrder();
  if (body === null) return focusFirstError(form);
  placing = true;
  render();
  const answer = await sendAttempt(beginAttempt(session, body), fetch.bind(window));
  if (answer.kind === 'placed') return leaveFor(answer.url);
  placing = false;
  render();
  if (answer.kind === 'unclear') return offerRetry(answer.text);
  settleAttempt(session);
  if (answer.kind === 'invalid') showErrors(answer, JSON.parse(body).lines);
  else if (answer.kind === 'short') for (const shortage of answer.shortages) showShortage(shortage);
  else showNotice('danger', answer.text);
  focusFirstError(form);
}

/** @param {string} url its key stays out of the address: a cookie carries it */
function leaveFor(url) {
  settleAttempt(session);
  saveBasket(shelf, []);
  location.assign(location.origin + new URL(url, location.href).pathname);
}

/** @param {string} text */
function offerRetry(text) {
  showNotice('warning', text, actionButton('Try again', placeOrder));
}

/** @param {{ sku: string, name: string, available: number }} shortage */
function showShortage({ sku, name, available }) {
  const product = catalogue.get(sku);
  if (product !== undefined) {
    product.num_in_stock = available;
    renewStock(product);
  }
  const inHand = skuInHand() === sku;
  if (inHand && available === 0) takeInHand(null);
  render();
  const left = groupThousands(available);
  if (available === 0) {
    const text = `${name} has just sold out.`;
    const put = showLineProblem(
      sku,
      text,
      actionButton('Take it off the order', () => removeLine(sku)),
    );
    if (!put) showFieldError('product_name', `${text} Please choose something else.`);
    return;
  }
  const take = actionButton(`Take ${available === 1 ? 'the last one' : `the last ${left}`}`, () => {
    if (inHand) emptyHand();
    // A product both in hand and in the basket is one line of the order.
    if (basket.some((line) => line.sku === sku)) return changeLine(sku, available);
    takeInHand(sku);
    quantityField.value = String(available);
    clearFieldError('quantity');
    render();
    quantityField.focus();
  });
  if (showLineProblem(sku, `Only ${left} left.`, take)) return;
  showFieldError('quantity', `Only ${left} left.`);
  pageElement('error-quantity', HTMLElement).append(document.createElement('br'), take);
}

function resumeUnanswered() {
  const pending = pendingAttempt(session);
  if (pending === null) return;
  const { lines, ...address } = JSON.parse(pending.body);
  fillAddress(address);
  emptyHand();
  changeBasket(lines);
  offerRetry(
    'Your last order did not get an answer. You can safely try again: it will not be ordered twice.',
  );
}

form.noValidate = true;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  placeOrder();
});
form.addEventListener('input', (event) => {
  const { target } = event;
  if (target instanceof HTMLElement && target.id.startsWith('field-')) {
    clearFieldError(target.id.slice('field-'.length));
  }
});
productField.addEventListener('change', () => {
  pickedByCustomer = true;
  render();
});
quantityField.addEventListener('input', () => {
  pickedByCustomer = true;
  render();
});
quantityField.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowUp') stepQuantity(1);
  else if (event.key === 'ArrowDown') stepQuantity(-1);
  else return;
  event.preventDefault();
});
pageElement('quantity-less', HTMLButtonElement).addEventListener('click', () => stepQuantity(-1));
pageElement('quantity-more', HTMLButtonElement).addEventListener('click', () => stepQuantity(1));
pageElement('add-another', HTMLButtonElement).addEventListener('click', () => {
  if (!keepInHand()) return focusFirstError(form);
  render();
  productField.focus();
});
pageElement('cards', HTMLUListElement).addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const sku = event.target.closest('li')?.dataset['sku'];
  if (sku === undefined) return;
  if (event.target.closest('[data-add]') !== null) return addFromCard(sku);
  if (event.target.closest('.card-link') === null) return;
  event.preventDefault();
  takeInHand(sku);
  pickedByCustomer = true;
  render();
  const name = pageElement('stage-name', HTMLElement);
  name.focus({ preventScroll: true });
  pageElement('stage', HTMLElement).scrollIntoView({ block: 'nearest' });
});
window.addEventListener('storage', () => {
  basket = readBasket(shelf);
  render();
});
// Coming back by the back button shows the page as it was left: the order in it is placed.
window.addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  placing = false;
  basket = readBasket(shelf);
  render();
});

if (basket.length > 0 && !pickedByCustomer && document.getElementById('error-summary') === null) emptyHand();
resumeUnanswered();
render();
