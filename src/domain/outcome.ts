import type { Cents } from './money.ts';
import type { Order, OrderLine } from './order.ts';
import type { OrderEvent } from './order-event.ts';
import type { OrderStatus, StepName } from './order-lifecycle.ts';

/** One product of which an order wants more than there is. */
export interface Shortage {
  readonly sku: string;
  readonly name: string;
  readonly requested: number;
  /** Units left when the order was decided, 0 or more. */
  readonly available: number;
}

/** Why a well-formed submission can't be an order, line by line. */
export interface LineProblem {
  /** Position in {@link Submission.lines}, from 0. */
  readonly lineIndex: number;
  readonly sku: string;
  readonly code: 'unknown_product' | 'product_unavailable' | 'total_too_large';
}

/** Why a step can't be about these units of a line. */
export interface RejectedUnits {
  /** Position in the lines of the step, from 0. */
  readonly lineIndex: number;
  readonly sku: string;
  readonly code: 'not_in_order' | 'too_many';
  /** Units that the step could be about, 0 or more. */
  readonly left: number;
}

/** Nothing changed: the order is at another point of its life, or the step does not fit it. */
export type StepRefusal =
  | {
      readonly kind: 'not_allowed_now';
      readonly step: StepName | 'erase';
      readonly status: OrderStatus;
      /** Steps that are allowed instead. */
      readonly allowed: readonly StepName[];
    }
  /** The step names units that the order does not have, or has no more. Names every such line. */
  | { readonly kind: 'lines_rejected'; readonly problems: readonly RejectedUnits[] }
  | { readonly kind: 'shipment_not_found'; readonly shipment: number };

/**
 * The outcome of a command. These are the expected results, so they are values; a fault of the
 * machinery is an exception and says nothing about the order.
 */
export type Outcome = PlacingOutcome | StepOutcome;

/** Stored before, under the same idempotency key or the same id: the order as it was then. */
type Replayed = { readonly kind: 'replayed'; readonly order: Order };

/** Nothing changed: the idempotency key was already used for something else. */
type Conflict = { readonly kind: 'conflict' };

/** The outcome of a submission. */
export type PlacingOutcome =
  | Replayed
  | Conflict
  /** Stored now. */
  | { readonly kind: 'placed'; readonly order: Order }
  /** Nothing changed: at least one line wants more than there is. Names every such line. */
  | { readonly kind: 'out_of_stock'; readonly shortages: readonly Shortage[] }
  /** Nothing changed: it comes to another total than was expected. Holds the lines at their current prices. */
  | { readonly kind: 'price_changed'; readonly lines: readonly OrderLine[]; readonly totalCents: Cents }
  /** Nothing changed: it can't be priced. Names every such line. */
  | { readonly kind: 'rejected'; readonly problems: readonly LineProblem[] };

/** The outcome of a step of an order. */
export type StepOutcome =
  /** Nothing changed, and nothing is told of the order: the caller's key allows now something else than its grant says. */
  | { readonly kind: 'access_changed' }
  | Replayed
  | Conflict
  /** Stored now: the order after the step. */
  | { readonly kind: 'stepped'; readonly order: Order; readonly event: OrderEvent }
  | StepRefusal
  /** Nothing changed: the order is at another revision than was expected. */
  | { readonly kind: 'stale'; readonly order: Order }
  | { readonly kind: 'order_not_found' }
  /** Nothing changed: so many units of this product can't be on hand. */
  | { readonly kind: 'stock_full'; readonly sku: string; readonly onHand: number };
