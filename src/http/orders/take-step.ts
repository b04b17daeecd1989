/** Taking an order a step further, the same for every endpoint that does. */
import type { StepOrigin } from '../../domain/order-step.ts';
import type { StepOutcome } from '../../domain/outcome.ts';
import { QueueFullError } from '../../intake/commit-batcher.ts';
import type { AskedStep } from '../../intake/take-step.ts';
import { auditOriginOf } from '../access/audit-draft.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { AnyCall } from '../endpoint.ts';

/**
 * Counts and logs the outcome of the step. Rejects as TakeStep does.
 * @param detail for the audit log; no personal data
 */
export async function takeStep(
  deps: HttpDependencies,
  call: Pick<AnyCall, 'caller' | 'context'>,
  asked: Omit<AskedStep, 'actor' | 'origin' | 'grant'>,
  detail: StepOrigin['detail'] = {},
): Promise<StepOutcome> {
  const { metrics, log } = deps;
  const { actor, ...origin } = { ...auditOriginOf(deps, call), detail };
  const { name } = asked.step;
  const grant = call.caller.kind === 'key' ? call.caller.grant : null;
  let outcome: StepOutcome;
  try {
    outcome = await deps.takeStep({ ...asked, actor, origin, grant }, call.context.trace?.order());
  } catch (error) {
    metrics.countStep(name, error instanceof QueueFullError ? 'overloaded' : 'unavailable');
    throw error;
  }
  if (outcome.kind !== 'access_changed') metrics.countStep(name, outcome.kind);
  if (outcome.kind === 'stepped')
    log.orderStepped(outcome.order, name, outcome.event, call.context.requestId);
  return outcome;
}
