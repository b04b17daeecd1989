/**
 * The confirmation: a receipt that hangs under the awning.
 *
 * This is the page of the hot path (every order is followed by one), so it is plain string building over
 * parts that are ready beforehand, all of them ASCII, which a runtime sends without converting it. Whatever comes from a customer or the catalogue goes through escapeHtml.
 */
import { formatCents, groupThousands } from '../../domain/money.ts';
import type { Order, OrderLine } from '../../domain/order.ts';
import type { OrderStatus } from '../../domain/order-lifecycle.ts';
import type { TopProduct } from '../../domain/top-products.ts';
import { type UsState, usStateName } from '../../domain/us-state.ts';
import { pictureUrl } from '../base-path.ts';
import { escapeHtml } from '../html.ts';
import { framePage } from '../layout.ts';
import { orderBarcode } from './order-barcode.ts';

export interface ConfirmationPageView {
  readonly basePath: string;
  readonly order: Order;
  /** The picture of each line, in the order of the lines. */
  readonly lineImageUrls: readonly string[];
  /** Whether the visitor may see name, street and email. */
  readonly showPersonalData: boolean;
  readonly topProducts: readonly TopProduct[];
}

const frame = framePage({
  name: 'confirmation',
  styles: ['confirmation.css'],
  modules: ['confirmation.js'],
  listed: false,
});

const statusWords: Readonly<Record<OrderStatus, string>> = {
  placed: 'Placed',
  packed: 'Packed',
  shipped: 'Shipped',
  delivered: 'Delivered',
  cancelled: 'Cancelled',
  returned: 'Returned',
};

const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const printButton =
  '<p class="receipt-actions"><button type="button" class="button js-only" id="print">Print receipt</button>';

const hiddenData =
  '<p class="receipt-hidden">Name and street are shown only in the browser that placed this order, ' +
  'or with the link that came with it.</p>';

/** The page of one placed order. */
export function renderConfirmationPage({
  basePath,
  order,
  lineImageUrls,
  showPersonalData,
  topProducts,
}: ConfirmationPageView): string {
  let lines = '';
  order.lines.forEach((line, index) => {
    lines += receiptLine(line, pictureUrl(basePath, lineImageUrls[index] ?? ''));
  });
  const content =
    '<div class="clothesline"><div class="confirmation"><article class="receipt pegged"><h1>Thank you' +
    `${showPersonalData ? `, <bdi>${escapeHtml(order.customerName)}</bdi>` : ''}!</h1>` +
    '<p>Your order is in, and your things are set aside.</p>' +
    `<dl class="receipt-facts"><div><dt>Order</dt><dd class="order-number">${order.number}</dd></div>` +
    `<div><dt>Status</dt><dd><span class="tag good">${statusWords[order.status]}</span></dd></div>` +
    `<div><dt>Placed</dt><dd>${timeElement(order.placedAtMs)}</dd></div></dl>` +
    `<h2 class="receipt-title">What you ordered</h2><ul class="receipt-lines">${lines}</ul>` +
    `<p class="receipt-total"><span>Total</span> <strong>${formatCents(order.totalCents)}</strong></p>` +
    `<h2 class="receipt-title">Ships to</h2>${shippingAddress(order, showPersonalData)}` +
    `<p class="receipt-code">${orderBarcode(order.number)}</p>` +
    `${printButton}<a class="button" href="${basePath}/">Back to the shop</a></p></article>` +
    `${popular(basePath, order, topProducts)}</div></div>`;
  const { before, after } = frame(basePath, `Order ${order.number}`);
  return before + content + after;
}

function receiptLine(
  { name, quantity, unitPriceCents, lineTotalCents }: OrderLine,
  imageUrl: string,
): string {
  return (
    `<li><img src="${escapeHtml(imageUrl)}" alt="" width="48" height="48"><span class="what">` +
    `${escapeHtml(name)}<span class="each">${groupThousands(quantity)} &times; ${formatCents(unitPriceCents)}</span>` +
    `</span> <span class="amount">${formatCents(lineTotalCents)}</span></li>`
  );
}

/** `Oct 3, 2026, 14:05 UTC`; a script may put it into the reader's own zone. */
function timeElement(atMs: number): string {
  const iso = new Date(atMs).toISOString();
  const month = monthNames[Number(iso.slice(5, 7)) - 1];
  const words = `${month} ${Number(iso.slice(8, 10))}, ${iso.slice(0, 4)}, ${iso.slice(11, 16)} UTC`;
  return `<time datetime="${iso}" title="${words}">${words}</time>`;
}

function shippingAddress(order: Order, showPersonalData: boolean): string {
  const city = order.city === null ? '' : `${escapeHtml(order.city)}, `;
  const destination = `${city}${usStateName(order.state)} ${escapeHtml(order.zipCode)}`;
  if (!showPersonalData) return `<address>${destination}</address>${hiddenData}`;
  const email = order.email === null ? '' : `<br>${escapeHtml(order.email)}`;
  return (
    `<address>${escapeHtml(order.customerName)}<br>${escapeHtml(order.streetAddress).replace('\n', '<br>')}<br>` +
    `${destination}${email}</address>`
  );
}

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
