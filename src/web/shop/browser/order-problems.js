/** What the service found wrong (RFC 9457 `errors`, each with a JSON pointer), put where it belongs. */
import { isField, showFieldError, showNotice } from './order-form.js';
import { showLineProblem } from './order-lines.js';

/**
 * @param {{ errors: { pointer: string, detail: string }[], text: string }} answer
 * @param {import('./basket.js').BasketLine[]} lines as they were sent
 */
export function showErrors({ errors, text }, lines) {
  /** @type {string[]} */
  const homeless = [];
  for (const { pointer, detail } of errors) {
    const [, name = '', index, part] = pointer.split('/');
    const sku = name === 'lines' && index !== undefined ? lines[Number(index)]?.sku : undefined;
    if (sku !== undefined && showLineProblem(sku, detail)) continue;
    if (name === 'lines') showFieldError(part === 'quantity' ? 'quantity' : 'product_name', detail);
    else if (isField(name)) showFieldError(name, detail);
    else homeless.push(detail);
  }
  if (errors.length === 0) homeless.push(text);
  if (homeless.length > 0) showNotice('danger', homeless.join(' '));
}
