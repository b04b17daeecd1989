/** What the audit log is told of steps of orders: the same on every engine. */
import { type Command, isStep, type WriteSet } from '../domain/decide-batch.ts';
import { looksErased } from '../domain/order-event.ts';
import type { OrderStep } from '../domain/order-step.ts';
import type { Outcome, StepOutcome } from '../domain/outcome.ts';
import type { AuditDraft } from './audit-log.ts';

/**
 * One for each step that was taken, in their order; none for a replay or a refusal. To be asked only when the write
 * set has events: a batch that only places orders needs no look at its commands.
 * @param outcomes `outcomes[i]` answers `commands[i]`
 */
export function auditOfSteps(
  commands: readonly Command[],
  outcomes: readonly Outcome[],
): readonly AuditDraft[] {
  return commands.flatMap((command, i) => {
    const outcome = outcomes[i];
    return outcome?.kind === 'stepped' && isStep(command) ? draftOf(command, outcome) : [];
  });
}

/**
 * The holder of an order that is erased already is not to be found by an address, either.
 * The event of this revision has the rest: reasons and tracking may name a person, and nobody could erase them here.
 */
function draftOf(
  { orderId, step, atMs, actor, origin }: OrderStep,
  { order, event }: Extract<StepOutcome, { kind: 'stepped' }>,
): AuditDraft {
  const { keyId, requestId, address } = origin;
  const isOfErased = actor === 'shopper' && looksErased(order);
  return {
    atMs,
    actor,
    keyId,
    action: `order.${step.name}`,
    subject: subjectOf(orderId),
    detail: { number: order.number, revision: event.revision, status: order.status, ...origin.detail },
    requestId,
    address: isOfErased ? null : address,
  };
}

/**
 * Of the orders whose persons are erased: entries of these subjects by the actor `shopper`, the holder of the order's
 * key, lose their address. Those of API keys and of the command line tell of other persons.
 */
export function erasedSubjects({ erasedOrders }: Pick<WriteSet, 'erasedOrders'>): readonly string[] {
  return erasedOrders.map(({ orderId }) => subjectOf(orderId));
}

function subjectOf(orderId: string): string {
  return `order:${orderId}`;
}
