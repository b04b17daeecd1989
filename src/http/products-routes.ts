/** `/api/v1/products` and what is popular where. */
import { skuPattern } from '../domain/product.ts';
import { topProductsMax, topProductsShown } from '../domain/top-products.ts';
import { isUsState } from '../domain/us-state.ts';
import { queryOf } from '../runtime/request-target.ts';
import type { Answer, AppRoute } from './app-route.ts';
import type { HttpDependencies } from './dependencies.ts';
import { renderProduct } from './order-json.ts';
import type { Problem } from './problem-details.ts';
import { jsonType, type Reply } from './reply.ts';
import type { RequestContext } from './request-context.ts';
import { dataSecurityHeaders } from './security-headers.ts';

export const pageLimitMax = 100;
export const pageLimitDefault = 50;

export function productsRoutes(deps: HttpDependencies): readonly AppRoute[] {
  const route = (path: string, handle: AppRoute['handle']): AppRoute => ({
    method: 'GET',
    path,
    problems: 'json',
    handle,
  });
  return [
    route('/api/v1/products', (context) => listProducts(deps, context)),
    route('/api/v1/products/:sku', (context) => getProduct(deps, context)),
    route('/api/v1/states/:state/top-products', (context) => listTopProducts(deps, context)),
  ];
}

async function listProducts({ store }: HttpDependencies, { request }: RequestContext): Promise<Answer> {
  const query = new URLSearchParams(queryOf(request.url));
  const limit = parseLimit(query.get('limit'), pageLimitDefault, pageLimitMax);
  if (limit === null) return invalidLimit(pageLimitMax);
  const cursor = query.get('cursor');
  const afterSku = cursor === null ? null : decodeCursor(cursor);
  if (cursor !== null && afterSku === null) {
    return { code: 'invalid_parameter', detail: 'cursor must be the next_cursor of an answer of this list.' };
  }
  const { products, hasMore } = await store.listProducts(afterSku, limit);
  const last = products.at(-1);
  const nextCursor = hasMore && last !== undefined ? encodeCursor(last.sku) : null;
  const link =
    nextCursor === null ? {} : { link: `</api/v1/products?limit=${limit}&cursor=${nextCursor}>; rel="next"` };
  return json({ products: products.map(renderProduct), next_cursor: nextCursor }, link);
}

async function getProduct({ store }: HttpDependencies, { params }: RequestContext): Promise<Answer> {
  const sku = params['sku'] ?? '';
  const product = skuPattern.test(sku) ? await store.findProduct(sku) : null;
  return product === null ? { code: 'product_not_found' } : json(renderProduct(product));
}

async function listTopProducts(
  { store }: HttpDependencies,
  { request, params }: RequestContext,
): Promise<Answer> {
  const state = params['state'] ?? '';
  if (!isUsState(state)) return { code: 'state_not_found' };
  const limit = parseLimit(
    new URLSearchParams(queryOf(request.url)).get('limit'),
    topProductsShown,
    topProductsMax,
  );
  if (limit === null) return invalidLimit(topProductsMax);
  const top = await store.topProducts(state, limit);
  return json({
    state,
    products: top.map(({ rank, sku, name, imageUrl, orders, units }) => ({
      rank,
      sku,
      name,
      image_url: imageUrl,
      orders,
      units,
    })),
  });
}

/** What is in stock and popular changes with every order. */
function json(value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status: 200,
    headers: { 'content-type': jsonType, 'cache-control': 'no-cache', ...dataSecurityHeaders, ...headers },
    body: JSON.stringify(value),
  };
}

function parseLimit(given: string | null, fallback: number, max: number): number | null {
  if (given === null) return fallback;
  const limit = /^\d{1,4}$/.test(given) ? Number(given) : 0;
  return limit >= 1 && limit <= max ? limit : null;
}

function invalidLimit(max: number): Problem {
  return { code: 'invalid_parameter', detail: `limit must be a whole number from 1 to ${max}.` };
}

/** Opaque to clients, so that what is inside may change. */
function encodeCursor(sku: string): string {
  return Buffer.from(`after:${sku}`).toString('base64url');
}

function decodeCursor(cursor: string): string | null {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const sku = text.startsWith('after:') ? text.slice('after:'.length) : '';
  return skuPattern.test(sku) && encodeCursor(sku) === cursor ? sku : null;
}
