import type { Product } from '../../domain/product.ts';
import type { ProductSort } from '../../domain/product-search.ts';

/** The products that a shop page shows, of a catalogue of any size. */
export interface Listing {
  /** On the counter. */
  readonly products: readonly Product[];
  /** Null when these are all there are, and nothing was searched for. */
  readonly search: ListingSearch | null;
}

/** What was searched for, and what leads on. */
export interface ListingSearch {
  /** As typed. */
  readonly question: string;
  /** Empty for any. */
  readonly category: string;
  readonly sort: ProductSort;
  /** To choose from, by code point. */
  readonly categories: readonly string[];
  /** Whether products come before these. */
  readonly isLaterPage: boolean;
  /** The cursor of the next page; null on the last. */
  readonly next: string | null;
}

/** The names of the parameters in the page's address. */
export const listingParameters = {
  question: 'q',
  category: 'category',
  sort: 'sort',
  after: 'after',
} as const;

/** Whether anything but the order was chosen: then an empty listing is no empty shop. */
export function isNarrowed({ question, category, isLaterPage }: ListingSearch): boolean {
  return question.trim() !== '' || category !== '' || isLaterPage;
}

/** How many there are is not counted: that would take longer than to show them. */
export function foundWords(count: number, { next, isLaterPage }: ListingSearch): string {
  if (count === 0) return next === null ? 'No products' : 'No products yet';
  const products = count === 1 ? '1 product' : `${count} products`;
  if (next === null) return isLaterPage ? `The last ${products}` : products;
  return isLaterPage ? `${products} more, and others after them` : `The first ${products}`;
}
