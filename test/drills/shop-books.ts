/**
 * The books of one shop, kept by hand: they follow from the answers by plain sums and share no code with the decision.
 */
import assert from 'node:assert/strict';
import type { CatalogChange, CatalogOutcome } from '../../src/domain/decide-catalog.ts';
import type { Order } from '../../src/domain/order.ts';
import type { OrderEvent } from '../../src/domain/order-event.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import type { RequestedLine } from '../../src/domain/submission.ts';

export interface Books {
  readonly onHand: Map<string, number>;
  /** As the last answer told it. */
  readonly orders: Map<string, Order>;
  /** Units that came back and were not put back on hand. */
  readonly lost: Map<string, number>;
}

/** @throws AssertionError when units are sold that are not there */
export function noteOutcomes(books: Books, outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.kind === 'placed') {
      for (const { sku, quantity } of outcome.order.lines) add(books.onHand, sku, -quantity);
      books.orders.set(outcome.order.orderId, outcome.order);
    }
    if (outcome.kind === 'stepped') {
      noteEvent(books, outcome.order, outcome.event);
      books.orders.set(outcome.order.orderId, outcome.order);
    }
    for (const [sku, units] of books.onHand) assert.ok(units >= 0, `${sku} is oversold`);
  }
}

function noteEvent(books: Books, { orderId, lines }: Order, event: OrderEvent): void {
  if (event.type === 'order_cancelled')
    for (const { sku, quantity } of lines) add(books.onHand, sku, quantity);
  if (event.type !== 'order_returned') return;
  const { restock, lines: back } = event.data;
  for (const { sku, quantity } of back) add(restock ? books.onHand : books.lost, sku, quantity);
  assert.ok(books.orders.has(orderId));
}

export function noteChange(books: Books, { movements }: CatalogChange, outcome: CatalogOutcome): void {
  if (outcome.kind !== 'changed') return;
  for (const [index, { sku, units }] of movements.entries())
    if (outcome.movements[index]?.effect === 'moved') add(books.onHand, sku, units);
}

/** Units of each line that were not returned; lines without any are left out. */
export function unitsNotReturned({ lines, returns }: Order): readonly RequestedLine[] {
  const returned = new Map<string, number>();
  for (const { sku, quantity } of returns.flatMap((one) => one.lines)) add(returned, sku, quantity);
  return lines
    .map(({ sku, quantity }) => ({ sku, quantity: quantity - (returned.get(sku) ?? 0) }))
    .filter(({ quantity }) => quantity > 0);
}

export function add(sums: Map<string, number>, id: string, units: number): void {
  sums.set(id, (sums.get(id) ?? 0) + units);
}
