/** What the commands of a batch have changed so far, for those that are decided after them. */
import type { ErasedOrder, EventOfOrder, KeyedOrder, KeyRecord, LogEntry, Snapshot } from './decide-batch.ts';
import type { Order } from './order.ts';
import { type OrderHistory, orderAt } from './order-event.ts';
import type { Outcome } from './outcome.ts';
import { type Idempotency, idempotencyId } from './submission.ts';
import type { Popularity } from './top-products.ts';

/** The changes by the commands decided so far. */
export interface Draft {
  readonly snapshot: Snapshot;
  readonly orders: Order[];
  readonly keys: KeyRecord[];
  readonly log: LogEntry[];
  readonly stockTaken: Map<string, number>;
  readonly popularityAdded: Map<string, MutablePopularity>;
  readonly placedByKey: Map<string, KeyedOrder>;
  readonly placedById: Map<string, Order>;
  orderNumberNext: number;
  /** Null until the first step is taken. */
  steps: StepDraft | null;
}

export type MutablePopularity = { -readonly [K in keyof Popularity]: Popularity[K] };

/** An order that a step is about: its history, and the order that this makes. */
export interface SteppedOrder extends OrderHistory {
  readonly now: Order;
}

/** The changes by steps. */
export interface StepDraft {
  readonly events: EventOfOrder[];
  readonly histories: Map<string, SteppedOrder>;
  readonly erasedOrders: Map<string, ErasedOrder>;
  readonly popularityTaken: Map<string, MutablePopularity>;
}

export function newDraft(snapshot: Snapshot): Draft {
  return {
    snapshot,
    orders: [],
    keys: [],
    log: [],
    stockTaken: new Map(),
    popularityAdded: new Map(),
    placedByKey: new Map(),
    placedById: new Map(),
    orderNumberNext: snapshot.orderNumberNext,
    steps: null,
  };
}

/** The answer to a command whose idempotency key was used before. */
export function findByKey(
  draft: Draft,
  idempotency: Idempotency,
): Extract<Outcome, { kind: 'replayed' | 'conflict' }> | null {
  const id = idempotencyId(idempotency);
  const sameKey = draft.snapshot.ordersByKey.get(id) ?? draft.placedByKey.get(id);
  if (sameKey === undefined) return null;
  return sameKey.fingerprint === idempotency.fingerprint
    ? replayed(draft, sameKey.order)
    : { kind: 'conflict' };
}

/** Without personal data that the batch erases. */
export function replayed({ steps }: Draft, order: Order): Extract<Outcome, { kind: 'replayed' }> {
  const history = steps?.erasedOrders.has(order.orderId) ? steps.histories.get(order.orderId) : undefined;
  return { kind: 'replayed', order: history === undefined ? order : orderAt(history, order.revision) };
}

/** Units on hand after the commands decided so far. */
export function stockLeft({ snapshot, stockTaken }: Draft, sku: string): number {
  return (snapshot.products.get(sku)?.onHand ?? 0) - (stockTaken.get(sku) ?? 0);
}

export function keepKey({ keys, placedByKey }: Draft, idempotency: Idempotency, order: Order): void {
  const { orderId, number, revision } = order;
  keys.push({ ...idempotency, orderId, orderNumber: number, revision });
  placedByKey.set(idempotencyId(idempotency), { fingerprint: idempotency.fingerprint, order });
}
