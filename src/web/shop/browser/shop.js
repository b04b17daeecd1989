/** The shop with scripts: the action of each control of the page. */

import { formatCents, isolatedName } from './catalogue.js';
import { addFromCard, isBasketEmpty, keepInHand, render, rereadBasket } from './draft-order.js';
import { openFinder } from './finder.js';
import {
  emptyHand,
  isPickedByCustomer,
  notePick,
  productField,
  quantityField,
  quantityInHand,
  setQuantityInHand,
  takeInHand,
} from './hand.js';
import { catalogue } from './known-products.js';
import { clearFieldError, control, focusFirstError } from './order-form.js';
import { pageElement } from './page-element.js';
import { forgetPlacing, placeOrder, resumeUnanswered } from './place-order.js';
import { openPicker } from './product-picker.js';

const form = pageElement('order', HTMLFormElement);
openPicker();
openFinder(render);

form.noValidate = true;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  // The button of a page that has asked already, because its form was sent without scripts.
  const isAgain = event.submitter?.getAttribute('name') === 'if_repeated';
  placeOrder(isAgain ? 'place' : 'ask');
});
form.addEventListener('input', (event) => {
  const { target } = event;
  if (target instanceof HTMLElement && target.id.startsWith('field-')) {
    clearFieldError(target.id.slice('field-'.length));
  }
});

productField.addEventListener('change', pick);
quantityField.addEventListener('input', pick);
quantityField.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowUp') stepQuantity(1);
  else if (event.key === 'ArrowDown') stepQuantity(-1);
  else return;
  event.preventDefault();
});
pageElement('quantity-less', HTMLButtonElement).addEventListener('click', () => stepQuantity(-1));
pageElement('quantity-more', HTMLButtonElement).addEventListener('click', () => stepQuantity(1));
pageElement('add-another', HTMLButtonElement).addEventListener('click', () => {
  if (keepInHand()) control('product_name').focus();
  else focusFirstError(form);
});

pageElement('cards', HTMLUListElement).addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const sku = event.target.closest('li')?.dataset['sku'];
  if (sku === undefined) return;
  if (event.target.closest('[data-add]') !== null) return addFromCard(sku);
  if (event.target.closest('.card-link') === null) return;
  event.preventDefault();
  const product = catalogue.get(sku);
  takeInHand(sku, product && `${isolatedName(product.name)} · ${formatCents(product.price_cents)}`);
  pick();
  const name = pageElement('stage-name', HTMLElement);
  name.focus({ preventScroll: true });
  pageElement('stage', HTMLElement).scrollIntoView({ block: 'nearest' });
});

window.addEventListener('storage', rereadBasket);
// Coming back by the back button shows the page as it was left: the order in it is placed.
window.addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return;
  forgetPlacing();
  rereadBasket();
});

function pick() {
  notePick();
  render();
}

/** @param {number} step */
function stepQuantity(step) {
  setQuantityInHand((quantityInHand() ?? 1) + step);
  pick();
}

if (!isBasketEmpty() && !isPickedByCustomer() && document.getElementById('error-summary') === null)
  emptyHand();
resumeUnanswered();
render();
form.classList.add('ready');
// Shows once more what the basket holds beyond the products of this page.
if (!isBasketEmpty()) rereadBasket();
