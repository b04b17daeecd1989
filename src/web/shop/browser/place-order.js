/**
 * Sends the order and reads each answer that may come back. An order that was sent and not answered may have been
 * taken: it can always be sent again under its own key, and nothing else is sent without a warning.
 */
import { sturdyStorage } from './basket.js';
import { formatCents, groupThousands } from './catalogue.js';
import {
  changeBasket,
  changeLine,
  isInBasket,
  linesToOrder,
  removeLine,
  render,
  totalCents,
} from './draft-order.js';
import { emptyHand, quantityField, setQuantityInHand, skuInHand, takeInHand } from './hand.js';
import { catalogue } from './known-products.js';
import { beginAttempt, pendingAttempt, sendAttempt, settleAttempt } from './order-attempt.js';
import {
  actionButton,
  actionLink,
  clearErrors,
  fillAddress,
  focusFirstError,
  markPlacing,
  readAddress,
  showFieldError,
  showNotice,
} from './order-form.js';
import { showLineProblem } from './order-lines.js';
import { showErrors } from './order-problems.js';
import { pageElement } from './page-element.js';
import { renewProduct } from './product-stage.js';

/** @typedef {import('./order-attempt.js').Attempt} Attempt */
/** @typedef {'ask' | 'place'} IfRepeated whether the same order as a moment ago is asked about first */

const form = pageElement('order', HTMLFormElement);
const session = sturdyStorage(() => window.sessionStorage);

let placing = false;

/**
 * Places what the form shows now.
 * @param {IfRepeated} ifRepeated
 */
export function placeOrder(ifRepeated = 'ask') {
  if (placing) return;
  clearErrors(form);
  const lines = linesToOrder();
  if (lines === null) return focusFirstError(form);
  const body = JSON.stringify({ ...readAddress(), lines });
  const unanswered = pendingAttempt(session);
  if (unanswered !== null && unanswered.body !== body) return warnOfSecondOrder(unanswered, body);
  send(beginAttempt(session, body), ifRepeated);
}

/**
 * @param {Attempt} attempt
 * @param {IfRepeated} ifRepeated
 */
async function send(attempt, ifRepeated = 'ask') {
  setPlacing(true);
  const { lines } = JSON.parse(attempt.body);
  const amount = totalCents(lines);
  const terms = {
    ...(amount === null ? {} : { expected_total: { amount, currency: 'USD' } }),
    if_repeated: ifRepeated,
  };
  const answer = await sendAttempt(attempt, terms, fetch.bind(window));
  if (answer.kind === 'placed') return leaveFor(answer.url);
  setPlacing(false);
  if (answer.kind === 'unclear') return offerRetry(answer.text);
  settleAttempt(session);
  if (answer.kind === 'repriced') return askAtNewPrices(answer);
  if (answer.kind === 'repeated') return askOfRepeat(answer);
  if (answer.kind === 'invalid') showErrors(answer, lines);
  else if (answer.kind === 'short') for (const shortage of answer.shortages) showShortage(shortage);
  else showNotice('danger', answer.text);
  focusFirstError(form);
}

/** @param {boolean} busy */
function setPlacing(busy) {
  placing = busy;
  markPlacing(busy);
}

/** @param {string} url with the order's key, which the page takes out of its address once a cookie carries it */
function leaveFor(url) {
  settleAttempt(session);
  changeBasket([]);
  const { pathname, search } = new URL(url, location.href);
  location.assign(location.origin + pathname + search);
}

/**
 * Nothing was ordered: prices have changed since they were shown.
 * @param {{ lines: import('./order-attempt.js').PricedLine[], totalCents: number }} answer
 */
function askAtNewPrices({ lines, totalCents }) {
  const changes = [];
  for (const { sku, name, unit_price } of lines) {
    const product = catalogue.get(sku);
    if (product === undefined || product.price_cents === unit_price.amount) continue;
    const [before, now] = [formatCents(product.price_cents), formatCents(unit_price.amount)];
    changes.push(`${name} now costs ${now} instead of ${before}.`);
    product.price_cents = unit_price.amount;
    renewProduct(product);
  }
  render();
  const total = formatCents(totalCents);
  showNotice(
    'warning',
    `Nothing was ordered yet, because a price has changed. ${changes.join(' ')} Your order comes to ${total}.`,
    actionButton(`Place order · ${total}`, () => placeOrder()),
  );
}

/**
 * Nothing was ordered: this browser has placed the same order a moment ago.
 * @param {{ text: string, number: number, url: string }} answer
 */
function askOfRepeat({ text, number, url }) {
  showNotice(
    'warning',
    text,
    actionLink(`See order ${number}`, new URL(url, location.href).pathname),
    actionButton('Order it again', () => placeOrder('place')),
  );
}

/** @param {string} text */
function offerRetry(text) {
  showNotice(
    'warning',
    text,
    actionButton('Try again', () => placeOrder()),
  );
}

/**
 * The order was changed after it had been sent: under its own key it is another order.
 * @param {Attempt} first sent, and not answered
 * @param {string} body of the changed one
 */
function warnOfSecondOrder(first, body) {
  showNotice(
    'warning',
    'You have changed your order, and we don’t know yet whether the first one got through. If it did, this one comes on top of it.',
    actionButton('Send the first one again, unchanged', () => {
      clearErrors(form);
      showAttempt(first);
      send(first);
    }),
    actionButton('Place this one as well', () => {
      clearErrors(form);
      send(beginAttempt(session, body));
    }),
  );
}

/** @param {Attempt} attempt */
function showAttempt({ body }) {
  const { lines, ...address } = JSON.parse(body);
  fillAddress(address);
  emptyHand();
  changeBasket(lines);
}

/** After a reload: an order that got no answer is shown as it was sent, to be sent again. */
export function resumeUnanswered() {
  const unanswered = pendingAttempt(session);
  if (unanswered === null) return;
  showAttempt(unanswered);
  offerRetry(
    'Your last order did not get an answer. You can safely try again: it will not be ordered twice.',
  );
}

/** The page was left for a confirmation, and the browser has brought it back as it was. */
export function forgetPlacing() {
  setPlacing(false);
}

/** @param {{ sku: string, name: string, available: number }} shortage */
function showShortage({ sku, name, available }) {
  const product = catalogue.get(sku);
  if (product !== undefined) {
    product.num_in_stock = available;
    renewProduct(product);
  }
  const inHand = skuInHand() === sku;
  if (inHand && available === 0) takeInHand(null);
  render();
  if (available === 0) return showSoldOut(sku, name);
  const left = groupThousands(available);
  const take = actionButton(`Take ${available === 1 ? 'the last one' : `the last ${left}`}`, () => {
    if (inHand) emptyHand();
    // A product both in hand and in the basket is one line of the order.
    if (isInBasket(sku)) return changeLine(sku, available);
    takeInHand(sku);
    setQuantityInHand(available);
    render();
    quantityField.focus();
  });
  if (showLineProblem(sku, `Only ${left} left.`, take)) return;
  showFieldError('quantity', `Only ${left} left.`);
  pageElement('error-quantity', HTMLElement).append(document.createElement('br'), take);
}

/**
 * @param {string} sku
 * @param {string} name
 */
function showSoldOut(sku, name) {
  const text = `${name} has just sold out.`;
  const remove = actionButton('Take it off the order', () => removeLine(sku));
  if (!showLineProblem(sku, text, remove)) {
    showFieldError('product_name', `${text} Please choose something else.`);
  }
}
