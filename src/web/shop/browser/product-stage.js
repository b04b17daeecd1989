/** The product that is being looked at, and the cards it is picked from. */
import { formatCents, isolatedName, stockWords } from './catalogue.js';
import { readProduct } from './known-products.js';
import { pageElement } from './page-element.js';

/** @typedef {import('./catalogue.js').CatalogueProduct} CatalogueProduct */

/** Letters of a name that is set large, as in the server's `product-stage.ts`. */
const largeLettersMax = 60;

/** Whether it says that what a link asked for is not sold; it does until something is chosen. */
export function saysNotSold() {
  return document.getElementById('not-sold') !== null;
}

/** @param {CatalogueProduct} product */
export function showProduct(product) {
  if (saysNotSold()) clearNotSold();
  const picture = document.getElementById('stage-picture');
  if (picture instanceof HTMLImageElement && !picture.src.endsWith(product.image_url)) {
    picture.src = product.image_url;
  }
  setText('stage-category', product.category);
  setText('stage-name', product.name);
  pageElement('stage-name', HTMLElement).classList.toggle('long', product.name.length > largeLettersMax);
  setText('stage-price', formatCents(product.price_cents));
  showDescription(product);
  const stock = document.getElementById('stage-stock');
  if (stock !== null) showStock(stock, product);
}

/**
 * The service's page has the whole of a long description for the product that it shows; of others this page knows the
 * beginning, and asks for the rest when it is wanted.
 * @param {CatalogueProduct} product
 */
function showDescription({ sku, description, is_cut }) {
  const stage = pageElement('stage', HTMLElement);
  if (stage.dataset['sku'] === sku) return;
  stage.dataset['sku'] = sku;
  setText('stage-description', description);
  const more = document.getElementById('stage-more');
  if (!(more instanceof HTMLDetailsElement)) return;
  more.open = false;
  more.hidden = is_cut !== true;
  setText('stage-rest', '');
  more.ontoggle = async () => {
    if (!more.open || is_cut !== true) return;
    more.ontoggle = null;
    const whole = await readProduct(sku);
    if (stage.dataset['sku'] !== sku) return;
    // Without the ellipsis that stands for the rest.
    const rest = whole?.description.slice(description.length - 1).trimStart();
    setText('stage-rest', rest ?? 'There is no answer right now. Please try again later.');
  };
}

function clearNotSold() {
  document.getElementById('not-sold')?.remove();
  const stage = pageElement('stage', HTMLElement);
  stage.classList.remove('not-sold');
  stage.setAttribute('aria-labelledby', 'stage-name');
  for (const id of ['stage-picture', 'stage-words']) pageElement(id, HTMLElement).hidden = false;
}

/**
 * Rings the card of the chosen product.
 * @param {string | null} sku
 */
export function markCard(sku) {
  for (const card of cards()) {
    const link = card.querySelector('.card-link');
    if (card.dataset['sku'] === sku) link?.setAttribute('aria-current', 'true');
    else link?.removeAttribute('aria-current');
  }
}

/**
 * New stock or price, learned from an answer: on its card and in the drop-down.
 * @param {CatalogueProduct} product
 */
export function renewProduct(product) {
  const soldOut = product.num_in_stock <= 0;
  for (const card of cards()) {
    if (card.dataset['sku'] !== product.sku) continue;
    card.classList.toggle('sold-out', soldOut);
    const stock = card.querySelector('[data-stock]');
    if (stock instanceof HTMLElement) showStock(stock, product);
    const price = card.querySelector('.price');
    if (price !== null) price.textContent = formatCents(product.price_cents);
    if (soldOut) card.querySelector('[data-add]')?.remove();
  }
  const words = stockWords(product);
  for (const option of document.querySelectorAll('option')) {
    if (option.dataset['sku'] !== product.sku) continue;
    option.disabled = soldOut;
    const note = words.tone === 'good' ? '' : ` · ${words.text}`;
    option.textContent = `${isolatedName(product.name)} · ${formatCents(product.price_cents)}${note}`;
  }
}

function cards() {
  return /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.product-card'));
}

/**
 * @param {HTMLElement} tag
 * @param {CatalogueProduct} product
 */
function showStock(tag, product) {
  const words = stockWords(product);
  tag.textContent = words.text;
  tag.className = `tag ${words.tone}`;
}

/**
 * @param {string} id
 * @param {string} text
 */
function setText(id, text) {
  const element = document.getElementById(id);
  if (element !== null) element.textContent = text;
}
