/**
 * The order that a key has made, for a retry that is refused by itself: its product has been retired, or the rules for
 * what a customer types have changed since it was taken. Read only when a request with a key is refused.
 */
import type { Order } from '../domain/order.ts';
import { fingerprintText, type OrderRequest } from '../domain/submission.ts';
import type { OrderStore } from '../storage/order-store.ts';
import { StoreUnavailableError } from './batches-at-store.ts';
import type { CallerKey, PlaceOrderOptions } from './place-order.ts';

/**
 * Null when the key has made no order, or that of another payload.
 * @param readingsOf what the request may have been read as when the order was taken
 */
export type FindReplayed = (
  callerKey: CallerKey,
  readingsOf: (order: Order) => readonly OrderRequest[],
) => Promise<Order | null>;

export function createFindReplayed({
  store,
  digest,
}: Pick<PlaceOrderOptions, 'digest'> & { readonly store: Pick<OrderStore, 'findOrderByKey'> }): FindReplayed {
  return async (callerKey, readingsOf) => {
    const kept = await store.findOrderByKey(callerKey).catch((cause: unknown) => {
      throw new StoreUnavailableError('the store could not be read', { cause });
    });
    if (kept === null) return null;
    const isSame = readingsOf(kept.order).some(
      (asked) => digest(fingerprintText(asked)) === kept.fingerprint,
    );
    return isSame ? kept.order : null;
  };
}
