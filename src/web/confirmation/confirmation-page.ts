/**
 * The page of an order: a receipt that hangs under the awning, and follows the order.
 *
 * This is the page of the hot path (every order is followed by one), so it is plain string building over
 * parts that are ready beforehand, all of them ASCII, which a runtime sends without converting it. Whatever comes from a customer or the catalogue goes through escapeHtml.
 */
import { formatCents, groupThousands } from '../../domain/money.ts';
import type { Order } from '../../domain/order.ts';
import { hasErasure, type OrderEvent } from '../../domain/order-event.ts';
import { allowedSteps } from '../../domain/order-lifecycle.ts';
import type { TopProduct } from '../../domain/top-products.ts';
import { type UsState, usStateName } from '../../domain/us-state.ts';
import { pictureUrl } from '../base-path.ts';
import { escapeHtml } from '../html.ts';
import { framePage } from '../layout.ts';
import { orderBarcode } from './order-barcode.ts';
import { receiptHead, receiptLine } from './receipt-parts.ts';
import { statusWordsOf } from './status-words.ts';
import { renderTimeline } from './timeline.ts';

export interface ConfirmationPageView {
  readonly basePath: string;
  readonly order: Order;
  /** What has happened to it since it was placed, the oldest first. */
  readonly events: readonly OrderEvent[];
  /** The picture of each line, in the order of the lines. */
  readonly lineImageUrls: readonly string[];
  /** Whether the visitor holds the order's key: then name, address and email are shown, and the order can be cancelled. */
  readonly isHolder: boolean;
  /** The query of links to the order's other pages: with the key where the browser may not have it in a cookie. */
  readonly keyQuery: string;
  readonly topProducts: readonly TopProduct[];
}

const frame = framePage({
  name: 'confirmation',
  styles: ['confirmation.css'],
  modules: ['confirmation.js'],
  listed: false,
});

const printButton =
  '<p class="receipt-actions"><button type="button" class="button js-only" id="print">Print receipt</button>';

/** The page of one order. */
export function renderConfirmationPage(view: ConfirmationPageView): string {
  const { basePath, order, events, lineImageUrls, isHolder, topProducts } = view;
  const isErased = hasErasure(events);
  let lines = '';
  order.lines.forEach((line, index) => {
    lines += receiptLine(line, pictureUrl(basePath, lineImageUrls[index] ?? ''));
  });
  const content =
    '<div class="clothesline"><div class="confirmation"><article class="receipt pegged">' +
    `${receiptHead(order)}<h1>${heading(order, isHolder && !isErased)}</h1>` +
    `<p>${statusWordsOf(order).sentence}</p>${isErased ? erasedNote : ''}` +
    renderTimeline({ order, events, showPersonalData: isHolder }) +
    `<h2 class="receipt-title">What you ordered</h2><ul class="receipt-lines">${lines}</ul>` +
    `<p class="receipt-total"><span>Total</span> <strong>${formatCents(order.totalCents)}</strong></p>` +
    `<h2 class="receipt-title">Ships to</h2>${shippingAddress(view, isErased)}` +
    `<p class="receipt-code">${orderBarcode(order.number)}</p>` +
    `${printButton}${cancelLink(view)}<a class="button" href="${basePath}/">Back to the shop</a></p></article>` +
    `${popular(basePath, order, topProducts)}</div></div>`;
  const { before, after } = frame(basePath, `Order ${order.number}`);
  return before + content + after;
}

/** The thanks of a new order name the customer. */
function heading(order: Order, mayName: boolean): string {
  if (order.status !== 'placed' || !mayName) return statusWordsOf(order).heading;
  return `Thank you, <bdi>${escapeHtml(order.customerName)}</bdi>!`;
}

const erasedNote =
  '<p class="notice">Name, street and email were erased from this order, as was asked for. They can&rsquo;t be brought back.</p>';

function cancelLink({ basePath, order, isHolder, keyQuery }: ConfirmationPageView): string {
  if (!isHolder || !allowedSteps(order).includes('cancel')) return '';
  return `<a class="button" href="${basePath}/orders/${order.orderId}/cancel${keyQuery}">Cancel order</a>`;
}

function shippingAddress({ basePath, order, isHolder }: ConfirmationPageView, isErased: boolean): string {
  const state = usStateName(order.state);
  if (!isHolder) return `<address>${state}</address>${isErased ? '' : hiddenData(basePath)}`;
  const city = order.city === null ? '' : `${escapeHtml(order.city)}, `;
  const destination = `${city}${state} ${escapeHtml(order.zipCode)}`;
  if (isErased) return `<address>${destination}</address>`;
  const email = order.email === null ? '' : `<br>${escapeHtml(order.email)}`;
  return (
    `<address>${escapeHtml(order.customerName)}<br>${escapeHtml(order.streetAddress).replace('\n', '<br>')}<br>` +
    `${destination}${email}</address>`
  );
}

const hiddenData = (basePath: string) =>
  '<p class="receipt-hidden">Name and address are shown only in the browser that placed this order, ' +
  `or with the link that came with it. <a href="${basePath}/track">Is it yours? Find it by its number.</a></p>`;

const statesWithArticle: ReadonlySet<UsState> = new Set<UsState>(['DC', 'MP', 'VI', 'MH']);
const armedForces: ReadonlySet<UsState> = new Set<UsState>(['AA', 'AE', 'AP']);

/** `in Texas`, `in the Marshall Islands`, `by Armed Forces Europe`. */
function inState(state: UsState): string {
  if (armedForces.has(state)) return `by ${usStateName(state)}`;
  return `in ${statesWithArticle.has(state) ? 'the ' : ''}${usStateName(state)}`;
}

function popular(basePath: string, { state }: Order, topProducts: readonly TopProduct[]): string {
  if (topProducts.length === 0) return '';
  let items = '';
  for (const product of topProducts) items += popularProduct(basePath, product);
  return (
    '<section class="popular" aria-labelledby="popular-title">' +
    '<h2 id="popular-title">Popular products in your area</h2>' +
    `<p class="eyebrow">Ordered most ${inState(state)}</p><ol>${items}</ol></section>`
  );
}

function popularProduct(basePath: string, { rank, sku, name, imageUrl, orders }: TopProduct): string {
  const often = orders === 1 ? 'Ordered once' : `Ordered ${groupThousands(orders)} times`;
  return (
    `<li><a class="card" href="${basePath}/?product=${encodeURIComponent(sku)}#order"><span class="rank">${rank}</span>` +
    `<img src="${escapeHtml(pictureUrl(basePath, imageUrl))}" alt="" width="88" height="88"><span class="what">` +
    `${escapeHtml(name)}<span class="each">${often}</span></span></a></li>`
  );
}
