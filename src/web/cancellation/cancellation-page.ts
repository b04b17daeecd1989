/** The page that asks before an order is cancelled, and says why it can't be. Holds no personal data. */
import { formatCents } from '../../domain/money.ts';
import type { Order } from '../../domain/order.ts';
import { allowedSteps } from '../../domain/order-lifecycle.ts';
import { receiptHead, receiptLine } from '../confirmation/receipt-parts.ts';
import { type Html, html, raw } from '../html.ts';
import { framePage } from '../layout.ts';

/** The fields of the form, beside its button. */
export const cancellationFields = { revision: 'revision', confirmation: 'confirmation' } as const;

export interface CancellationPageView {
  readonly basePath: string;
  readonly order: Order;
  /** Why an attempt was not taken; null when there was none. */
  readonly notice: string | null;
  /** Shows the service that its own page has asked, about this revision of the order. */
  readonly confirmation: string;
  /** The query of links to the order's other pages, as the order's page has it. */
  readonly keyQuery: string;
}

const frame = framePage({ name: 'cancellation', styles: ['confirmation.css'], modules: [], listed: false });

export function renderCancellationPage(view: CancellationPageView): string {
  const { basePath, order } = view;
  const isAllowed = allowedSteps(order).includes('cancel');
  const content = html`<div class="clothesline"><div class="confirmation"><article class="receipt pegged">${raw(receiptHead(order))}
<h1>${isAllowed ? 'Cancel this order?' : refusedHeading(order)}</h1>
<p>${isAllowed ? consequence : refusedSentence(order)}</p>
${view.notice !== null && html`<p class="notice warning" role="alert">${view.notice}</p>`}
<h2 class="receipt-title">What you ordered</h2><ul class="receipt-lines plain">${order.lines.map((line) => raw(receiptLine(line, null)))}</ul>
<p class="receipt-total"><span>Total</span> <strong>${formatCents(order.totalCents)}</strong></p>
${actions(view, isAllowed)}</article></div></div>`;
  const { before, after } = frame(basePath, `Cancel order ${order.number}`);
  return before + content.text + after;
}

const consequence = 'Nothing of it will be sent. The items go back on sale. This can’t be undone.';

function actions(
  { basePath, order, confirmation, keyQuery }: CancellationPageView,
  isAllowed: boolean,
): Html {
  const orderUrl = `${basePath}/orders/${order.orderId}`;
  const back = html`<a class="button${!isAllowed && ' primary'}" href="${orderUrl}${keyQuery}">${isAllowed ? 'Keep the order' : 'See the order'}</a>`;
  if (!isAllowed) return html`<p class="receipt-actions">${back}</p>`;
  return html`<form class="receipt-actions" method="post" action="${orderUrl}/cancel${keyQuery}">
<input type="hidden" name="${cancellationFields.revision}" value="${order.revision}">
<input type="hidden" name="${cancellationFields.confirmation}" value="${confirmation}">
<button type="submit" class="button danger">Cancel order ${order.number}</button>
${back}</form>`;
}

function refusedHeading({ status }: Order): string {
  switch (status) {
    case 'cancelled':
      return 'This order is cancelled';
    case 'returned':
      return 'This order came back';
    default:
      return 'Too late to cancel';
  }
}

function refusedSentence({ status }: Order): string {
  switch (status) {
    case 'cancelled':
      return 'Nothing of it will be sent. There is nothing more to do.';
    case 'returned':
      return 'We have got back everything of it. There is nothing to cancel any more.';
    case 'delivered':
      return 'Your things were delivered already, so that the order can’t be cancelled any more.';
    default:
      return 'Your things have left the shop, so that the order can’t be cancelled any more.';
  }
}
