/** Why a step of an order was not taken, as a problem for its caller. */
import type { StepName } from '../../domain/order-lifecycle.ts';
import type { RejectedUnits, StepOutcome } from '../../domain/outcome.ts';
import { accessChanged } from '../access/access-changed.ts';
import type { Problem } from '../problem-details.ts';
import { orderEtag } from './order-representation.ts';

export type RefusedStep = Exclude<StepOutcome, { readonly kind: 'stepped' | 'replayed' }>;

/** Lines are numbered as the caller did: a step names no SKU twice. */
export function refusedStep(
  outcome: RefusedStep,
): Problem<
  | 'idempotency_key_reused'
  | 'order_not_found'
  | 'shipment_not_found'
  | 'not_allowed_now'
  | 'stock_full'
  | 'precondition_failed'
  | 'validation_failed'
  | 'store_unavailable'
> {
  switch (outcome.kind) {
    case 'access_changed':
      return accessChanged;
    case 'conflict':
      return { code: 'idempotency_key_reused' };
    case 'order_not_found':
      return { code: 'order_not_found' };
    case 'shipment_not_found':
      return { code: 'shipment_not_found', detail: `This order has no shipment ${outcome.shipment}.` };
    case 'stale': {
      const etag = orderEtag(outcome.order, 'public');
      return {
        code: 'precondition_failed',
        detail: `The order has changed: it is ${outcome.order.status}, and its ETag is ${etag}. Read it again, and decide anew.`,
        extensions: { order_status: outcome.order.status, current_etag: etag },
      };
    }
    case 'not_allowed_now':
      return {
        code: 'not_allowed_now',
        detail: notAllowedWords(outcome),
        extensions: { order_status: outcome.status, allowed: outcome.allowed },
      };
    case 'stock_full':
      return {
        code: 'stock_full',
        detail: `${outcome.onHand} units of ${outcome.sku} are in stock, and these would be too many: adjust the stock first.`,
      };
    case 'lines_rejected':
      return { code: 'validation_failed', errors: outcome.problems.map(unitsMistake) };
  }
}

function notAllowedWords({
  step,
  status,
  allowed,
}: Extract<RefusedStep, { kind: 'not_allowed_now' }>): string {
  const instead =
    allowed.length === 0 ? 'Nothing can be done with it any more.' : `Allowed now: ${allowed.join(', ')}.`;
  if (step === 'erase') return `The order is erased already. ${instead}`;
  // A shipment on its way may arrive until the whole order has come back.
  if (step === 'deliver' && status !== 'returned') return `This shipment has arrived already. ${instead}`;
  return `${stepWords[step]} is not possible while the order is ${status}. ${instead}`;
}

const stepWords: Readonly<Record<StepName, string>> = {
  pack: 'Packing',
  ship: 'Shipping',
  deliver: 'A delivery',
  cancel: 'Cancelling',
  return: 'A return',
};

function unitsMistake({ lineIndex, sku, code, left }: RejectedUnits) {
  return code === 'not_in_order'
    ? {
        pointer: `/lines/${lineIndex}/sku`,
        code,
        detail: `The order has no ${sku}: name a SKU of its lines.`,
      }
    : {
        pointer: `/lines/${lineIndex}/quantity`,
        code,
        detail: `At most ${left} of ${sku} can be named here.`,
      };
}
