/** `/api/v1/orders`: place an order and read it again. */

import type { Order } from '../../domain/order.ts';
import type { CallerKey } from '../../intake/place-order.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { type AnyCall, endpoint } from '../endpoint.ts';
import { jsonBody } from '../request/declared-body.ts';
import { matchesEtag } from '../request/entity-tag.ts';
import { ownKey } from '../request/idempotency-key.ts';
import type { RequestContext } from '../request/request-context.ts';
import { confirmationUrl, placedHeaders } from './confirmation-link.ts';
import { readByEarlierRules } from './earlier-rules.ts';
import { presentedOrderKey } from './order-key.ts';
import { idempotencyKeyParameter, orderReadRequest, orderReadScope } from './order-parameters.ts';
import { orderEtag, orderSchema, orderViewOf, representOrder } from './order-representation.ts';
import { orderRequestSchema, toOrderRequest } from './order-schema.ts';
import { findReplayed, placeOrder } from './place-order.ts';
import { refusedProblem } from './refused-order.ts';
import { findRepeated, recentOrderCookie, repeatedProblem } from './repeated-order.ts';

const placeOrderEndpoint = endpoint({
  id: 'placeOrder',
  method: 'POST',
  path: '/api/v1/orders',
  tag: 'Orders',
  summary: 'Place an order',
  description: 'All or nothing: when any line is short, nothing is ordered.',
  scope: { places: 'orders' },
  request: {
    headers: { 'Idempotency-Key': idempotencyKeyParameter },
    body: jsonBody(orderRequestSchema),
  },
  answers: {
    201: {
      description: 'Placed, and durable.',
      content: { 'application/json': orderSchema },
      headers: {
        location: { description: 'Where the order can be read.' },
        etag: { description: 'Strong.' },
        'set-cookie': { description: 'The order’s key, for the order’s page.' },
        'idempotent-replayed': { description: '`true` when this answer was given before.', isOptional: true },
      },
    },
  },
  problems: [
    'out_of_stock',
    'price_changed',
    'order_repeated',
    'validation_failed',
    'idempotency_key_reused',
    'overloaded',
    'store_unavailable',
  ],
  onInvalidBody: ({ metrics }) => metrics.countOrder('invalid'),
  async handle(deps, { headers, body, caller, context }) {
    const { request, pointerOfLine } = toOrderRequest(body);
    const callerKey = ownKey(caller, headers['Idempotency-Key']);
    const ifRepeated = body.if_repeated ?? null;
    if (ifRepeated === 'ask') {
      const earlier = findRepeated(deps, context, request, callerKey);
      if (earlier !== null) return repeatedProblem(deps, earlier);
    }
    const outcome = await placeOrder(deps, context, request, callerKey);
    if (!('order' in outcome)) return refusedProblem(outcome, request, pointerOfLine);
    const { order, kind } = outcome;
    const reply = placedReply(deps, context, order, kind === 'replayed');
    return ifRepeated === null
      ? reply
      : { ...reply, cookies: [recentOrderCookie(deps, context, order, callerKey)] };
  },
  async answerBefore(deps, { headers, body, caller, context }) {
    const callerKey = ownKey(caller, headers['Idempotency-Key'] as CallerKey | null);
    const asked = callerKey === null ? null : readByEarlierRules(body.json);
    if (asked === null) return null;
    const order = await findReplayed(deps, callerKey, () => [asked]);
    return order === null ? null : placedReply(deps, context, order, true);
  },
});

function placedReply(deps: HttpDependencies, context: RequestContext, order: Order, isReplayed: boolean) {
  const key = deps.orderKeys.keyOf(order.orderId);
  return {
    status: 201,
    headers: {
      ...placedHeaders(deps, context, order.orderId, key),
      location: `${deps.basePath}/api/v1/orders/${order.orderId}`,
      etag: orderEtag(order, 'full'),
      ...(isReplayed ? { 'idempotent-replayed': 'true' } : {}),
    },
    json: representOrder(order, true, confirmationUrl(deps, order.orderId, key)),
  } as const;
}

const getOrderEndpoint = endpoint({
  id: 'getOrder',
  method: 'GET',
  path: '/api/v1/orders/:order_id',
  tag: 'Orders',
  summary: 'Read an order',
  scope: orderReadScope,
  request: orderReadRequest,
  answers: {
    200: {
      description: 'The order.',
      content: { 'application/json': orderSchema },
      headers: { etag: { description: 'Strong.' } },
    },
    304: {
      description: 'Unchanged since the ETag in If-None-Match.',
      headers: { etag: { description: 'As sent.' } },
    },
  },
  problems: ['order_not_found', 'store_unavailable'],
  handle: (deps, { path, query, headers, caller, context }) =>
    readOrder(
      deps,
      { caller, context },
      path.order_id,
      presentedOrderKey(query.key, headers['Order-Key'], context.request),
    ),
});

/** Also the JSON of `/orders/{order_id}`. */
export async function readOrder(
  deps: HttpDependencies,
  { caller, context: { request } }: Pick<AnyCall, 'caller' | 'context'>,
  orderId: string,
  key: string | null,
) {
  const order = await deps.store.findOrder(orderId);
  if (order === null) return { code: 'order_not_found' } as const;
  const isHolder = key !== null && deps.orderKeys.isKeyOf(orderId, key);
  const view = orderViewOf(caller, isHolder);
  const isPersonal = view !== 'public';
  const etag = orderEtag(order, view);
  const headers = {
    'cache-control': isPersonal ? 'no-store' : 'private, no-cache',
    etag,
    vary: 'Accept, Authorization, Cookie, Order-Key',
  };
  if (matchesEtag(request.headers.get('if-none-match'), etag)) return { status: 304, headers } as const;
  const url = confirmationUrl(deps, orderId, isHolder ? key : null);
  return { status: 200, headers, json: representOrder(order, isPersonal, url) } as const;
}

export const ordersEndpoints = [placeOrderEndpoint, getOrderEndpoint];
