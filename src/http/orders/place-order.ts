/** Placing an order, the same for the API, the original contract and the form. */
import type { Order } from '../../domain/order.ts';
import type { PlacingOutcome } from '../../domain/outcome.ts';
import type { OrderRequest } from '../../domain/submission.ts';
import { QueueFullError } from '../../intake/commit-batcher.ts';
import type { CallerKey } from '../../intake/place-order.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { RequestContext } from '../request/request-context.ts';

/** Counts and logs the outcome of the order. Rejects as PlaceOrder does. */
export async function placeOrder(
  { placeOrder: submit, metrics, log }: HttpDependencies,
  { requestId, trace }: RequestContext,
  request: OrderRequest,
  callerKey: CallerKey | null,
): Promise<PlacingOutcome> {
  let outcome: PlacingOutcome;
  try {
    outcome = await submit(request, callerKey, trace?.order());
  } catch (error) {
    metrics.countOrder(error instanceof QueueFullError ? 'overloaded' : 'unavailable');
    throw error;
  }
  metrics.countOrder(outcome.kind);
  if (outcome.kind === 'placed') log.orderPlaced(outcome.order, requestId);
  return outcome;
}

/** Counted when there is one. Null without a key. See `intake/find-replayed.ts`. */
export async function findReplayed(
  deps: Pick<HttpDependencies, 'findReplayed' | 'metrics'>,
  callerKey: CallerKey | null,
  readingsOf: (order: Order) => readonly OrderRequest[],
): Promise<Order | null> {
  const order = callerKey === null ? null : await deps.findReplayed(callerKey, readingsOf);
  if (order !== null) deps.metrics.countOrder('replayed');
  return order;
}
