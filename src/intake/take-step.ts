/** The use case: a caller takes an order a step further and gets the outcome once that is durable. */
import type { Grant } from '../domain/grant.ts';
import { type OrderStep, type Step, type StepOrigin, stepFingerprintText } from '../domain/order-step.ts';
import type { StepOutcome } from '../domain/outcome.ts';
import type { OrderTrace } from './batch-trace.ts';
import type { CommitBatcher } from './commit-batcher.ts';
import type { CallerKey, PlaceOrderOptions } from './place-order.ts';

export interface AskedStep {
  readonly orderId: string;
  readonly step: Step;
  /** See OrderEvent. */
  readonly actor: string;
  readonly origin: StepOrigin;
  /** By which the caller was let in, when its key was not read for this request. */
  readonly grant: Grant | null;
  /** Null: whatever the order's revision is. */
  readonly expectedRevisions: readonly number[] | null;
  readonly callerKey: CallerKey | null;
}

/**
 * Rejects with QueueFullError or StoreUnavailableError; then nothing was acknowledged, and the same step with the same
 * key may be sent again.
 */
export type TakeStep = (asked: AskedStep, trace?: OrderTrace | null) => Promise<StepOutcome>;

export interface TakeStepOptions extends Pick<PlaceOrderOptions, 'nowMs' | 'digest'> {
  readonly batcher: Pick<CommitBatcher, 'submitStep'>;
  readonly newEventId: () => string;
}

export function createTakeStep({ batcher, newEventId, nowMs, digest }: TakeStepOptions): TakeStep {
  return ({ callerKey, ...asked }, trace = null) => {
    const idempotency: OrderStep['idempotency'] =
      callerKey === null ? null : { ...callerKey, fingerprint: digest(stepFingerprintText(asked)) };
    return batcher.submitStep({ ...asked, eventId: newEventId(), atMs: nowMs(), idempotency }, trace);
  };
}
