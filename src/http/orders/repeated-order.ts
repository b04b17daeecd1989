/** The same order again from the same browser: how it is recognised, and the answer to it. */
import type { Order } from '../../domain/order.ts';
import type { OrderRequest } from '../../domain/submission.ts';
import type { CallerKey } from '../../intake/place-order.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { Problem } from '../problem-details.ts';
import { isSecure } from '../request/client-connection.ts';
import type { RequestContext } from '../request/request-context.ts';
import { confirmationUrl } from './confirmation-link.ts';
import type { RepeatedOrder } from './recent-order.ts';

/** Counted when there is one. */
export function findRepeated(
  { recentOrders, metrics }: HttpDependencies,
  { request }: RequestContext,
  asked: OrderRequest,
  callerKey: CallerKey | null,
): RepeatedOrder | null {
  const earlier = recentOrders.repeatedBy(asked, callerKey, request.headers);
  if (earlier !== null) metrics.countOrder('repeated');
  return earlier;
}

export function recentOrderCookie(
  deps: HttpDependencies,
  context: RequestContext,
  order: Order,
  callerKey: CallerKey | null,
): string {
  return deps.recentOrders.cookieFor(deps.basePath, order, callerKey, isSecure(deps, context));
}

export function repeatedProblem(deps: HttpDependencies, earlier: RepeatedOrder): Problem<'order_repeated'> {
  const { orderId, number, placedAtMs } = earlier;
  return {
    code: 'order_repeated',
    detail: repeatedWords(earlier),
    extensions: {
      earlier_order: {
        order_id: orderId,
        number,
        placed_at: new Date(placedAtMs).toISOString(),
        confirmation_url: confirmationUrl(deps, orderId, null),
      },
    },
  };
}

export function repeatedWords({ number, ageMs }: RepeatedOrder): string {
  return `You placed this same order ${ageWords(ageMs)}: it is order ${number}. Do you want it a second time?`;
}

/** Such as `2 minutes ago`. */
function ageWords(ageMs: number): string {
  const minutes = Math.floor(ageMs / 60_000);
  if (minutes < 1) return 'less than a minute ago';
  return minutes === 1 ? '1 minute ago' : `${minutes} minutes ago`;
}
