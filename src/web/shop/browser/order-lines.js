/** The products already in the order, as rows above the one that is being chosen. */
import { formatCents, parseQuantity } from './catalogue.js';
import { actionButton } from './order-form.js';
import { pageElement } from './page-element.js';

/** @typedef {import('./basket.js').BasketLine} BasketLine */

/**
 * What the rows ask for.
 * @typedef {object} LineActions
 * @property {(sku: string, quantity: number) => void} change
 * @property {(sku: string) => void} remove
 */

/**
 * Rows are kept and only their words renewed, so that the focus stays where it is.
 * @param {readonly BasketLine[]} lines
 * @param {import('./catalogue.js').Catalogue} catalogue
 * @param {LineActions} actions
 */
export function renderLines(lines, catalogue, actions) {
  const list = pageElement('order-lines', HTMLUListElement);
  const wanted = new Set(lines.map(({ sku }) => sku));
  for (const row of Array.from(list.children)) {
    if (row instanceof HTMLElement && !wanted.has(row.dataset['sku'] ?? '')) row.remove();
  }
  for (const line of lines) {
    const product = catalogue.get(line.sku);
    let row = rowOf(line.sku);
    if (row === null) row = list.appendChild(newRow(line.sku, product, actions));
    else if (product !== undefined && row.querySelector('.no-picture') !== null) {
      const known = newRow(line.sku, product, actions);
      row.replaceWith(known);
      row = known;
    }
    renewRow(row, line, product);
  }
  list.hidden = lines.length === 0;
}

/** @param {string} sku */
function rowOf(sku) {
  const list = pageElement('order-lines', HTMLUListElement);
  const rows = /** @type {HTMLLIElement[]} */ (Array.from(list.children));
  return rows.find((row) => row.dataset['sku'] === sku) ?? null;
}

/**
 * Puts words, and what to do about it, at the line of a product.
 * @param {string} sku
 * @param {string} text
 * @param {HTMLButtonElement} [button]
 * @returns {boolean} whether there is such a line
 */
export function showLineProblem(sku, text, button) {
  const row = rowOf(sku);
  const problem = row?.querySelector('.line-problem');
  if (!(problem instanceof HTMLElement)) return false;
  problem.textContent = text;
  const input = row?.querySelector('input');
  if (text === '') input?.removeAttribute('aria-invalid');
  else input?.setAttribute('aria-invalid', 'true');
  if (button !== undefined) problem.append(document.createElement('br'), button);
  return true;
}

/**
 * @param {string} sku
 * @param {import('./catalogue.js').CatalogueProduct | undefined} product
 * @param {LineActions} actions
 */
function newRow(sku, product, actions) {
  const name = product?.name ?? sku;
  const row = document.createElement('li');
  row.className = 'order-line';
  row.dataset['sku'] = sku;

  // A product that is gone has no picture; an image without one would show an empty frame.
  const picture = document.createElement(product === undefined ? 'span' : 'img');
  if (picture instanceof HTMLImageElement) {
    picture.width = 48;
    picture.height = 48;
    picture.alt = '';
    picture.src = product?.image_url ?? '';
  } else picture.className = 'no-picture';

  const words = document.createElement('p');
  words.className = 'line-name';
  const title = document.createElement('span');
  title.className = 'line-title';
  title.textContent = name;
  title.title = name;
  const money = document.createElement('span');
  money.className = 'line-money';
  words.append(title, money);

  const problem = document.createElement('div');
  problem.className = 'line-problem';
  problem.id = `line-problem-${sku}`;
  problem.setAttribute('role', 'status');

  row.append(picture, words, lineControls(sku, name, actions), problem);
  return row;
}

/**
 * @param {string} sku
 * @param {string} name
 * @param {LineActions} actions
 */
function lineControls(sku, name, actions) {
  const input = document.createElement('input');
  input.className = 'input';
  input.inputMode = 'numeric';
  input.autocomplete = 'off';
  input.maxLength = 6;
  input.setAttribute('aria-label', `Quantity of ${name}`);
  input.setAttribute('aria-describedby', `line-problem-${sku}`);
  const change = (/** @type {number | null} */ quantity) => {
    if (quantity !== null) actions.change(sku, quantity);
  };
  input.addEventListener('input', () => change(parseQuantity(input.value)));
  // Left unusable, it goes back to what the order really holds.
  input.addEventListener('change', () => {
    if (parseQuantity(input.value) === null) input.value = input.dataset['quantity'] ?? '1';
  });
  // Enter in this field means this field, not the whole order.
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') event.preventDefault();
    if (event.key === 'ArrowUp') change(parseQuantity(String(Number(input.dataset['quantity']) + 1)));
    if (event.key === 'ArrowDown') change(parseQuantity(String(Number(input.dataset['quantity']) - 1)));
  });
  const remove = actionButton('×', () => actions.remove(sku));
  remove.className = 'button quiet remove';
  remove.setAttribute('aria-label', `Remove ${name}`);
  const controls = document.createElement('div');
  controls.className = 'line-controls';
  controls.append(input, remove);
  return controls;
}

/**
 * @param {HTMLElement} row
 * @param {BasketLine} line
 * @param {import('./catalogue.js').CatalogueProduct | undefined} product
 */
function renewRow(row, { quantity }, product) {
  const orderable = product !== undefined && product.num_in_stock > 0;
  row.classList.toggle('left-out', !orderable);
  const input = row.querySelector('input');
  if (input !== null) {
    input.hidden = !orderable;
    input.dataset['quantity'] = String(quantity);
    if (parseQuantity(input.value) !== quantity) input.value = String(quantity);
  }
  const money = row.querySelector('.line-money');
  if (money === null) return;
  money.textContent = orderable
    ? `${formatCents(product.price_cents)} each · ${formatCents(product.price_cents * quantity)}`
    : product === undefined
      ? 'No longer in the shop; left out of your order'
      : 'Sold out; left out of your order';
}

/**
 * After a row is gone: the next row's button, else the product field.
 * @param {number} index of the row that was removed
 */
export function focusNearLine(index) {
  const list = pageElement('order-lines', HTMLUListElement);
  const buttons = /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('.remove'));
  const next = buttons[Math.min(index, buttons.length - 1)];
  (next ?? document.getElementById('field-product_name'))?.focus();
}
