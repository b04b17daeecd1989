/** Reading and filling the lab's forms, whose fields are named as the API names them. */
import { setText } from './elements.js';

/** @typedef {import('./lab-client.js').PlanMistake} PlanMistake */

/** Written in per cent, kept as a share. */
const percentFields = new Set(['objective.failureShareMax', 'failureShareMax']);

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
export function control(form, name) {
  const found = form.elements.namedItem(name);
  if (found instanceof HTMLInputElement || found instanceof HTMLSelectElement) return found;
  throw new Error(`the form ${form.id} has no field ${name}`);
}

/**
 * A number. Text that is no number is sent as typed, so that the lab names the mistake.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {number | string | null} null when nothing was typed
 */
export function readNumber(form, name) {
  const typed = control(form, name).value.trim();
  if (typed === '') return null;
  const value = Number(typed.replaceAll(/[\s,_]/g, ''));
  if (Number.isNaN(value)) return typed;
  return percentFields.has(name) ? value / 100 : value;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string | number | null} value
 */
export function fill(form, name, value) {
  const shown =
    percentFields.has(name) && typeof value === 'number' ? Number((value * 100).toFixed(6)) : value;
  control(form, name).value = shown === null ? '' : String(shown);
}

/** @param {HTMLFormElement} form */
export function clearMistakes(form) {
  for (const error of form.querySelectorAll('.field-error')) setText(error, '');
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
}

/**
 * Puts each mistake beside its field, and those of no field of this form on its top.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} top
 * @param {readonly PlanMistake[]} mistakes
 * @returns {boolean} whether any is beside a field
 */
export function showMistakes(form, top, mistakes) {
  /** @type {HTMLElement | null} */
  let first = null;
  /** @type {string[]} */
  const others = [];
  for (const { field, message } of mistakes) {
    const input = form.elements.namedItem(field);
    const error = input instanceof HTMLElement ? document.getElementById(`${input.id}-error`) : null;
    if (
      !(input instanceof HTMLElement) ||
      error === null ||
      input.closest('.field[hidden], .kind[hidden]') !== null
    ) {
      others.push(field === '' ? message : `${field}: ${message}`);
      continue;
    }
    input.setAttribute('aria-invalid', 'true');
    setText(error, percentFields.has(field) ? 'Please give a number from 0 to 100.' : message);
    const folded = input.closest('details');
    if (folded !== null) folded.open = true;
    first ??= input;
  }
  setText(top, others.join(' '));
  first?.focus();
  return first !== null;
}

/**
 * A field that is changed loses its error.
 * @param {HTMLFormElement} form
 */
export function forgetMistakesOnInput(form) {
  form.noValidate = true;
  form.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    target.removeAttribute('aria-invalid');
    const error = document.getElementById(`${target.id}-error`);
    if (error !== null) setText(error, '');
  });
}
