import type { Cents } from './money.ts';
import type { Order, OrderLine } from './order.ts';

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

/**
 * The outcome of a submission. These are the expected results, so they are values; a fault of the
 * machinery is an exception and says nothing about the order.
 */
export type Outcome =
  /** Stored now. */
  | { readonly kind: 'placed'; readonly order: Order }
  /** Stored before, under the same idempotency key or the same order id. */
  | { readonly kind: 'replayed'; readonly order: Order }
  /** Nothing changed: at least one line wants more than there is. Names every such line. */
  | { readonly kind: 'out_of_stock'; readonly shortages: readonly Shortage[] }
  /** Nothing changed: it comes to another total than was expected. Holds the lines at their current prices. */
  | { readonly kind: 'price_changed'; readonly lines: readonly OrderLine[]; readonly totalCents: Cents }
  /** Nothing changed: it can't be priced. Names every such line. */
  | { readonly kind: 'rejected'; readonly problems: readonly LineProblem[] }
  /** Nothing changed: the idempotency key already made another order. */
  | { readonly kind: 'conflict' };
