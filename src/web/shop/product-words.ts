import { groupThousands } from '../../domain/money.ts';
import type { Product } from '../../domain/product.ts';

/** From this many units down, the shop says exactly how many are left. */
export const scarceStockMax = 12;

/** The words for the stock of a product, and their tone. */
export interface StockWords {
  readonly text: string;
  readonly tone: 'good' | 'warning' | 'danger';
}

/** Honest words: the exact count when it matters, no invented hurry. */
export function stockWords(product: Pick<Product, 'onHand' | 'active'>): StockWords {
  if (!isOrderable(product)) return { text: 'Sold out', tone: 'danger' };
  if (product.onHand <= scarceStockMax) {
    return { text: `Only ${groupThousands(product.onHand)} left`, tone: 'warning' };
  }
  return { text: 'In stock', tone: 'good' };
}

/** Whether an order for one unit could be placed now. */
export function isOrderable({ active, onHand }: Pick<Product, 'onHand' | 'active'>): boolean {
  return active && onHand > 0;
}

/** Hebrew, Arabic and their neighbours. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/**
 * A name as part of a line of ours where no markup can hold it apart, such as an option: a name that runs
 * from right to left would draw the price after it into its own direction (UAX #9, isolates).
 */
export function isolatedName(name: string): string {
  return rightToLeft.test(name) ? `\u2068${name}\u2069` : name;
}
