/**
 * Makes the drop-down of a large catalogue a list that can be searched: a combobox with a listbox, as the ARIA
 * Authoring Practices Guide has it (w3.org/WAI/ARIA/apg/patterns/combobox). The drop-down stays behind it and holds the
 * choice, so that the rest of the page need not know of it.
 */
import { formatCents, isolatedName, stockWords } from './catalogue.js';
import { productField, skuInHand, takeInHand } from './hand.js';
import { catalogue, learnProduct } from './known-products.js';
import { clearFieldError } from './order-form.js';
import { addressInShop } from './shop-address.js';

/** @typedef {import('./catalogue.js').CatalogueProduct} CatalogueProduct */

/** Milliseconds after the last letter. */
const typingPauseMs = 150;

/** Milliseconds. */
const answerWaitMs = 10_000;

/** Products in the list at most: more letters find the others. */
const suggestionsMax = 20;

/** @type {{ input: HTMLInputElement, list: HTMLUListElement, words: HTMLElement } | null} */
let picker = null;

/** @type {CatalogueProduct[]} */
let suggested = [];
let active = -1;
/** Until something is chosen or the field is left. */
let isTyping = false;
let pause = 0;
let last = new AbortController();

/** Does nothing in a small shop, whose drop-down holds all there is. */
export function openPicker() {
  if (productField.dataset['searchable'] === undefined) return;
  picker = buildPicker();
  const { input, list } = picker;
  input.addEventListener('input', suggestSoon);
  input.addEventListener('click', () => (list.hidden ? suggestFirst() : close()));
  input.addEventListener('focus', () => input.select());
  input.addEventListener('keydown', onKey);
  input.addEventListener('blur', leave);
  // The focus stays in the field while its list is used.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', ({ target }) => {
    const option = target instanceof Element ? target.closest('[role=option]') : null;
    if (option !== null) choose(Array.from(list.children).indexOf(option));
  });
}

/** What the field says when nobody types in it: the product in hand. */
export function showPicked() {
  if (picker === null || isTyping || !picker.list.hidden) return;
  const { input } = picker;
  const product = catalogue.get(skuInHand() ?? '');
  input.value = product?.name ?? '';
  input.placeholder = productField.options[0]?.text ?? '';
}

function buildPicker() {
  const input = document.createElement('input');
  const list = document.createElement('ul');
  const words = document.createElement('p');
  const box = document.createElement('div');
  box.className = 'picker';
  list.id = 'product-options';
  list.className = 'picker-list card';
  list.hidden = true;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', 'Products');
  words.className = 'spoken';
  words.setAttribute('role', 'status');
  input.className = 'input';
  input.type = 'text';
  input.autocomplete = 'off';
  input.spellcheck = false;
  input.maxLength = 200;
  const attributes = {
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': list.id,
    'aria-required': 'true',
    'aria-describedby': productField.getAttribute('aria-describedby') ?? '',
    ...(productField.hasAttribute('aria-invalid') ? { 'aria-invalid': 'true' } : {}),
  };
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  Object.assign(input.dataset, {
    missing: productField.dataset['missing'],
    wrong: productField.dataset['wrong'],
  });
  // The label, the errors and the links to this field are the combobox's from now on.
  input.id = productField.id;
  productField.id = 'chosen-product';
  productField.removeAttribute('aria-invalid');
  productField.hidden = true;
  productField.before(box);
  box.append(input, list, words);
  return { input, list, words };
}

/** Before anything is typed: what stands on the counter. */
function suggestFirst() {
  const skus = Array.from(productField.options, ({ value }) => value).filter((sku) => sku !== '');
  const known = skus.flatMap((sku) => catalogue.get(sku) ?? []);
  if (known.length === 0) say('Type to search.');
  else suggest(known.slice(0, suggestionsMax));
}

function suggestSoon() {
  isTyping = true;
  clearTimeout(pause);
  last.abort();
  pause = setTimeout(suggestTyped, typingPauseMs);
}

function searchNow() {
  clearTimeout(pause);
  suggestTyped();
}

