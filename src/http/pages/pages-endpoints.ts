/** The pages that people see: the shop, the confirmation and the API reference. */
import { z } from 'zod';
import { topProductsShown } from '../../domain/top-products.ts';
import { queryOf } from '../../runtime/request-target.ts';
import { renderConfirmationPage } from '../../web/confirmation/confirmation-page.ts';
import {
  readCursor,
  type SortedCursor,
  searchParameters,
  sortedCursorPattern,
} from '../catalog/product-query.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { endpoint } from '../endpoint.ts';
import { orderKeyCookie, presentedOrderKey } from '../orders/order-key.ts';
import { isKeptKey, orderPageHeaders } from '../orders/order-page-right.ts';
import { orderReadRequest, orderReadScope } from '../orders/order-parameters.ts';
import { orderSchema } from '../orders/order-representation.ts';
import { readOrder } from '../orders/orders-endpoints.ts';
import { isSecure } from '../request/client-connection.ts';
import { formPreferenceOf } from '../request/content-negotiation.ts';
import { optionalText, type Parameter } from '../request/parameter.ts';
import type { RequestContext } from '../request/request-context.ts';
import { shopReply } from './shop-replies.ts';

const afterParameter: Parameter<SortedCursor | null> = {
  ...optionalText({
    description: 'Where the page of the catalogue begins: the link to the next page has it.',
    schema: z.string().regex(sortedCursorPattern),
    mustBe: 'as the link to the next page has it',
  }),
  absent: null,
  parse: readCursor,
};

const shop = endpoint({
  id: 'showShop',
  method: 'GET',
  path: '/',
  tag: 'Pages',
  summary: 'The shop page',
  scope: 'public',
  problemForm: 'page_unless_json',
  request: {
    query: {
      product: optionalText({
        description: 'SKU of the product that is selected.',
        schema: z.string(),
        mustBe: 'a SKU',
      }),
      ...searchParameters,
      after: afterParameter,
    },
  },
  answers: { 200: { description: 'The page.', content: { 'text/html': null } } },
  problems: ['store_unavailable'],
  handle: (deps, { query, context }) => shopReply(deps, context, query),
});

const order = endpoint({
  id: 'showOrder',
  method: 'GET',
  path: '/orders/:order_id',
  tag: 'Orders',
  summary: 'The page that follows an order, or the order',
  description: 'A page for a browser; the same JSON as the API for `Accept: application/json`.',
  scope: orderReadScope,
  problemForm: 'page_unless_json',
  request: orderReadRequest,
  answers: {
    200: {
      description: 'The page, or the order.',
      content: { 'application/json': orderSchema, 'text/html': null },
      headers: {
        etag: { description: 'Strong; of the JSON.', isOptional: true },
        'set-cookie': { description: 'The order’s key, when the address held it.', isOptional: true },
      },
    },
    303: {
      description: 'To the page’s address without the key, when the browser has it in a cookie, too.',
      headers: { location: { description: 'The same page.' } },
    },
    304: {
      description: 'The JSON is unchanged since the ETag in If-None-Match.',
      headers: { etag: { description: 'As sent.' } },
    },
    308: {
      description: 'The id is not in lower case.',
      headers: { location: { description: 'The address with the id in lower case.' } },
    },
  },
  problems: ['order_not_found', 'store_unavailable'],
  handle(deps, { path, query, headers, caller, context }) {
    // The cookie with the order's key is of the address in lower case.
    if (context.params['order_id'] !== path.order_id) return redirectTo(path.order_id, context);
    const key = presentedOrderKey(query.key, headers['Order-Key'], context.request);
    if (formPreferenceOf(context.request.headers) === 'json') {
      return readOrder(deps, { caller, context }, path.order_id, key);
    }
    return query.key !== null && isKeptKey(deps, context, path.order_id, query.key)
      ? withoutKey(path.order_id)
      : showConfirmation(deps, context, path.order_id, key, query.key);
  },
});

function redirectTo(orderId: string, { request }: RequestContext) {
  const query = queryOf(request.url);
  return { status: 308, headers: { location: `${orderId}${query === '' ? '' : `?${query}`}` } } as const;
}

/** An address without the key can be shown, bookmarked and sent on. A browser without cookies never gets here. */
function withoutKey(orderId: string) {
  return { status: 303, headers: { location: orderId, ...orderPageHeaders } } as const;
}

/** @param keyInAddress null when the key came otherwise, or not at all */
async function showConfirmation(
  deps: HttpDependencies,
  context: RequestContext,
  orderId: string,
  key: string | null,
  keyInAddress: string | null,
) {
  const confirmation = await deps.store.findConfirmation(orderId, topProductsShown);
  if (confirmation === null) return { code: 'order_not_found' } as const;
  const isHolder = key !== null && deps.orderKeys.isKeyOf(orderId, key);
  return {
    status: 200,
    // A key that came by the link stays with the browser, so that the page can be opened again without it.
    headers:
      isHolder && keyInAddress !== null
        ? {
            ...orderPageHeaders,
            'set-cookie': orderKeyCookie(deps.basePath, orderId, key, isSecure(deps, context)),
          }
        : orderPageHeaders,
    page: renderConfirmationPage({
      ...confirmation,
      basePath: deps.basePath,
      isHolder,
      // As `keyQueryOf` has it, without computing the key once more: a browser that keeps it was led on before.
      keyQuery: isHolder && key === keyInAddress ? `?key=${key}` : '',
    }),
  } as const;
}

export const pagesEndpoints = [shop, order];
