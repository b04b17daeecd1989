/** `/api/v1/orders`: place an order and read it again. */
import { orderIdPattern } from '../intake/order-ids.ts';
import { queryOf } from '../runtime/request-target.ts';
import type { Answer, AppRoute } from './app-route.ts';
import { isProblem } from './app-route.ts';
import type { HttpDependencies } from './dependencies.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { orderEtag, renderOrder } from './order-json.ts';
import { presentedKey } from './order-key.ts';
import { parseOrderRequest } from './order-schema.ts';
import { confirmationUrl, place, placedHeaders, refusedProblem, validationProblem } from './placing.ts';
import { jsonType } from './reply.ts';
import { bodyKindOf, readJson } from './request-body.ts';
import type { RequestContext } from './request-context.ts';
import { dataSecurityHeaders } from './security-headers.ts';

export function ordersRoutes(deps: HttpDependencies): readonly AppRoute[] {
  return [
    {
      method: 'POST',
      path: '/api/v1/orders',
      problems: 'json',
      handle: (context) => postOrder(deps, context),
    },
    {
      method: 'GET',
      path: '/api/v1/orders/:order_id',
      problems: 'json',
      handle: (context) => getOrder(deps, context),
    },
  ];
}

async function postOrder(deps: HttpDependencies, context: RequestContext): Promise<Answer> {
  const { headers } = context.request;
  if (bodyKindOf(headers) !== 'json') return { code: 'unsupported_media_type' };
  const callerKey = parseIdempotencyKey(headers.get('idempotency-key'));
  const body = await readJson(context, deps.bodyBytesMax);
  if (isProblem(body)) return body;
  if (callerKey === 'invalid') return { code: 'invalid_idempotency_key' };
  const { value, mistakes } = parseOrderRequest(body.json);
  if (mistakes !== null) {
    deps.metrics.countOrder('invalid');
    return validationProblem(mistakes);
  }
  const outcome = await place(deps, context, value.request, callerKey);
  if (!('order' in outcome)) return refusedProblem(outcome, value.request, value.pointerOfLine);
  const { order } = outcome;
  const key = deps.orderKeys.keyOf(order.orderId);
  return {
    status: 201,
    headers: {
      'content-type': jsonType,
      ...dataSecurityHeaders,
      ...placedHeaders(deps, context, order.orderId, key),
      location: `/api/v1/orders/${order.orderId}`,
      etag: orderEtag(order, true),
      ...(outcome.kind === 'replayed' ? { 'idempotent-replayed': 'true' } : {}),
    },
    body: renderOrder(order, true, confirmationUrl(deps, order.orderId, key)),
  };
}

/** Also the JSON of `/orders/{order_id}`. */
export async function getOrder(deps: HttpDependencies, context: RequestContext): Promise<Answer> {
  const orderId = context.params['order_id'] ?? '';
  const order = orderIdPattern.test(orderId) ? await deps.store.findOrder(orderId) : null;
  if (order === null) return { code: 'order_not_found' };
  const { headers } = context.request;
  const key = presentedKey(queryOf(context.request.url), headers);
  const isHolder = key !== null && deps.orderKeys.isKeyOf(orderId, key);
  const etag = orderEtag(order, isHolder);
  const replyHeaders = {
    'content-type': jsonType,
    'cache-control': isHolder ? 'no-store' : 'private, no-cache',
    ...dataSecurityHeaders,
    etag,
    vary: 'Accept, Cookie, Order-Key',
  };
  if (matchesEtag(headers.get('if-none-match'), etag))
    return { status: 304, headers: replyHeaders, body: null };
  const url = confirmationUrl(deps, orderId, isHolder ? key : null);
  return { status: 200, headers: replyHeaders, body: renderOrder(order, isHolder, url) };
}

/** RFC 9110 §13.1.2: the weak comparison. */
export function matchesEtag(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag));
}
