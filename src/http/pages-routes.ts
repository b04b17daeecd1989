/** What people see: the shop, the confirmation, the API reference, and the files of the pages. */
import { topProductsShown } from '../domain/top-products.ts';
import { orderIdPattern } from '../intake/order-ids.ts';
import { queryOf } from '../runtime/request-target.ts';
import type { Asset } from '../web/assets.ts';
import { renderConfirmationPage } from '../web/confirmation/confirmation-page.ts';
import { renderReferencePage } from '../web/reference/reference-page.ts';
import type { Answer, AppRoute } from './app-route.ts';
import { encodingPreferenceOf, formPreferenceOf } from './content-negotiation.ts';
import type { HttpDependencies } from './dependencies.ts';
import { openApiDocument } from './openapi.ts';
import { orderKeyCookie, presentedKey } from './order-key.ts';
import { getOrder, matchesEtag } from './orders-routes.ts';
import { pageHeaders } from './page-headers.ts';
import { isSecure } from './placing.ts';
import { htmlType, jsonType, type Reply } from './reply.ts';
import type { RequestContext } from './request-context.ts';
import { dataSecurityHeaders } from './security-headers.ts';
import { shopReply } from './shop-replies.ts';

export function pagesRoutes(deps: HttpDependencies): readonly AppRoute[] {
  const openApi = openApiDocument(deps.version, deps.publicUrl);
  const openApiText = JSON.stringify(openApi);
  const reference = renderReferencePage(openApi);
  return [
    { method: 'GET', path: '/', problems: 'page_unless_json', handle: (context) => getShop(deps, context) },
    {
      method: 'GET',
      path: '/orders/:order_id',
      problems: 'page_unless_json',
      handle: (context) =>
        formPreferenceOf(context.request.headers) === 'json'
          ? getOrder(deps, context)
          : getConfirmation(deps, context),
    },
    {
      method: 'GET',
      path: '/docs',
      problems: 'page_unless_json',
      handle: (context) => ({
        status: 200,
        headers: { 'content-type': htmlType, 'cache-control': 'no-cache', ...pageHeaders(deps, context) },
        body: reference,
      }),
    },
    {
      method: 'GET',
      path: '/openapi.json',
      problems: 'json',
      handle: () => ({
        status: 200,
        headers: { 'content-type': jsonType, 'cache-control': 'no-cache', ...dataSecurityHeaders },
        body: openApiText,
      }),
    },
  ];
}

function getShop(deps: HttpDependencies, context: RequestContext): Promise<Reply> {
  const query = queryOf(context.request.url);
  return shopReply(deps, context, query === '' ? null : new URLSearchParams(query).get('product'));
}

const confirmationVary = 'Accept, Cookie, Order-Key';

async function getConfirmation(deps: HttpDependencies, context: RequestContext): Promise<Answer> {
  const orderId = context.params['order_id'] ?? '';
  const confirmation = orderIdPattern.test(orderId)
    ? await deps.store.findConfirmation(orderId, topProductsShown)
    : null;
  if (confirmation === null) return { code: 'order_not_found' };
  const query = queryOf(context.request.url);
  const key = presentedKey(query, context.request.headers);
  const isHolder = key !== null && deps.orderKeys.isKeyOf(orderId, key);
  const headers = {
    'content-type': htmlType,
    'cache-control': 'no-store',
    vary: confirmationVary,
    ...pageHeaders(deps, context),
  };
  return {
    status: 200,
    // A key that came by the link stays with the browser, so that the page can be opened again without it.
    headers:
      isHolder && query !== ''
        ? { ...headers, 'set-cookie': orderKeyCookie(orderId, key, isSecure(deps, context)) }
        : headers,
    body: renderConfirmationPage({ ...confirmation, showPersonalData: isHolder }),
  };
}

/** A file of the pages, in the smallest encoding the browser takes. */
export function assetReply(asset: Asset, { request }: RequestContext): Reply {
  const headers = {
    'content-type': asset.contentType,
    'cache-control': asset.cacheControl,
    etag: asset.etag,
    vary: 'Accept-Encoding',
    ...dataSecurityHeaders,
  };
  if (matchesEtag(request.headers.get('if-none-match'), asset.etag)) {
    return { status: 304, headers, body: null };
  }
  const encoding = encodingPreferenceOf(request.headers);
  if (encoding === 'identity') return { status: 200, headers, body: asset.body };
  const body = encoding === 'br' ? asset.brotli : asset.gzip;
  return { status: 200, headers: { ...headers, 'content-encoding': encoding }, body };
}
