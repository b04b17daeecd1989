/** `/api/v1/products`, and the popular products of each state. */
import { z } from 'zod';
import { type Product, skuPattern, skuWords } from '../../domain/product.ts';
import { topProductsDefault, topProductsMax } from '../../domain/top-products.ts';
import { normalizeUsState, type UsState, usStates } from '../../domain/us-state.ts';
import { pictureUrl } from '../../web/base-path.ts';
import type { StoreReads } from '../dependencies.ts';
import { endpoint } from '../endpoint.ts';
import { etagOf } from '../request/conditional-request.ts';
import { cursorParameter, linkHeader, nextLink, nextPage, pageLimitParameter } from '../request/list-page.ts';
import { integerParameter, type Parameter, requiredText } from '../request/parameter.ts';
import {
  type AskedSearch,
  findPage,
  listCursorPattern,
  readCursor,
  type SortedCursor,
  searchParameters,
  toSearch,
  writeCursor,
} from './product-query.ts';
import { productSchema, representProduct } from './product-representation.ts';

const sku = {
  description: 'SKU of the product.',
  schema: z.string().regex(skuPattern),
  mustBe: `a SKU: ${skuWords}, such as tent-4p`,
} as const;

export const skuParameter = requiredText({ ...sku, problem: 'product_not_found' });

/** Of a product that may be new. */
export const newSkuParameter = requiredText(sku);

const productCursorParameter: Parameter<string | SortedCursor | null> = {
  ...cursorParameter(z.string().regex(listCursorPattern)),
  parse: (text) => (skuPattern.test(text) ? text : readCursor(text)),
};

const stateParameter = requiredText({
  description: 'Two-letter code, in any case.',
  schema: z
    .string()
    .transform(normalizeUsState)
    .pipe(z.enum(usStates as readonly [UsState, ...UsState[]]))
    .meta({ sentAs: { type: 'string', enum: usStates } }),
  mustBe:
    'the two-letter code of a state, a territory, a freely associated state or armed forces, such as TX',
  problem: 'state_not_found',
});

/** Stock and popularity change with every order. */
const fresh = { 'cache-control': 'no-cache' };

const listProducts = endpoint({
  id: 'listProducts',
  method: 'GET',
  path: '/api/v1/products',
  tag: 'Products',
  summary: 'List products',
  scope: 'public',
  request: {
    query: {
      limit: pageLimitParameter,
      cursor: productCursorParameter,
      ...searchParameters,
    },
  },
  answers: {
    200: {
      description:
        'All products by SKU, or with `q`, `category` or `sort` the active ones that are asked for. A page of a search may hold fewer products than `limit` although more follow.',
      content: {
        'application/json': z
          .object({ products: z.array(productSchema), next_cursor: z.string().nullable() })
          .meta({ id: 'ProductList' }),
      },
      headers: linkHeader,
    },
  },
  problems: ['invalid_parameter', 'store_unavailable'],
  async handle({ store, basePath }, { query }) {
    const { limit, q, category, sort } = query;
    const page = isSearch(query) ? await searchedPage(store, query) : await pageBySku(store, query);
    if (page === null) return cursorOfAnotherList;
    const following = nextPage(limit, page.next);
    for (const [name, value] of Object.entries({ q, category, sort })) {
      if (value !== null) following?.set(name, value);
    }
    return {
      status: 200,
      headers: { ...fresh, ...nextLink(`${basePath}/api/v1/products`, following) },
      json: {
        products: page.products.map((product) => representProduct(basePath, product)),
        next_cursor: page.next,
      },
    };
  },
});

interface ListQuery extends AskedSearch {
  readonly limit: number;
  readonly cursor: string | SortedCursor | null;
}

interface ListedPage {
  readonly products: readonly Product[];
  readonly next: string | null;
}

const isSearch = ({ q, category, sort }: AskedSearch) => q !== null || category !== null || sort !== null;

/** @returns null when the cursor is of another order */
async function searchedPage(store: StoreReads, query: ListQuery): Promise<ListedPage | null> {
  const { cursor, limit } = query;
  const search = toSearch(query);
  const sort = query.sort ?? 'name';
  if (cursor !== null && (typeof cursor === 'string' || cursor.sort !== sort)) return null;
  const { products, next } = await findPage(store, search, cursor?.after ?? null, limit);
  return { products, next: next === null ? null : writeCursor(sort, next) };
}

/** @returns null when the cursor is of another order */
async function pageBySku(store: StoreReads, { cursor, limit }: ListQuery): Promise<ListedPage | null> {
  if (cursor !== null && typeof cursor !== 'string') return null;
  const { products, hasMore } = await store.listProducts(cursor, limit);
  return { products, next: hasMore ? (products.at(-1)?.sku ?? null) : null };
}

const cursorDetail = 'cursor must be the next_cursor of an answer of this list, asked for in the same order.';

const cursorOfAnotherList = {
  code: 'invalid_parameter',
  detail: cursorDetail,
  errors: [{ parameter: 'cursor', in: 'query', code: 'invalid', detail: cursorDetail }],
} as const;

const getProduct = endpoint({
  id: 'getProduct',
  method: 'GET',
  path: '/api/v1/products/:sku',
  tag: 'Products',
  summary: 'Read a product',
  scope: 'public',
  request: { path: { sku: skuParameter } },
  answers: {
    200: {
      description: 'The product.',
      content: { 'application/json': productSchema },
      headers: { etag: { description: 'For `If-Match`; of all fields but the stock.' } },
    },
  },
  problems: ['product_not_found', 'store_unavailable'],
  async handle({ store, basePath }, { path }) {
    const product = await store.findProduct(path.sku);
    if (product === null) return { code: 'product_not_found' };
    const headers = { ...fresh, etag: etagOf(product.revision) };
    return { status: 200, headers, json: representProduct(basePath, product) };
  },
});

const topProduct = z.object({
  rank: z.int().min(1),
  sku: z.string(),
  name: z.string(),
  image_url: z.string(),
  orders: z.int().meta({ description: 'Orders that hold it.' }),
  units: z.int().meta({ description: 'Units in those orders.' }),
});

const listTopProducts = endpoint({
  id: 'listTopProducts',
  method: 'GET',
  path: '/api/v1/states/:state/top-products',
  tag: 'Products',
  summary: 'List the most popular products of a state',
  description: 'By number of orders; ties by units, then by name.',
  scope: 'public',
  request: {
    path: { state: stateParameter },
    query: {
      limit: integerParameter({
        description: 'How many at most.',
        min: 1,
        max: topProductsMax,
        fallback: topProductsDefault,
      }),
    },
  },
  answers: {
    200: {
      description: 'Most popular first.',
      content: {
        'application/json': z
          .object({ state: z.string(), products: z.array(topProduct) })
          .meta({ id: 'TopProducts' }),
      },
    },
  },
  problems: ['store_unavailable'],
  async handle({ store, basePath }, { path: { state }, query: { limit } }) {
    const top = await store.topProducts(state, limit);
    const products = top.map(({ rank, sku, name, imageUrl, orders, units }) => ({
      rank,
      sku,
      name,
      image_url: pictureUrl(basePath, imageUrl),
      orders,
      units,
    }));
    return { status: 200, headers: fresh, json: { state, products } };
  },
});

export const productsEndpoints = [listProducts, getProduct, listTopProducts];
