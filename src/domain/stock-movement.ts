/** The ledger of the stock: what came into the warehouse, and what was found to be more or less. An order is no movement. */
import { onHandMax } from './product.ts';

/**
 * `receipt`: units came in. `count`: a count has shown more or fewer. `damage` and `theft` take units away, `found` brings some back.
 */
export const movementReasons = ['receipt', 'count', 'damage', 'theft', 'found'] as const;

export type MovementReason = (typeof movementReasons)[number];

/** The reasons of an adjustment. */
export const adjustmentReasons = ['count', 'damage', 'theft', 'found'] as const satisfies MovementReason[];

export type AdjustmentReason = (typeof adjustmentReasons)[number];

export interface StockMovement {
  readonly sku: string;
  /** More is positive, fewer is negative; never 0. {@link unitsProblem} says which sign a reason has. */
  readonly units: number;
  readonly reason: MovementReason;
  /** In someone's own words; one line of 1 to 200 characters. */
  readonly note: string | null;
  /**
   * What the seller calls it, such as the number of a delivery note: 1 to 200 characters. A movement with the reference
   * that another of the same product has is not made again.
   */
  readonly reference: string | null;
  /** Who has made it: `key:NAME`, `cli` or `service`. */
  readonly actor: string;
  /** When, in milliseconds since the Unix epoch. */
  readonly atMs: number;
}

/** A movement in the ledger. */
export interface NumberedMovement extends StockMovement {
  /** 1, 2, 3 … with gaps; a later one is higher. */
  readonly movementId: number;
}

export type UnitsProblem = 'not_whole' | 'zero' | 'must_be_more' | 'must_be_fewer' | 'too_many';

/** What is wrong with the units of a movement, or null. */
export function unitsProblem({
  units,
  reason,
}: Pick<StockMovement, 'units' | 'reason'>): UnitsProblem | null {
  if (!Number.isInteger(units)) return 'not_whole';
  if (units === 0) return 'zero';
  if (Math.abs(units) > onHandMax) return 'too_many';
  if (units < 0 && (reason === 'receipt' || reason === 'found')) return 'must_be_more';
  if (units > 0 && (reason === 'damage' || reason === 'theft')) return 'must_be_fewer';
  return null;
}
