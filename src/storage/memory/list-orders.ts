/** The list of orders that the port promises, by looking at every order. */
import type { EventOfOrder } from '../../domain/decide-batch.ts';
import type { Order } from '../../domain/order.ts';
import { orderAt } from '../../domain/order-event.ts';
import { isAskedFor, type OrderFilter } from '../../domain/order-filter.ts';
import type { OrderPage } from '../order-store.ts';
import type { MemoryContents } from './memory-contents.ts';

function everyOrderNow({ orders, events }: MemoryContents): readonly Order[] {
  const eventsOf = new Map<string, EventOfOrder[]>();
  for (const event of events) eventsOf.set(event.orderId, [...(eventsOf.get(event.orderId) ?? []), event]);
  return orders.map((placed) => orderAt({ placed, events: eventsOf.get(placed.orderId) ?? [] }));
}

export function listOrders(
  contents: MemoryContents,
  filter: OrderFilter,
  beforeNumber: number | null,
  limit: number,
): OrderPage {
  const found = everyOrderNow(contents)
    .filter((order) => isAskedFor(order, filter) && (beforeNumber === null || order.number < beforeNumber))
    .toSorted((a, b) => b.number - a.number);
  const page = found.slice(0, limit);
  return { orders: page, next: found.length > limit ? (page.at(-1)?.number ?? null) : null };
}
