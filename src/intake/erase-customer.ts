/**
 * The use case: a person's name, street and email go from every order that has their email.
 *
 * Trades its own time for that of orders: there is no index of emails, which each order would pay for. It looks at all
 * numbers, the newest first, a part at a time (docs/decisions/0036), and each order that it finds takes the step
 * `erase` through the same batches as every other step. Always holds: an order that is counted is erased durably;
 * when it is stopped anywhere, calling it again erases the rest, because an erased order has no email. An order that
 * is placed after it began is not found. Limits: {@link partOrdersMax} orders in a part, `looksMax` looks in a call.
 */
import { isSameEmail } from '../domain/email-address.ts';
import type { Order } from '../domain/order.ts';
import { everyOrder } from '../domain/order-filter.ts';
import type { StepOutcome } from '../domain/outcome.ts';
import type { OrderStore } from '../storage/order-store.ts';
import type { AskedStep } from './take-step.ts';

/** Orders that are handed in together: some milliseconds of a batch, in which others wait. */
export const partOrdersMax = 25;

/** Of `costlyWalkedMax` numbers each: some seconds. */
export const looksMax = 2_000;

export interface EraseCustomerOptions {
  readonly store: Pick<OrderStore, 'listOrders'>;
  /** Resolves once the step is durable. */
  readonly takeStep: (
    asked: Pick<AskedStep, 'orderId' | 'step' | 'expectedRevisions'>,
  ) => Promise<StepOutcome>;
  readonly looksMax?: number;
}

export interface AskedErasure {
  /** Compared by `isSameEmail`. */
  readonly email: string;
  /** The number below which to go on; null for the newest order. */
  readonly beforeNumber: number | null;
}

export interface CustomerErasure {
  /** Orders that this call has erased. */
  readonly orders: number;
  /** The number below which to go on; null when no order is left to look at. */
  readonly next: number | null;
}

/** Rejects as TakeStep does, and with what `listOrders` throws; the orders of earlier parts stay erased. */
export async function eraseCustomer(
  { store, takeStep, looksMax: most = looksMax }: EraseCustomerOptions,
  { email, beforeNumber }: AskedErasure,
): Promise<CustomerErasure> {
  let orders = 0;
  let next = beforeNumber;
  for (let looks = 0; looks < most; looks += 1) {
    const page = await store.listOrders({ ...everyOrder, email }, next, partOrdersMax);
    const erased = await Promise.all(page.orders.map((order) => eraseOrder(takeStep, order, email)));
    orders += erased.filter(Boolean).length;
    next = page.next;
    if (next === null) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { orders, next };
}

/** @returns whether this call has erased it: another may have been faster */
async function eraseOrder(
  takeStep: EraseCustomerOptions['takeStep'],
  { orderId, revision }: Order,
  email: string,
): Promise<boolean> {
  const step = { name: 'erase' } as const;
  const outcome = await takeStep({ orderId, step, expectedRevisions: [revision] });
  if (outcome.kind !== 'stale') return isErased(outcome);
  const { email: left } = outcome.order;
  if (left === null || !isSameEmail(left, email)) return false;
  return isErased(await takeStep({ orderId, step, expectedRevisions: null }));
}

/** Erasing is allowed at any point of an order's life, once. @returns false when the order was erased before */
export function isErased({ kind }: StepOutcome): boolean {
  if (kind === 'not_allowed_now') return false;
  if (kind !== 'stepped' && kind !== 'replayed') throw new Error(`an erasure ended as ${kind}`);
  return true;
}
