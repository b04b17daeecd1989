/** The address and the cookie that lead back to an order's page with the right to see all of it. */

import type { HttpDependencies } from '../dependencies.ts';
import { isSecure } from '../request/client-connection.ts';
import type { RequestContext } from '../request/request-context.ts';
import { orderKeyCookie } from './order-key.ts';

/** @param key null for the address alone, without the right to the order's personal data */
export function confirmationUrl(
  { publicUrl }: HttpDependencies,
  orderId: string,
  key: string | null,
): string {
  return `${publicUrl ?? ''}/orders/${orderId}${key === null ? '' : `?key=${key}`}`;
}

/** Headers of the answer to the client that placed the order. */
export function placedHeaders(
  deps: HttpDependencies,
  context: RequestContext,
  orderId: string,
  key: string,
): { readonly 'cache-control': string; readonly 'set-cookie': string } {
  return {
    'cache-control': 'no-store',
    'set-cookie': orderKeyCookie(deps.basePath, orderId, key, isSecure(deps, context)),
  };
}
