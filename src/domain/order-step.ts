/** A step in the life of an order: the command, and the pure decision whether it is taken and what it causes. */

import type { Grant } from './grant.ts';
import type { Order } from './order.ts';
import { quantityMax } from './order.ts';
import type { EventContent } from './order-event.ts';
import { allowedSteps, type StepName, unitsToShip, unitsWithCustomer } from './order-lifecycle.ts';
import type { RejectedUnits, StepRefusal } from './outcome.ts';
import type { Idempotency, RequestedLine } from './submission.ts';

/** What is to be done with an order. Texts are normalized, within the bounds below. */
export type Step =
  | { readonly name: 'pack' }
  | { readonly name: 'cancel'; readonly reason: string | null }
  | {
      readonly name: 'ship';
      /** Null: all that is left. No SKU twice. */
      readonly lines: readonly RequestedLine[] | null;
      readonly carrier: string;
      readonly trackingNumber: string | null;
      readonly trackingUrl: string | null;
    }
  | { readonly name: 'deliver'; readonly shipment: number }
  | {
      readonly name: 'return';
      /** No SKU twice. */
      readonly lines: readonly RequestedLine[];
      readonly restock: boolean;
      readonly reason: string | null;
    }
  /** Replaces name, street and email, and empties the free texts of the order's events. */
  | { readonly name: 'erase' };

/** Characters of a reason, a carrier, a tracking number and a tracking address at most. */
export const reasonLengthMax = 500;
export const carrierLengthMax = 100;
export const trackingNumberLengthMax = 100;
export const trackingUrlLengthMax = 2_000;
/** Characters of the text that says who the caller was. */
export const actorLengthMax = 200;

/** From where a step was asked for. The audit log tells of it; it decides nothing. */
export interface StepOrigin {
  /** Of the API key; null when the caller has none. */
  readonly keyId: string | null;
  /** Null on the command line. */
  readonly requestId: string | null;
  /** Of the caller, as far as it is known. */
  readonly address: string | null;
  /** What else tells who asked, such as the user of a command. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface OrderStep {
  /** The order that it is about. */
  readonly orderId: string;
  /** UUIDv7 made when the request came in, so that handing the step in twice is harmless. */
  readonly eventId: string;
  readonly step: Step;
  readonly atMs: number;
  /** See {@link OrderEvent.actor}. */
  readonly actor: string;
  readonly origin: StepOrigin;
  readonly grant: Grant | null;
  /** The step is taken only when the order is at one of these revisions; null: at any. */
  readonly expectedRevisions: readonly number[] | null;
  readonly idempotency: Idempotency | null;
}

/** The text that a step's fingerprint is a digest of. It never changes for the same step: keys are replayed across versions. */
export function stepFingerprintText({ orderId, step }: Pick<OrderStep, 'orderId' | 'step'>): string {
  return JSON.stringify(['step', orderId, step.name, ...detailsOf(step)]);
}

function detailsOf(step: Step): readonly unknown[] {
  const flat = (lines: readonly RequestedLine[]) => lines.map(({ sku, quantity }) => [sku, quantity]);
  switch (step.name) {
    case 'pack':
    case 'erase':
      return [];
    case 'cancel':
      return [step.reason];
    case 'ship':
      return [step.lines && flat(step.lines), step.carrier, step.trackingNumber, step.trackingUrl];
    case 'deliver':
      return [step.shipment];
    case 'return':
      return [flat(step.lines), step.restock, step.reason];
  }
}

/** Whether a step may change stock and rankings, so that its decision needs the products of the order. */
export function needsProducts({ name }: Step): boolean {
  return name === 'cancel' || name === 'return';
}

/** The event that a step causes, or why it causes none. Knows nothing of stock, keys and revisions. */
export function decideStep(order: Order, step: Step): EventContent | StepRefusal {
  if (step.name === 'erase') return { type: 'order_erased', data: {} };
  if (step.name === 'deliver' && step.shipment > order.shipments.length)
    return { kind: 'shipment_not_found', shipment: step.shipment };
  if (!allowedSteps(order).includes(step.name)) return notAllowed(order, step.name);
  switch (step.name) {
    case 'pack':
      return { type: 'order_packed', data: {} };
    case 'cancel':
      return { type: 'order_cancelled', data: { reason: step.reason } };
    case 'ship': {
      const left = unitsToShip(order);
      const lines = step.lines ?? left;
      const problems = findProblems(order, lines, left);
      if (problems.length > 0) return { kind: 'lines_rejected', problems };
      const { carrier, trackingNumber, trackingUrl } = step;
      const shipment = order.shipments.length + 1;
      return { type: 'order_shipped', data: { shipment, lines, carrier, trackingNumber, trackingUrl } };
    }
    case 'deliver': {
      const shipment = order.shipments[step.shipment - 1];
      if (shipment?.deliveredAtMs !== null) return notAllowed(order, step.name);
      return { type: 'order_delivered', data: { shipment: step.shipment } };
    }
    case 'return': {
      const problems = findProblems(order, step.lines, unitsWithCustomer(order));
      if (problems.length > 0) return { kind: 'lines_rejected', problems };
      const { lines, restock, reason } = step;
      return { type: 'order_returned', data: { lines, restock, reason } };
    }
  }
}

export function notAllowed(order: Order, step: StepName | 'erase'): StepRefusal {
  return { kind: 'not_allowed_now', step, status: order.status, allowed: allowedSteps(order) };
}

function findProblems(
  { lines: ordered }: Order,
  lines: readonly RequestedLine[],
  left: readonly RequestedLine[],
): readonly RejectedUnits[] {
  return lines.flatMap(({ sku, quantity }, lineIndex): readonly RejectedUnits[] => {
    if (!ordered.some((line) => line.sku === sku)) return [{ lineIndex, sku, code: 'not_in_order', left: 0 }];
    const most = left.find((line) => line.sku === sku)?.quantity ?? 0;
    return quantity > most ? [{ lineIndex, sku, code: 'too_many', left: most }] : [];
  });
}

/** Crashes on a step no parser should have let through: the other side of that boundary. */
export function assertStep({ step, actor }: OrderStep): void {
  if (actor.length < 1 || actor.length > actorLengthMax)
    throw new RangeError('a step has no actor, or a long one');
  const lines = 'lines' in step ? step.lines : null;
  if (lines === null) return;
  if (lines.length < 1) throw new RangeError('a step names no lines');
  if (new Set(lines.map(({ sku }) => sku)).size < lines.length)
    throw new RangeError('a step names a SKU twice: its units would be checked line by line');
  for (const { quantity } of lines) {
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > quantityMax)
      throw new RangeError(`a step is about ${quantity} units, not 1 to ${quantityMax}`);
  }
}
