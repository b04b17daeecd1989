/** The parts of a receipt that several pages of an order share. */
import { formatCents, groupThousands } from '../../domain/money.ts';
import type { Order, OrderLine } from '../../domain/order.ts';
import { escapeHtml } from '../html.ts';
import { statusWordsOf } from './status-words.ts';

/** Number and status: the first things that are seen. */
export function receiptHead(order: Order): string {
  const { tone, name } = statusWordsOf(order);
  return (
    `<p class="receipt-head"><span>Order <span class="order-number">${order.number}</span></span> ` +
    `<span class="tag ${tone}">${name}</span></p>`
  );
}

/** @param imageUrl as the page links to it; null for a line without a picture */
export function receiptLine(
  { name, quantity, unitPriceCents, lineTotalCents }: OrderLine,
  imageUrl: string | null,
): string {
  const picture =
    imageUrl === null ? '' : `<img src="${escapeHtml(imageUrl)}" alt="" width="48" height="48">`;
  return (
    `<li>${picture}<span class="what">` +
    `${escapeHtml(name)}<span class="each">${groupThousands(quantity)} &times; ${formatCents(unitPriceCents)}</span>` +
    `</span> <span class="amount">${formatCents(lineTotalCents)}</span></li>`
  );
}
