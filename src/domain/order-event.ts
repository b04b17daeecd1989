/**
 * What happened to an order after it was placed. Events are kept with their order, and each is in the shop's log. The
 * present state of an order is a fold over them ({@link orderAt}).
 */
import type { Order } from './order.ts';
import type { OrderReturn, Shipment } from './order-lifecycle.ts';
import type { RequestedLine } from './submission.ts';
import { withoutZipAddOn } from './zip-code.ts';

type NoData = Readonly<Record<string, never>>;

/** By type, the data that belongs to an event. Free texts may name a person: {@link withoutPersonalData}. */
export interface EventData {
  readonly order_packed: NoData;
  readonly order_cancelled: { readonly reason: string | null };
  readonly order_shipped: {
    /** 1, 2, 3 … within the order. */
    readonly shipment: number;
    readonly lines: readonly RequestedLine[];
    readonly carrier: string;
    readonly trackingNumber: string | null;
    readonly trackingUrl: string | null;
  };
  readonly order_delivered: { readonly shipment: number };
  readonly order_returned: {
    readonly lines: readonly RequestedLine[];
    readonly restock: boolean;
    readonly reason: string | null;
  };
  readonly order_erased: NoData;
}

export type EventType = keyof EventData;

export const eventTypes = [
  'order_packed',
  'order_cancelled',
  'order_shipped',
  'order_delivered',
  'order_returned',
  'order_erased',
] as const satisfies readonly EventType[];

/** A type with its data. */
export type EventContent = {
  readonly [Type in EventType]: { readonly type: Type; readonly data: EventData[Type] };
}[EventType];

export type OrderEvent = EventContent & {
  /** UUIDv7, made when the step came in: a step that is handed in twice makes one event. */
  readonly eventId: string;
  /** The revision of the order that it made, 2 or more. */
  readonly revision: number;
  readonly atMs: number;
  /** The caller: `shopper`, `key:NAME`, `cli` or `service`. */
  readonly actor: string;
};

/** An order and all that has happened to it. */
export interface OrderHistory {
  /** As it was placed, at revision 1; without personal data after an erasure. */
  readonly placed: Order;
  /** By revision: 2, 3, 4 … */
  readonly events: readonly OrderEvent[];
}

/** Stands where an erased name or street stood. */
export const erasedText = 'Erased';

/** @param revision as it was at this revision; its last unless given */
export function orderAt({ placed, events }: OrderHistory, revision = Number.POSITIVE_INFINITY): Order {
  if (events.length === 0) return placed;
  const fold = beginFold(placed);
  for (const event of events) {
    if (event.revision > revision) break;
    fold.order = next(fold, event);
  }
  return fold.order;
}

/** The order after the event, which is the next of its history. */
export function applyEvent(order: Order, event: OrderEvent): Order {
  return next(beginFold(order), event);
}

/**
 * An order while its events are applied. An order may have some 3,000: the questions that each event asks are counted
 * along, so that the time grows with the number of events and not with its square.
 */
interface Fold {
  /** Has {@link shipments} and {@link returns}. */
  order: Order;
  readonly shipments: Shipment[];
  readonly returns: OrderReturn[];
  /** Shipments that have not arrived. */
  onTheWay: number;
  readonly toShip: UnitsLeft;
  readonly kept: UnitsLeft;
}

function beginFold(from: Order): Fold {
  const shipments = [...from.shipments];
  const returns = [...from.returns];
  const [toShip, kept] = [unitsLeftOf(from.lines), unitsLeftOf(from.lines)];
  let onTheWay = 0;
  for (const { lines, deliveredAtMs } of shipments) {
    toShip.take(lines);
    if (deliveredAtMs === null) onTheWay += 1;
  }
  for (const { lines } of returns) kept.take(lines);
  return { order: { ...from, shipments, returns }, shipments, returns, onTheWay, toShip, kept };
}

function next(fold: Fold, event: OrderEvent): Order {
  return { ...fold.order, ...changesBy(fold, event), revision: event.revision };
}

interface UnitsLeft {
  take(lines: readonly RequestedLine[]): void;
  areNone(): boolean;
}

/** They are counted from the first question on: most events ask none. */
function unitsLeftOf(lines: readonly RequestedLine[]): UnitsLeft {
  let left: Map<string, number> | null = null;
  let skusLeft = 0;
  return {
    take(taken) {
      if (left === null) {
        left = new Map(lines.map(({ sku, quantity }) => [sku, quantity]));
        skusLeft = left.size;
      }
      for (const { sku, quantity } of taken) {
        const before = left.get(sku) ?? 0;
        left.set(sku, before - quantity);
        if (before > 0 && before <= quantity) skusLeft -= 1;
      }
    },
    areNone: () => (left === null ? lines.length === 0 : skusLeft === 0),
  };
}

function changesBy(fold: Fold, event: OrderEvent): Partial<Order> {
  const { shipments, returns, toShip, kept } = fold;
  switch (event.type) {
    case 'order_packed':
      return { status: 'packed' };
    case 'order_cancelled':
      return { status: 'cancelled' };
    case 'order_shipped': {
      const { shipment, ...data } = event.data;
      shipments.push({ number: shipment, ...data, shippedAtMs: event.atMs, deliveredAtMs: null });
      fold.onTheWay += 1;
      toShip.take(data.lines);
      return { status: 'shipped' };
    }
    case 'order_delivered': {
      const arrived = shipments[event.data.shipment - 1];
      if (arrived === undefined) return {};
      if (arrived.deliveredAtMs === null) fold.onTheWay -= 1;
      shipments[event.data.shipment - 1] = { ...arrived, deliveredAtMs: event.atMs };
      return fold.onTheWay === 0 && toShip.areNone() ? { status: 'delivered' } : {};
    }
    case 'order_returned': {
      const { lines, restock } = event.data;
      returns.push({ lines, restock, returnedAtMs: event.atMs });
      kept.take(lines);
      return kept.areNone() ? { status: 'returned' } : {};
    }
    case 'order_erased':
      return erased(fold.order);
  }
}

/**
 * An order without the data of its person. State, city and the five digits of the ZIP code stay: figures are made of
 * them, and thousands share them. The four digits of a ZIP+4 code go: they may stand for a single house.
 */
export function erased(order: Order): Order {
  const { zipCode } = order;
  return {
    ...order,
    customerName: erasedText,
    streetAddress: erasedText,
    zipCode: withoutZipAddOn(zipCode),
    email: null,
  };
}

/** Whether the person of an order with these events was erased. */
export function hasErasure(events: readonly Pick<OrderEvent, 'type'>[]): boolean {
  return events.some(({ type }) => type === 'order_erased');
}

/** Whether it looks as {@link erased} leaves it. A person of this name and street would, too. */
export function looksErased({ customerName, streetAddress, email }: Order): boolean {
  return customerName === erasedText && streetAddress === erasedText && email === null;
}

/**
 * The content of an event without its free texts and without what leads to the customer at a carrier: of the events
 * before an erasure and of those after it, so that a step which was on its way with the erasure leaves nothing behind.
 */
export function withoutPersonalData<Content extends EventContent>(content: Content): Content {
  switch (content.type) {
    case 'order_cancelled':
    case 'order_returned':
      return { ...content, data: { ...content.data, reason: null } };
    case 'order_shipped':
      return { ...content, data: { ...content.data, trackingNumber: null, trackingUrl: null } };
    default:
      return content;
  }
}
