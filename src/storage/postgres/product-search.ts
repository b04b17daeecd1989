/** Finds products by their words, and lists them sorted, along indexes alone (search-plan.ts). */
import type { Product } from '../../domain/product.ts';
import {
  endOfPrefix,
  isDescending,
  type ProductPosition,
  type ProductSearch,
  type ProductSort,
  positionOf,
} from '../../domain/product-search.ts';
import { planSearch, productsWalked, rareMax, type SearchPlan } from '../../domain/search-plan.ts';
import type { FoundProducts } from '../order-store.ts';
import type { Statement } from './connection.ts';
import { isStorable, type ProductRow, selectProducts, toProduct } from './rows.ts';
import type { SharedPool } from './shared-pool.ts';

const keyColumn: Readonly<Record<ProductSort, string>> = {
  name: 'sort_name',
  newest: 'created_at_ms',
  cheapest: 'price_cents',
};

/** The ORDER BY of a list. */
const inOrder = (sort: ProductSort, key: string, sku: string) =>
  isDescending(sort) ? `ORDER BY ${key} DESC, ${sku} DESC` : `ORDER BY ${key}, ${sku}`;

const countWords = `
  SELECT asked.word, (SELECT count(*) FROM (
    SELECT FROM product_words WHERE word >= asked.word AND word < asked.word_end LIMIT ${rareMax + 1}) AS few) AS found
  FROM unnest($1::text[], $2::text[]) AS asked(word, word_end)`;

const selectCategories = `
  WITH RECURSIVE listed (category) AS (
    SELECT min(category COLLATE "C") FROM products WHERE active
    UNION ALL
    SELECT (SELECT min(category COLLATE "C") FROM products
        WHERE active AND category COLLATE "C" > listed.category)
      FROM listed WHERE listed.category IS NOT NULL)
  SELECT category FROM listed WHERE category IS NOT NULL LIMIT $1::integer`;

export function createProductSearch({ ask, assertOpen }: SharedPool) {
  async function plan(words: readonly string[]): Promise<SearchPlan> {
    if (words.length === 0) return planSearch(new Map());
    const { rows } = await ask({
      name: 'count-words',
      text: countWords,
      values: [words, words.map(endOfPrefix)],
    });
    const counts = new Map(rows.map((row) => [String(row['word']), Number(row['found'])]));
    return planSearch(new Map(words.map((word) => [word, counts.get(word) ?? 0])));
  }

  return {
    async findProducts(
      search: ProductSearch,
      after: ProductPosition | null,
      limit: number,
    ): Promise<FoundProducts> {
      assertOpen();
      if (search.category !== null && !isStorable(search.category)) return { products: [], next: null };
      const planned = await plan(search.words);
      const walked = planned.checked.length === 0 ? limit + 1 : productsWalked(planned.checked.length);
      const { rows } = await ask(listStatement(search, planned, after, walked, limit + 1));
      const found = (rows as unknown as readonly ProductRow[]).map(toProduct);
      const products: readonly Product[] = found.slice(0, limit);
      const last = products.at(-1);
      if (found.length > limit && last !== undefined)
        return { products, next: positionOf(search.sort, last) };
      if (planned.gathered !== null || planned.checked.length === 0) return { products, next: null };
      const { rows: ends } = await ask(endOfWalkStatement(search, after, walked));
      const [end] = ends as unknown as readonly ProductPosition[];
      return { products, next: end ?? null };
    },

    async listCategories(limit: number): Promise<readonly string[]> {
      const { rows } = await ask({ name: 'categories', text: selectCategories, values: [limit] });
      return rows.map((row) => String(row['category']));
    },
  };
}

function listStatement(
  search: ProductSearch,
  { gathered, checked }: SearchPlan,
  after: ProductPosition | null,
  walked: number,
  limit: number,
): Statement {
  const key = keyColumn[search.sort];
  const { values, put } = parameters();
  const ofWord = (column: string, word: string) =>
    `${column} >= ${put(word, 'text')} AND ${column} < ${put(endOfPrefix(word), 'text')}`;
  const where = filter(search, after, put);
  const checks = checked.map(
    (word) =>
      `AND EXISTS (SELECT FROM product_words AS own WHERE own.sku = listed.sku AND ${ofWord('own.word', word)})`,
  );
  // OFFSET 0 keeps the planner from gathering all words of a walk, or walking when few products are gathered.
  const listed =
    gathered === null
      ? `SELECT sku, ${key} AS key FROM products WHERE ${where} ${inOrder(search.sort, key, 'sku')} LIMIT ${put(walked, 'integer')}`
      : `SELECT products.sku, ${key} AS key
          FROM (SELECT DISTINCT sku FROM product_words WHERE ${ofWord('word', gathered)} OFFSET 0) AS rare
          JOIN products ON products.sku = rare.sku WHERE ${where}`;
  const text = `${selectProducts} JOIN (
      SELECT sku, key FROM (${listed}) AS listed WHERE true ${checks.join(' ')}
      ${inOrder(search.sort, 'key', 'sku')} LIMIT ${put(limit, 'integer')}) AS found ON found.sku = products.sku
    ${inOrder(search.sort, 'found.key', 'found.sku')}`;
  return { name: nameOf(search, after, gathered === null ? 'walk' : 'gather', checked.length), text, values };
}

/** Where a walk has ended that was not at the end of the list. */
function endOfWalkStatement(search: ProductSearch, after: ProductPosition | null, walked: number): Statement {
  const key = keyColumn[search.sort];
  const { values, put } = parameters();
  const text = `SELECT ${key} AS key, sku FROM products WHERE ${filter(search, after, put)}
    ${inOrder(search.sort, key, 'sku')} LIMIT 1 OFFSET ${put(walked - 1, 'integer')}`;
  return { name: nameOf(search, after, 'end', 0), text, values };
}

function filter({ category, sort }: ProductSearch, after: ProductPosition | null, put: Put): string {
  const conditions = ['products.active'];
  if (category !== null) conditions.push(`products.category COLLATE "C" = ${put(category, 'text')}`);
  if (after !== null) {
    const key = put(after.key, sort === 'name' ? 'text' : 'bigint');
    const beyond = isDescending(sort) ? '<' : '>';
    conditions.push(
      `(products.${keyColumn[sort]}, products.sku) ${beyond} (${key}, ${put(after.sku, 'text')})`,
    );
  }
  return conditions.join(' AND ');
}

/** Keeps a value and returns its place in the statement. */
type Put = (value: string | number, type: 'text' | 'integer' | 'bigint') => string;

function parameters(): { readonly values: (string | number)[]; readonly put: Put } {
  const values: (string | number)[] = [];
  return { values, put: (value, type) => `$${values.push(value)}::${type}` };
}

/** One name for each shape of the statement, and so for each text. */
function nameOf(
  { category, sort }: ProductSearch,
  after: ProductPosition | null,
  manner: string,
  words: number,
): string {
  const parts = [
    'find',
    manner,
    sort,
    words,
    category === null ? 'all' : 'category',
    after === null ? 'first' : 'on',
  ];
  return parts.join('-');
}
