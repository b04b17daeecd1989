/**
 * What has happened to an order and what comes next, the oldest first. Plain string building over escaped texts, as the
 * receipt around it.
 */
import { groupThousands } from '../../domain/money.ts';
import type { Order } from '../../domain/order.ts';
import type { OrderEvent } from '../../domain/order-event.ts';
import { unitsToShip } from '../../domain/order-lifecycle.ts';
import type { RequestedLine } from '../../domain/submission.ts';
import { escapeHtml } from '../html.ts';
import { timeElement } from './time-element.ts';

/** Steps shown at most, the newest; an order may have some 3,000, which the API lists. */
export const stepsShownMax = 60;

export interface TimelineView {
  readonly order: Order;
  /** The oldest first. */
  readonly events: readonly OrderEvent[];
  /** Whether the visitor may see tracking numbers and the reasons that were given. */
  readonly showPersonalData: boolean;
}

export function renderTimeline(view: TimelineView): string {
  const { order, events } = view;
  // Nearly every order that is shown was just placed.
  if (events.length === 0)
    return `<ol class="timeline">${step('Placed', order.placedAtMs, '')}${stepsToCome(order)}</ol>`;
  const hidden = Math.max(0, events.length - stepsShownMax);
  let steps = step('Placed', order.placedAtMs, '');
  if (hidden > 0) steps += `<li class="to-come">${groupThousands(hidden)} earlier steps</li>`;
  for (const event of hidden > 0 ? events.slice(hidden) : events) steps += pastStep(view, event);
  return `<ol class="timeline">${steps}${stepsToCome(order)}</ol>`;
}

function pastStep(view: TimelineView, event: OrderEvent): string {
  const { order, showPersonalData } = view;
  switch (event.type) {
    case 'order_packed':
      return step('Packed', event.atMs, '');
    case 'order_cancelled':
      return step('Cancelled', event.atMs, reasonWords(event.data.reason, showPersonalData));
    case 'order_shipped': {
      const { lines, carrier } = event.data;
      const isAll = isWholeOrder(order, lines);
      const name = isAll ? 'Shipped' : `Parcel ${groupThousands(event.data.shipment)} shipped`;
      const content = isAll ? '' : unitsList(order, lines);
      const tracking = showPersonalData ? trackingWords(event.data) : '';
      return step(name, event.atMs, `${content}<span>With ${escapeHtml(carrier)}</span>${tracking}`);
    }
    case 'order_delivered': {
      const { shipment } = event.data;
      const lines = order.shipments[shipment - 1]?.lines ?? [];
      return step(
        isWholeOrder(order, lines) ? 'Delivered' : `Parcel ${groupThousands(shipment)} delivered`,
        event.atMs,
        '',
      );
    }
    case 'order_returned': {
      const { lines, reason } = event.data;
      const name = isWholeOrder(order, lines) ? 'Returned' : 'Came back to us';
      return step(name, event.atMs, unitsList(order, lines) + reasonWords(reason, showPersonalData));
    }
    case 'order_erased':
      return step('Personal data erased', event.atMs, '');
  }
}

function step(name: string, atMs: number, details: string): string {
  return `<li><strong>${name}</strong>${timeElement(atMs)}${details}</li>`;
}

const toCome = (name: string) => `<li class="to-come"><strong>${name}</strong></li>`;

const afterShipping = toCome('Delivered');
const afterPacking = toCome('Shipped') + afterShipping;
const afterPlacing = toCome('Packed') + afterPacking;

/** The steps that a shopper waits for. */
function stepsToCome(order: Order): string {
  switch (order.status) {
    case 'placed':
      return afterPlacing;
    case 'packed':
      return afterPacking;
    case 'shipped': {
      const left = unitsToShip(order);
      const rest =
        left.length === 0
          ? ''
          : `<li class="to-come"><strong>Still to ship</strong>${unitsList(order, left)}</li>`;
      return rest + afterShipping;
    }
    case 'delivered':
    case 'cancelled':
    case 'returned':
      return '';
  }
}

/** Neither names a SKU twice. */
function isWholeOrder(order: Order, lines: readonly RequestedLine[]): boolean {
  return (
    lines.length === order.lines.length &&
    order.lines.every(({ sku, quantity }) =>
      lines.some((each) => each.sku === sku && each.quantity === quantity),
    )
  );
}

function unitsList({ lines: ordered }: Order, lines: readonly RequestedLine[]): string {
  let items = '';
  for (const { sku, quantity } of lines) {
    const name = ordered.find((line) => line.sku === sku)?.name ?? sku;
    items += `<li>${groupThousands(quantity)} &times; <bdi>${escapeHtml(name)}</bdi></li>`;
  }
  return `<ul>${items}</ul>`;
}

function reasonWords(reason: string | null, showPersonalData: boolean): string {
  return reason === null || !showPersonalData ? '' : `<q>${escapeHtml(reason)}</q>`;
}

interface Tracking {
  readonly trackingNumber: string | null;
  readonly trackingUrl: string | null;
}

/** The link says whose page it leads to. Some shops have the address where the number belongs. */
function trackingWords({ trackingNumber, trackingUrl }: Tracking): string {
  const number =
    trackingNumber === null
      ? ''
      : `<span>Tracking number <span class="tracking-number">${escapeHtml(trackingNumber)}</span></span>`;
  const url = webAddress(trackingUrl) ?? webAddress(trackingNumber);
  if (url === null) return number;
  const link = `<a class="button" href="${escapeHtml(url.href)}" rel="noopener noreferrer">Follow it at ${escapeHtml(shownHost(url.host))}</a>`;
  return number + link;
}

/** Letters of a host that are shown at most: its end says whose it is. */
const hostShownMax = 40;

function shownHost(host: string): string {
  return host.length <= hostShownMax ? host : `…${host.slice(-hostShownMax)}`;
}

/** Checked here as well, because a page must never lead to a script, whoever has written the address. */
function webAddress(text: string | null): URL | null {
  const url = text !== null && URL.canParse(text) ? new URL(text) : null;
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url : null;
}
