/** Finds products by their words, and lists them sorted, along indexes alone (search-plan.ts). */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
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
import { type ProductRow, selectProducts, toProduct } from './rows.ts';
import type { SharedRead } from './shared-read.ts';

const keyColumn: Readonly<Record<ProductSort, string>> = {
  name: 'sort_name',
  newest: 'created_at_ms',
  cheapest: 'price_cents',
};

/** The ORDER BY of a list. */
const inOrder = (sort: ProductSort, key: string, sku: string) =>
  isDescending(sort) ? `ORDER BY ${key} DESC, ${sku} DESC` : `ORDER BY ${key}, ${sku}`;

const hasWord =
  'EXISTS (SELECT 1 FROM product_words AS own WHERE own.sku = listed_sku AND own.word >= ? AND own.word < ?)';

export function createProductSearch(db: DatabaseSync, sharedRead: SharedRead) {
  const statements = new Map<string, StatementSync>();
  const countWord = db.prepare(
    `SELECT count(*) AS found FROM (SELECT 1 FROM product_words WHERE word >= ? AND word < ? LIMIT ${rareMax + 1})`,
  );
  const selectBySkus = db.prepare(`${selectProducts} WHERE sku IN (SELECT value FROM json_each(?))`);
  const selectCategories = db.prepare(`
    WITH RECURSIVE listed (category) AS (
      SELECT min(category) FROM products WHERE active = 1
      UNION ALL
      SELECT (SELECT min(category) FROM products WHERE active = 1 AND category > listed.category)
        FROM listed WHERE listed.category IS NOT NULL)
    SELECT category FROM listed WHERE category IS NOT NULL LIMIT ?`);

  function run(sql: string, values: readonly (string | number)[]): readonly SkuRow[] {
    let select = statements.get(sql);
    if (select === undefined) {
      select = db.prepare(sql);
      statements.set(sql, select);
    }
    return select.all(...values) as unknown as readonly SkuRow[];
  }

  function productsOf(rows: readonly SkuRow[]): readonly Product[] {
    const skus = rows.map((row) => row.listed_sku);
    const found = selectBySkus.all(JSON.stringify(skus)) as unknown as readonly ProductRow[];
    const bySku = new Map(found.map((row) => [row.sku, toProduct(row)]));
    return skus.flatMap((sku) => bySku.get(sku) ?? []);
  }

  return {
    findProducts: (search: ProductSearch, after: ProductPosition | null, limit: number): FoundProducts =>
      sharedRead.read(() => {
        const counts = search.words.map((word): [string, number] => [
          word,
          Number(countWord.get(word, endOfPrefix(word))?.['found']),
        ]);
        const plan = planSearch(new Map(counts));
        const walked = plan.checked.length === 0 ? limit + 1 : productsWalked(plan.checked.length);
        const found = run(...listStatement(search, plan, after, walked, limit + 1));
        const products = productsOf(found.slice(0, limit));
        const last = products.at(-1);
        if (found.length > limit && last !== undefined)
          return { products, next: positionOf(search.sort, last) };
        if (plan.gathered !== null || plan.checked.length === 0) return { products, next: null };
        const [end] = run(...endOfWalkStatement(search, after, walked));
        return { products, next: end === undefined ? null : { key: end.key, sku: end.listed_sku } };
      }),

    listCategories: (limit: number): readonly string[] =>
      selectCategories.all(limit).map((row) => String(row['category'])),
  };
}

interface SkuRow {
  readonly listed_sku: string;
  readonly key: string | number;
}

type Sql = readonly [text: string, values: readonly (string | number)[]];

/**
 * CROSS JOIN keeps SQLite from turning the join around. A walk needs no second ORDER BY: SQLite takes the rows of the
 * inner query one by one as they come, and so it stops as soon as there are enough.
 */
function listStatement(
  search: ProductSearch,
  { gathered, checked }: SearchPlan,
  after: ProductPosition | null,
  walked: number,
  limit: number,
): Sql {
  const key = keyColumn[search.sort];
  const [where, values] = filter(search, after);
  const checks = checked.map(() => ` AND ${hasWord}`).join('');
  const checkedValues = checked.flatMap((word) => [word, endOfPrefix(word)]);
  if (gathered === null) {
    const text = `SELECT listed_sku, key FROM (
        SELECT sku AS listed_sku, ${key} AS key FROM products WHERE ${where} ${inOrder(search.sort, key, 'sku')} LIMIT ?)
      WHERE true${checks} LIMIT ?`;
    return [text, [...values, walked, ...checkedValues, limit]];
  }
  const text = `SELECT listed_sku, ${key} AS key
    FROM (SELECT DISTINCT sku AS listed_sku FROM product_words WHERE word >= ? AND word < ?)
    CROSS JOIN products ON products.sku = listed_sku
    WHERE ${where}${checks} ${inOrder(search.sort, key, 'listed_sku')} LIMIT ?`;
  return [text, [gathered, endOfPrefix(gathered), ...values, ...checkedValues, limit]];
}

/** Where a walk has ended that was not at the end of the list. */
function endOfWalkStatement(search: ProductSearch, after: ProductPosition | null, walked: number): Sql {
  const key = keyColumn[search.sort];
  const [where, values] = filter(search, after);
  return [
    `SELECT sku AS listed_sku, ${key} AS key FROM products WHERE ${where} ${inOrder(search.sort, key, 'sku')} LIMIT 1 OFFSET ?`,
    [...values, walked - 1],
  ];
}

function filter({ category, sort }: ProductSearch, after: ProductPosition | null): Sql {
  const conditions = ['products.active = 1'];
  const values: (string | number)[] = [];
  if (category !== null) {
    conditions.push('products.category = ?');
    values.push(category);
  }
  if (after !== null) {
    const beyond = isDescending(sort) ? '<' : '>';
    conditions.push(`(products.${keyColumn[sort]}, products.sku) ${beyond} (?, ?)`);
    values.push(after.key, after.sku);
  }
  return [conditions.join(' AND '), values];
}
