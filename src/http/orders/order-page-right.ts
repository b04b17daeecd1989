/** How a browser shows its right to an order's pages: by the cookie, else by the key in their addresses. */
import type { HttpDependencies } from '../dependencies.ts';
import type { RequestContext } from '../request/request-context.ts';
import { orderKeyInCookie } from './order-key.ts';

/** Of answers that depend on the right. */
export const orderPageHeaders = {
  'cache-control': 'no-store',
  vary: 'Accept, Cookie, Order-Key',
} as const;

/** Whether the browser sends this key of the order by itself, so that its addresses need none. */
export function isKeptKey(
  { orderKeys }: Pick<HttpDependencies, 'orderKeys'>,
  { request }: RequestContext,
  orderId: string,
  key: string,
): boolean {
  return orderKeyInCookie(request.headers) === key && orderKeys.isKeyOf(orderId, key);
}

/** The query that the links between an order's pages carry: empty unless the right came by the address alone. */
export function keyQueryOf(
  deps: Pick<HttpDependencies, 'orderKeys'>,
  context: RequestContext,
  orderId: string,
  keyInAddress: string | null,
): string {
  if (keyInAddress === null || !deps.orderKeys.isKeyOf(orderId, keyInAddress)) return '';
  return isKeptKey(deps, context, orderId, keyInAddress) ? '' : `?key=${keyInAddress}`;
}
