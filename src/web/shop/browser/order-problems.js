/** The mistakes that the service found (RFC 9457 `errors`, each with a JSON pointer), each put beside its field. */
import { control, isField, showFieldError, showNotice } from './order-form.js';
import { showLineProblem } from './order-lines.js';

/** @typedef {{ pointer: string, code: string, detail: string }} FieldProblem */

/**
 * The codes whose own words fit a shopper; for the others each field has words of its own, from the
 * server's `field-words.ts`.
 */
const plainCodes = new Set(['too_long', 'control_character', 'unknown_product', 'invalid_email']);

/**
 * @param {string} name of a field of the form
 * @param {FieldProblem} problem
 */
function shopperWords(name, { code, detail }) {
  if (plainCodes.has(code)) return detail;
  const { value, dataset } = control(name);
  const isMissing = code === 'required' || value.trim() === '';
  return (isMissing ? dataset['missing'] : dataset['wrong']) ?? detail;
}

/**
 * @param {{ errors: FieldProblem[], text: string }} answer
 * @param {import('./basket.js').BasketLine[]} lines as they were sent
 */
export function showErrors({ errors, text }, lines) {
  /** @type {string[]} */
  const homeless = [];
  for (const problem of errors) {
    const { pointer, detail } = problem;
    const [, name = '', index, part] = pointer.split('/');
    const sku = name === 'lines' && index !== undefined ? lines[Number(index)]?.sku : undefined;
    if (sku !== undefined && showLineProblem(sku, detail)) continue;
    if (name === 'lines') showFieldError(part === 'quantity' ? 'quantity' : 'product_name', detail);
    else if (isField(name)) showFieldError(name, shopperWords(name, problem));
    else homeless.push(detail);
  }
  if (errors.length === 0) homeless.push(text);
  if (homeless.length > 0) showNotice('danger', homeless.join(' '));
}
