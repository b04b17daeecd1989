/** Decides one step of an order within a batch: its event, and what follows for stock, keys and popularity. */
import {
  type Draft,
  findByKey,
  keepKey,
  type MutablePopularity,
  type StepDraft,
  type SteppedOrder,
  stockLeft,
} from './batch-draft.ts';
import type { WriteSet } from './decide-batch.ts';
import { isGranted } from './grant.ts';
import type { Order } from './order.ts';
import {
  applyEvent,
  erased,
  hasErasure,
  looksErased,
  type OrderEvent,
  orderAt,
  withoutPersonalData,
} from './order-event.ts';
import { unitsKept } from './order-lifecycle.ts';
import { assertStep, decideStep, notAllowed, type OrderStep } from './order-step.ts';
import type { StepOutcome } from './outcome.ts';
import { onHandMax } from './product.ts';
import type { RequestedLine } from './submission.ts';

type StepChanges = Pick<WriteSet, 'events' | 'changedOrders' | 'erasedOrders' | 'popularityTaken'>;

const nothingStepped: StepChanges = { events: [], changedOrders: [], erasedOrders: [], popularityTaken: [] };

function stepsOf({ events, histories, erasedOrders, popularityTaken }: StepDraft): StepChanges {
  return {
    events,
    changedOrders: Array.from(histories.values(), ({ now }) => {
      const { orderId, number, status, revision } = now;
      return { orderId, number, status, revision };
    }),
    erasedOrders: Array.from(erasedOrders.values()),
    popularityTaken: Array.from(popularityTaken.values()),
  };
}

/** The part of the write set that steps make. */
export function changesOfSteps({ steps }: Draft): StepChanges {
  return steps === null ? nothingStepped : stepsOf(steps);
}

export function takeStep(draft: Draft, command: OrderStep): StepOutcome {
  assertStep(command);
  const { orderId, eventId, step, atMs, actor, grant, expectedRevisions, idempotency } = command;
  // Before anything else: an answer to a replay tells of the order, too.
  if (!isGranted(grant, draft.snapshot.rightsByKey)) return { kind: 'access_changed' };
  const earlier = idempotency === null ? null : findByKey(draft, idempotency);
  if (earlier !== null) return earlier;
  const history = findHistory(draft, orderId);
  if (history === null) return { kind: 'order_not_found' };
  const same = history.events.find((event) => event.eventId === eventId);
  if (same !== undefined) return { kind: 'replayed', order: orderAt(history, same.revision) };

  const before = history.now;
  if (expectedRevisions !== null && !expectedRevisions.includes(before.revision))
    return { kind: 'stale', order: before };
  // Nothing is left to erase; each erasure anew would make its events grow without a bound.
  if (step.name === 'erase' && hasErasure(history.events) && looksErased(before))
    return notAllowed(before, step.name);
  const content = decideStep(before, step);
  if ('kind' in content) return content;
  const restocked = restockedBy(before, step);
  const overfull = restocked.find(({ sku, quantity }) => stockLeft(draft, sku) + quantity > onHandMax);
  if (overfull !== undefined)
    return { kind: 'stock_full', sku: overfull.sku, onHand: stockLeft(draft, overfull.sku) };

  const event: OrderEvent = {
    ...(hasErasure(history.events) ? withoutPersonalData(content) : content),
    eventId,
    revision: before.revision + 1,
    atMs,
    actor,
  };
  const after = keepEvent(draft, history, event);
  for (const { sku, quantity } of restocked)
    draft.stockTaken.set(sku, (draft.stockTaken.get(sku) ?? 0) - quantity);
  if (idempotency !== null) keepKey(draft, idempotency, after);
  return { kind: 'stepped', order: after, event };
}

function findHistory(draft: Draft, orderId: string): SteppedOrder | null {
  const stepped = draft.steps?.histories.get(orderId);
  if (stepped !== undefined) return stepped;
  const stored = draft.snapshot.ordersById.get(orderId);
  if (stored !== undefined) return { ...stored, now: orderAt(stored) };
  const placed = draft.placedById.get(orderId);
  return placed === undefined ? null : { placed, events: [], now: placed };
}

/** The units that a step puts back on hand. */
function restockedBy(order: Order, step: OrderStep['step']): readonly RequestedLine[] {
  if (step.name === 'cancel') return order.lines;
  return step.name === 'return' && step.restock ? step.lines : [];
}

/** @returns the order after the event */
function keepEvent(draft: Draft, { placed, events, now: before }: SteppedOrder, event: OrderEvent): Order {
  draft.steps ??= { events: [], histories: new Map(), erasedOrders: new Map(), popularityTaken: new Map() };
  const { orderId, number } = placed;
  const history =
    event.type === 'order_erased'
      ? { placed: erased(placed), events: [...events.map(withoutPersonalData), event] }
      : { placed, events: [...events, event] };
  // An erasure also empties the texts of earlier events, so that all of them are applied anew.
  const after = event.type === 'order_erased' ? orderAt(history) : applyEvent(before, event);
  draft.steps.histories.set(orderId, { ...history, now: after });
  draft.steps.events.push({ ...event, orderId, orderNumber: number });
  draft.log.push({
    orderId,
    orderNumber: number,
    revision: event.revision,
    type: event.type,
    atMs: event.atMs,
  });
  if (event.type === 'order_erased') {
    const changed = history.events.map(({ revision, data }) => ({ revision, data }));
    const { zipCode } = history.placed;
    draft.steps.erasedOrders.set(orderId, { orderId, number, zipCode, events: changed });
  }
  // No other event changes which units are kept.
  if (event.type === 'order_cancelled' || event.type === 'order_returned')
    takePopularity(draft.steps.popularityTaken, before, after);
  return after;
}

/** What the counters of the order's state lose: units that are not kept any more, and orders that keep none. */
function takePopularity(taken: Map<string, MutablePopularity>, before: Order, after: Order): void {
  const keptAfter = new Map(unitsKept(after).map(({ sku, quantity }) => [sku, quantity]));
  for (const { sku, quantity } of unitsKept(before)) {
    const left = keptAfter.get(sku) ?? 0;
    if (left === quantity) continue;
    const { state } = before;
    const id = `${state} ${sku}`;
    const name = before.lines.find((line) => line.sku === sku)?.name ?? '';
    const counter = taken.get(id) ?? { state, sku, name, orders: 0, units: 0 };
    counter.orders += left === 0 ? 1 : 0;
    counter.units += quantity - left;
    taken.set(id, counter);
  }
}
