/**
 * The words by which products are found, and the order in which they are listed. One pure function gives the words of a
 * product and those of a question, so that every engine finds the same.
 *
 * Words are folded: capitals, accents and forms of the same letter (Unicode NFKD, UAX #15) make no difference. Chinese
 * characters and Japanese letters are a word each, because these scripts write no spaces.
 */
import { compareCodePoints } from './code-point-order.ts';
import type { Product } from './product.ts';

/** How a list is ordered: by name, the product added last first, or the lowest price first. */
export const productSorts = ['name', 'newest', 'cheapest'] as const;

export type ProductSort = (typeof productSorts)[number];

/** Asks for active products. */
export interface ProductSearch {
  /** Each is the beginning of a word of the product; none finds all. At most {@link searchWordsMax}, without doubles. */
  readonly words: readonly string[];
  /** Exactly, or null for any. */
  readonly category: string | null;
  readonly sort: ProductSort;
}

/** The words of a question that count, from its first on. */
export const searchWordsMax = 8;

/** The letters of a word that count; every engine can have so long a text in an index. */
const lettersMax = 100;

const markRuns = /\p{M}+/gu;
const words =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[[\p{L}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]]+/gv;

/** The words of a text, in its order. Without marks first, because sorting thousands of them takes long. */
function foldedWords(text: string): readonly string[] {
  const folded = text
    .replace(markRuns, '')
    .normalize('NFKD')
    .toLowerCase()
    .replace(markRuns, '')
    .replaceAll('ς', 'σ');
  return (folded.match(words) ?? []).map(beginning);
}

function beginning(text: string): string {
  return text.length > lettersMax ? Array.from(text).slice(0, lettersMax).join('') : text;
}

/** A product is found by its name, its category and its SKU. Sorted, without doubles, at least one. */
export function productWords({ name, category, sku }: Pick<Product, 'name' | 'category' | 'sku'>): string[] {
  return [...new Set([name, category, sku].flatMap(foldedWords))].sort(compareCodePoints);
}

/** The words of a question, without doubles. None when it has neither letters nor digits. */
export function askedWords(question: string): readonly string[] {
  return [...new Set(foldedWords(question))].slice(0, searchWordsMax);
}

/** By it a list is ordered by name; empty for a name without letters and digits. */
export function sortName(name: string): string {
  return beginning(foldedWords(name).join(' '));
}

/** Sorts after every word that begins with `prefix`: no word holds U+10FFFF. */
export function endOfPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

/** Where a product stands in a sorted list, and so where a page of it ends. Products that tie stand by SKU. */
export interface ProductPosition {
  /** The name as {@link sortName} gives it, when it was added in milliseconds since the Unix epoch, or the price in cents. */
  readonly key: string | number;
  readonly sku: string;
}

export function positionOf(sort: ProductSort, product: Product): ProductPosition {
  const { name, createdAtMs, priceCents, sku } = product;
  const keys = { name: () => sortName(name), newest: () => createdAtMs, cheapest: () => priceCents };
  return { key: keys[sort](), sku };
}

/** Whether a list goes from the highest position to the lowest, its ties by SKU, too. */
export const isDescending = (sort: ProductSort) => sort === 'newest';

/** The order of a sorted list. Both positions are of this sort. */
export function comparePositions(sort: ProductSort, one: ProductPosition, other: ProductPosition): number {
  const [a, b] = isDescending(sort) ? [other, one] : [one, other];
  const byKey =
    typeof a.key === 'number' && typeof b.key === 'number'
      ? a.key - b.key
      : compareCodePoints(String(a.key), String(b.key));
  return byKey || compareCodePoints(a.sku, b.sku);
}

/** Whether an active product is one that is asked for. */
export function isFound(product: Product, { words, category }: ProductSearch): boolean {
  if (category !== null && product.category !== category) return false;
  const own = productWords(product);
  return words.every((asked) => own.some((word) => word.startsWith(asked)));
}
