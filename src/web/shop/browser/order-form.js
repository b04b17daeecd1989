/** The form's own controls: reading and filling them, errors beside them, the notice, the button. */
import { pageElement } from './page-element.js';

/** @typedef {Record<string, string>} OrderFields by the names the service's API uses */

/** What an order has of each of its lines; `order-lines.js` reads them. */
const lineFields = new Set(['product_name', 'quantity']);

/** The controls for customer and address, as they stand in the page: it is the only list of them. */
function addressControls() {
  const controls = pageElement('order', HTMLFormElement).querySelectorAll('[id^="field-"]');
  return Array.from(controls, ({ id }) => id.slice('field-'.length))
    .filter((name) => !lineFields.has(name))
    .map(control);
}

/** @param {string} name */
export function control(name) {
  const element = document.getElementById(`field-${name}`);
  if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement) return element;
  throw new Error(`the form has no field ${name}`);
}

/** Optional fields only when something stands in them. */
export function readAddress() {
  /** @type {OrderFields} */
  const fields = {};
  for (const { name, value: typed, required } of addressControls()) {
    const value = typed.trim();
    if (value !== '' || required) fields[name] = value;
  }
  return fields;
}

/** @param {OrderFields} fields */
export function fillAddress(fields) {
  for (const field of addressControls()) field.value = fields[field.name] ?? '';
}

/** @param {string} name */
export function isField(name) {
  return document.getElementById(`field-${name}`) !== null;
}

/**
 * @param {string} name
 * @param {string} text
 */
export function showFieldError(name, text) {
  control(name).setAttribute('aria-invalid', 'true');
  pageElement(`error-${name}`, HTMLElement).textContent = text;
}

/** @param {string} name */
export function clearFieldError(name) {
  control(name).removeAttribute('aria-invalid');
  pageElement(`error-${name}`, HTMLElement).textContent = '';
}

/** @param {HTMLFormElement} form */
export function clearErrors(form) {
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
  for (const error of form.querySelectorAll('.field-error, .line-problem')) error.textContent = '';
  document.getElementById('error-summary')?.remove();
  pageElement('order-notice', HTMLElement).replaceChildren();
}

/** @param {HTMLFormElement} form */
export function focusFirstError(form) {
  const first = form.querySelector('[aria-invalid="true"]:not([hidden]), .line-problem .button');
  if (first instanceof HTMLElement) first.focus();
}

/**
 * Says something above the form and goes there.
 * @param {'warning' | 'danger'} tone
 * @param {string} text
 * @param {HTMLElement[]} choices buttons and links: what to do about it, the safest first
 */
export function showNotice(tone, text, ...choices) {
  const box = document.createElement('div');
  box.className = `notice ${tone}`;
  box.setAttribute('role', 'alert');
  const words = document.createElement('p');
  words.textContent = text;
  box.append(words);
  const actions = document.createElement('p');
  actions.className = 'notice-actions';
  actions.append(...choices);
  if (choices.length > 0) box.append(actions);
  if (choices.length > 1) choices[0]?.classList.add('primary');
  pageElement('order-notice', HTMLElement).replaceChildren(box);
  box.scrollIntoView({ block: 'nearest' });
  choices[0]?.focus({ preventScroll: true });
}

/**
 * A button that says what it does.
 * @param {string} text
 * @param {() => void} act
 */
export function actionButton(text, act) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button small';
  button.textContent = text;
  button.addEventListener('click', act);
  return button;
}

/**
 * A link that looks like {@link actionButton}, as both lead on.
 * @param {string} text
 * @param {string} url
 */
export function actionLink(text, url) {
  const link = document.createElement('a');
  link.className = 'button small';
  link.textContent = text;
  link.href = url;
  return link;
}

let placeLabel = 'Place order';
let isPlacing = false;

/** @param {string} label what the form's button says when nothing is under way */
export function labelPlaceButton(label) {
  placeLabel = label;
  renewPlaceButton();
}

/** @param {boolean} busy */
export function markPlacing(busy) {
  isPlacing = busy;
  renewPlaceButton();
}

/** It stays focusable while the order is under way, so that a user of the keyboard stays at the same place of the page. */
function renewPlaceButton() {
  const button = pageElement('place-order', HTMLButtonElement);
  button.textContent = isPlacing ? 'Placing order…' : placeLabel;
  if (isPlacing) button.setAttribute('aria-disabled', 'true');
  else button.removeAttribute('aria-disabled');
}

let briefTimer = 0;

const briefMsMin = 5000;
/** Slow readers take about 80 ms for a letter. */
const readingMsPerLetter = 80;

/**
 * Words that pass: what has just happened, for those who see it and for screen readers.
 * @param {string} text
 */
export function sayBriefly(text) {
  const box = pageElement('toast', HTMLElement);
  box.textContent = text;
  clearTimeout(briefTimer);
  briefTimer = setTimeout(
    () => {
      box.textContent = '';
    },
    Math.max(briefMsMin, text.length * readingMsPerLetter),
  );
}
