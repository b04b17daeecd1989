/** What a client asks of the catalogue: the parameters of a search, the cursor of its list, and a page of what is found. */
import { z } from 'zod';
import { skuPattern } from '../../domain/product.ts';
import {
  askedWords,
  type ProductPosition,
  type ProductSearch,
  type ProductSort,
  productSorts,
  sortName,
} from '../../domain/product-search.ts';
import type { FoundProducts } from '../../storage/order-store.ts';
import type { StoreReads } from '../dependencies.ts';
import { optionalText } from '../request/parameter.ts';

/** The longest question and the longest category that can be asked for, in Unicode code points. */
export const questionMax = 200;

/** So many times at most the store is asked for one page, each time for a part of a long walk (search-plan.ts). */
const walksMax = 50;

/** Counts code points, as JSON Schema does. */
const text = z
  .string()
  .regex(new RegExp(String.raw`^[\s\S]{0,${questionMax}}$`, 'u'))
  .meta({ sentAs: { type: 'string', maxLength: questionMax } });
const textMustBe = `at most ${questionMax} characters long`;

/** The parameters of a list that can be searched. */
export const searchParameters = {
  q: optionalText({
    description:
      'The beginnings of words in name, category or SKU, in any order; all must match. Neither capitals nor accents count, and of more than 8 words the first 8. Finds active products.',
    schema: text,
    mustBe: textMustBe,
  }),
  category: optionalText({
    description: 'Active products of this category, exactly.',
    schema: text,
    mustBe: textMustBe,
  }),
  sort: optionalText({
    description: 'Active products in this order. `name` when only `q` or `category` is given.',
    schema: z.enum(productSorts),
    mustBe: `one of ${productSorts.join(', ')}`,
  }),
};

/** Parameters as they came; null for those that did not. */
export interface AskedSearch {
  readonly q: string | null;
  readonly category: string | null;
  readonly sort: ProductSort | null;
}

/** @returns null when a question was asked in which there is no word: it finds nothing */
export function toSearch({ q, category, sort }: AskedSearch): ProductSearch | null {
  const question = q?.trim() ?? '';
  const words = askedWords(question);
  if (question !== '' && words.length === 0) return null;
  return { words, category: category === null || category === '' ? null : category, sort: sort ?? 'name' };
}

/** A full page, or what a bounded look at a huge catalogue has found; turns of the event loop lie in between. */
export async function findPage(
  store: Pick<StoreReads, 'findProducts'>,
  search: ProductSearch | null,
  after: ProductPosition | null,
  limit: number,
): Promise<FoundProducts> {
  if (search === null) return { products: [], next: null };
  let found = await store.findProducts(search, after, limit);
  for (let walks = 1; walks < walksMax; walks += 1) {
    const { products, next } = found;
    if (next === null || products.length >= limit) break;
    await new Promise((resolve) => setImmediate(resolve));
    const more = await store.findProducts(search, next, limit - products.length);
    found = { products: [...products, ...more.products], next: more.next };
  }
  return found;
}

const letterOf: Readonly<Record<ProductSort, string>> = { name: 'n', newest: 't', cheapest: 'c' };

/** Opaque to clients: the sort, the key and the SKU of the last product. */
export function writeCursor(sort: ProductSort, { key, sku }: ProductPosition): string {
  const encodedKey = typeof key === 'number' ? key.toString(36) : Buffer.from(key).toString('base64url');
  return `${letterOf[sort]}.${encodedKey}.${sku}`;
}

export interface SortedCursor {
  readonly sort: ProductSort;
  readonly after: ProductPosition;
}

const skuSource = skuPattern.source.slice(1, -1);

/** 100 letters of a name are at most 534 characters of Base64; the highest price has 11 digits to the base 36. */
const sortedSource = String.raw`(?:n\.[A-Za-z0-9_-]{0,534}|[tc]\.(?:0|[1-9a-z][0-9a-z]{0,10}))\.${skuSource}`;

/** Every text of this form is read as a cursor of its sort. */
export const sortedCursorPattern = new RegExp(`^${sortedSource}$`);

/** The same, or a SKU, at which a page of the list by SKU ends. */
export const listCursorPattern = new RegExp(`^(?:${skuSource}|${sortedSource})$`);

/** @returns undefined when it has not the form of {@link sortedCursorPattern} */
export function readCursor(cursor: string): SortedCursor | undefined {
  if (!sortedCursorPattern.test(cursor)) return undefined;
  const [letter = '', encodedKey = '', sku = ''] = cursor.split('.');
  const sort = productSorts.find((one) => letterOf[one] === letter);
  if (sort === undefined) return undefined;
  // Folded again: only letters that a name is sorted by may reach an engine.
  const key =
    sort === 'name'
      ? sortName(Buffer.from(encodedKey, 'base64url').toString())
      : Math.min(Number.parseInt(encodedKey, 36), Number.MAX_SAFE_INTEGER);
  return { sort, after: { key, sku } };
}