/** The newest answer wins: an older question is given up. */
async function suggestTyped() {
  if (picker === null) return;
  const typed = picker.input.value.trim();
  if (typed === '') return suggestFirst();
  const asking = new AbortController();
  last = asking;
  const query = new URLSearchParams({ q: typed, limit: String(suggestionsMax) });
  try {
    const response = await fetch(addressInShop(`api/v1/products?${query}`), {
      headers: { Accept: 'application/json' },
      signal: AbortSignal.any([asking.signal, AbortSignal.timeout(answerWaitMs)]),
    });
    if (!response.ok) throw new Error(String(response.status));
    const { products } = await response.json();
    if (asking.signal.aborted) return;
    suggest(/** @type {any[]} */ (products).flatMap((product) => learnProduct(product) ?? []));
  } catch {
    if (!asking.signal.aborted) say('The search got no answer. Check your connection, and try again.');
  }
}

/** @param {CatalogueProduct[]} products */
function suggest(products) {
  if (picker === null) return;
  suggested = products;
  picker.list.replaceChildren(...products.map(optionFor));
  if (products.length === 0) return say(`Nothing we sell goes by “${picker.input.value.trim()}”.`);
  picker.words.textContent = products.length === 1 ? '1 product' : `${products.length} products`;
  open();
  activate(-1);
}

/**
 * Instead of a list.
 * @param {string} text
 */
function say(text) {
  if (picker === null) return;
  suggested = [];
  const words = document.createElement('li');
  words.className = 'picker-words';
  words.setAttribute('role', 'option');
  words.setAttribute('aria-disabled', 'true');
  words.textContent = text;
  picker.list.replaceChildren(words);
  picker.words.textContent = text;
  open();
  activate(-1);
}

/**
 * @param {CatalogueProduct} product
 * @param {number} index
 */
function optionFor(product, index) {
  const option = document.createElement('li');
  option.id = `product-option-${index}`;
  option.className = 'picker-option';
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', String(product.sku === skuInHand()));
  const name = document.createElement('span');
  name.className = 'picker-name';
  name.textContent = product.name;
  const { tone, text } = stockWords(product);
  const note = document.createElement('span');
  note.className = 'picker-note';
  note.textContent = `${formatCents(product.price_cents)}${tone === 'good' ? '' : ` · ${text}`}`;
  option.append(name, ' ', note);
  if (product.num_in_stock <= 0) option.setAttribute('aria-disabled', 'true');
  return option;
}

function open() {
  if (picker === null) return;
  picker.list.hidden = false;
  picker.list.scrollTop = 0;
  picker.input.setAttribute('aria-expanded', 'true');
}

function close() {
  if (picker === null) return;
  clearTimeout(pause);
  last.abort();
  picker.list.hidden = true;
  picker.input.setAttribute('aria-expanded', 'false');
  activate(-1);
}

/** What was typed and not chosen is no product. */
function leave() {
  isTyping = false;
  close();
  showPicked();
}

/** @param {number} index -1 for none */
function activate(index) {
  if (picker === null) return;
  const { input, list } = picker;
  list.children[active]?.classList.remove('active');
  active = index;
  const option = list.children[index];
  if (option === undefined) return input.removeAttribute('aria-activedescendant');
  option.classList.add('active');
  input.setAttribute('aria-activedescendant', option.id);
  option.scrollIntoView({ block: 'nearest' });
}

/** @param {number} index */
function choose(index) {
  const product = suggested[index];
  if (picker === null || product === undefined || product.num_in_stock <= 0) return;
  takeInHand(product.sku, optionText(product));
  clearFieldError('product_name');
  leave();
  productField.dispatchEvent(new Event('change', { bubbles: true }));
}

/** @param {CatalogueProduct} product */
function optionText(product) {
  return `${isolatedName(product.name)} · ${formatCents(product.price_cents)}`;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (picker === null || event.isComposing) return;
  const isOpen = !picker.list.hidden;
  switch (event.key) {
    case 'ArrowDown':
      if (!isOpen) suggestFirst();
      if (!event.altKey) activate(suggested.length === 0 ? -1 : (active + 1) % suggested.length);
      break;
    case 'ArrowUp':
      if (event.altKey) close();
      else {
        if (!isOpen) suggestFirst();
        activate(active <= 0 ? suggested.length - 1 : active - 1);
      }
      break;
    case 'Enter':
      // The order is sent by Enter only when nothing is being looked for: its product would be another than the typed one.
      if (isOpen) choose(active === -1 && suggested.length === 1 ? 0 : active);
      else if (isTyping) searchNow();
      else return;
      break;
    case 'Escape':
      if (isOpen) leave();
      else picker.input.value = '';
      break;
    default:
      return;
  }
  event.preventDefault();
}
