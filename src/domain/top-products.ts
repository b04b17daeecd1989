import { compareCodePoints } from './code-point-order.ts';
import type { UsState } from './us-state.ts';

/** How often a product was ordered in one state. */
export interface Popularity {
  readonly state: UsState;
  readonly sku: string;
  /** The product's name, which settles ties. */
  readonly name: string;
  /** Number of orders that hold the product. */
  readonly orders: number;
  /** Units in those orders. */
  readonly units: number;
}

/** A product in a state's ranking. */
export interface TopProduct {
  /** 1 is the most popular. */
  readonly rank: number;
  readonly sku: string;
  readonly name: string;
  readonly imageUrl: string;
  readonly orders: number;
  readonly units: number;
}

/** How many a confirmation page shows. */
export const topProductsShown = 3;

/** How many a ranking has unless it is asked for another number. */
export const topProductsDefault = 3;

/** The longest ranking that can be asked for. */
export const topProductsMax = 20;

/**
 * The order of a ranking: more orders first, then more units, then the name by Unicode code point,
 * then the SKU, so that no two products tie. Engines order the same way (SQLite: `COLLATE BINARY` over
 * UTF-8, PostgreSQL: `COLLATE "C"`).
 */
export function comparePopularity(a: Popularity, b: Popularity): number {
  return (
    b.orders - a.orders ||
    b.units - a.units ||
    compareCodePoints(a.name, b.name) ||
    compareCodePoints(a.sku, b.sku)
  );
}
