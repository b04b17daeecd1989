/** The use case: a caller asks for an order and gets its outcome once that is durable. */
import type { PlacingOutcome } from '../domain/outcome.ts';
import { fingerprintText, type OrderRequest } from '../domain/submission.ts';
import type { OrderTrace } from './batch-trace.ts';
import type { CommitBatcher } from './commit-batcher.ts';

/** A caller's key, before the payload it stands for is known. */
export interface CallerKey {
  readonly scope: string;
  readonly key: string;
}

/**
 * Rejects with QueueFullError or StoreUnavailableError; then nothing was acknowledged, and the same
 * request with the same key may be sent again.
 */
export type PlaceOrder = (
  request: OrderRequest,
  callerKey: CallerKey | null,
  trace?: OrderTrace | null,
) => Promise<PlacingOutcome>;

export interface PlaceOrderOptions {
  readonly batcher: Pick<CommitBatcher, 'submit'>;
  readonly newOrderId: () => string;
  readonly nowMs: () => number;
  /** A collision-resistant digest of a text, such as SHA-256 in base64url. */
  readonly digest: (text: string) => string;
}

export function createPlaceOrder({ batcher, newOrderId, nowMs, digest }: PlaceOrderOptions): PlaceOrder {
  return (request, callerKey, trace = null) =>
    batcher.submit(
      {
        ...request,
        orderId: newOrderId(),
        placedAtMs: nowMs(),
        idempotency: callerKey && { ...callerKey, fingerprint: digest(fingerprintText(request)) },
      },
      trace,
    );
}
