/** The answers of the reference model: recounted from what happened whenever they are asked for. */
import type { Order } from '../../domain/order.ts';
import { type OrderHistory, orderAt } from '../../domain/order-event.ts';
import { unitsKept } from '../../domain/order-lifecycle.ts';
import { comparePopularity, type Popularity, type TopProduct } from '../../domain/top-products.ts';
import type { UsState } from '../../domain/us-state.ts';
import type { MemoryContents } from './memory-contents.ts';

export function findHistory({ orders, events }: MemoryContents, orderId: string): OrderHistory | null {
  const placed = orders.find((order) => order.orderId === orderId);
  if (placed === undefined) return null;
  const own = events.filter((event) => event.orderId === orderId);
  return { placed, events: own.map(({ orderId: _, orderNumber: __, ...event }) => event) };
}

export function findOrder(contents: MemoryContents, orderId: string): Order | null {
  const history = findHistory(contents, orderId);
  return history === null ? null : frozenCopy(orderAt(history));
}

/** What was moved less what was sold, with what was put back. */
export function countOnHand({ movements, orders, events }: MemoryContents, sku: string): number {
  const unitsIn = (lines: readonly { readonly sku: string; readonly quantity: number }[]) =>
    lines.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0);
  let onHand = 0;
  for (const movement of movements) if (movement.sku === sku) onHand += movement.units;
  for (const { lines } of orders) onHand -= unitsIn(lines);
  for (const event of events) {
    if (event.type === 'order_returned' && event.data.restock) onHand += unitsIn(event.data.lines);
    if (event.type === 'order_cancelled')
      onHand += unitsIn(orders.find(({ orderId }) => orderId === event.orderId)?.lines ?? []);
  }
  return onHand;
}

/** Counts the units kept of every order of the state; products go by the name, picture and status they have now. */
export function rank(contents: MemoryContents, state: UsState, limit: number): readonly TopProduct[] {
  const kept = contents.orders
    .filter((order) => order.state === state)
    .flatMap(({ orderId }) => unitsKept(findOrder(contents, orderId) as Order));
  const popularities: (Popularity & Pick<TopProduct, 'imageUrl'>)[] = [];
  for (const { sku, name, imageUrl } of contents.products.filter(({ active }) => active)) {
    const lines = kept.filter((line) => line.sku === sku);
    if (lines.length === 0) continue;
    const units = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    popularities.push({ state, sku, name, imageUrl, orders: lines.length, units });
  }
  return popularities
    .sort(comparePopularity)
    .slice(0, limit)
    .map(({ sku, name, imageUrl, orders: count, units }, index) => ({
      rank: index + 1,
      sku,
      name,
      imageUrl,
      orders: count,
      units,
    }));
}

export function frozenCopy<Value>(value: Value): Value {
  return deepFreeze(structuredClone(value));
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
