import { formatCents } from '../../../src/domain/money.ts';
import type { StoredTextbookOrder } from './textbook-store.ts';

/** The parts of an ordinary shop's page besides its content; they bring it to about the size of Nozama's. */
const furniture =
  '<li><a href="/category">Category with a name</a><span>and a few words about it</span></li>\n';

/** @param pageBytes about how long the page is, so that as much is sent as by the service it is compared with */
export function renderTextbookPage(
  order: StoredTextbookOrder,
  top: readonly { readonly name: string; readonly orders: number }[],
  pageBytes: number,
): string {
  const content =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Order ${order.orderId}</title></head><body>` +
    `<h1>Thank you, ${escapeHtml(order.customerName)}!</h1><dl><dt>Order</dt><dd>${order.orderId}</dd>` +
    `<dt>Product</dt><dd>${escapeHtml(order.productName)}</dd><dt>Quantity</dt><dd>${order.quantity}</dd>` +
    `<dt>Total</dt><dd>${formatCents(order.totalCents)}</dd><dt>Ships to</dt><dd>${escapeHtml(order.streetAddress)}, ` +
    `${escapeHtml(order.city ?? '')} ${order.state} ${escapeHtml(order.zipCode)}</dd></dl>` +
    `<h2>Popular products in your area</h2><ol>${top
      .map(({ name, orders }) => `<li>${escapeHtml(name)}: ordered ${orders} times</li>`)
      .join('')}</ol>`;
  const items = Math.max(0, Math.round((pageBytes - content.length) / furniture.length));
  return `${content}<nav><ul>${furniture.repeat(items)}</ul></nav></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
