/** The order form shown again: with the typed text, and the reason why the order was not placed. */
import { randomUUID } from 'node:crypto';
import { formatCents } from '../../domain/money.ts';
import { StoreUnavailableError } from '../../intake/batches-at-store.ts';
import { QueueFullError } from '../../intake/commit-batcher.ts';
import { shopperWords } from '../../web/shop/field-words.ts';
import { isShopField } from '../../web/shop/shop-fields.ts';
import { repeatField } from '../../web/shop/shop-page.ts';
import { AnsweredFault } from '../answered-fault.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { confirmationUrl } from '../orders/confirmation-link.ts';
import type { RepeatedOrder } from '../orders/recent-order.ts';
import { lineProblemWords, type Refused, shortageWords } from '../orders/refused-order.ts';
import { repeatedWords } from '../orders/repeated-order.ts';
import type { FieldMistake } from '../request/field-mistakes.ts';
import type { RequestContext } from '../request/request-context.ts';
import { wantsPage } from './problem-page-reply.ts';
import { type FormReply, formReply } from './shop-replies.ts';

/**
 * The form as it was sent, to be sent again under its own key: an order that could not be placed now must
 * not cost what was typed. Rejects with the fault it was given where no such page can be made.
 */
export async function keepForm(
  deps: HttpDependencies,
  context: RequestContext,
  form: URLSearchParams,
  idempotencyKey: string,
  fault: unknown,
): Promise<never> {
  const text = outageWords(fault);
  if (text === null || !wantsPage('page_if_wanted', context.request)) throw fault;
  const notice = { kind: 'warning', text } as const;
  const answer = { status: 503, form, errors: {}, notice, idempotencyKey } as const;
  const reply = await formReply(deps, answer).catch(() => {
    throw fault;
  });
  throw new AnsweredFault(reply, fault);
}

/** A form orders one product. */
function newPriceWords({ lines, totalCents }: Extract<Refused, { readonly kind: 'price_changed' }>): string {
  const each = lines.map(({ name, unitPriceCents }) => `${name} now costs ${formatCents(unitPriceCents)}`);
  return `The price has changed since you opened this page: ${each.join(', ')}, and your order comes to ${formatCents(totalCents)}. Place it again if that is fine with you.`;
}

const keptWords =
  'Nothing you typed is lost: please place it again in a moment. It will not be ordered twice.';

function outageWords(fault: unknown): string | null {
  if (fault instanceof QueueFullError)
    return `The shop is very full, and your order was not taken yet. ${keptWords}`;
  if (fault instanceof StoreUnavailableError) return `We can’t reach our order book right now. ${keptWords}`;
  return null;
}

export function formMistakes(
  deps: HttpDependencies,
  form: URLSearchParams,
  idempotencyKey: string,
  mistakes: readonly FieldMistake[],
): Promise<FormReply<422>> {
  deps.metrics.countOrder('invalid');
  const errors: Record<string, string> = {};
  for (const { field, code, detail } of mistakes) {
    if (isShopField(field)) errors[field] ??= shopperWords(field, code, detail);
  }
  return formReply(deps, { status: 422, form, errors, notice: null, idempotencyKey });
}

/** Asks first: nothing is ordered unless the shopper says so. */
export function repeatedForm(
  deps: HttpDependencies,
  form: URLSearchParams,
  idempotencyKey: string,
  earlier: RepeatedOrder,
): Promise<FormReply<409>> {
  const notice = {
    kind: 'warning',
    text: repeatedWords(earlier),
    link: { href: confirmationUrl(deps, earlier.orderId, null), text: `See order ${earlier.number}` },
    submit: { name: repeatField.name, value: repeatField.place, text: 'Order it again' },
  } as const;
  return formReply(deps, { status: 409, form, errors: {}, notice, idempotencyKey });
}

export function refusedForm(
  deps: HttpDependencies,
  form: URLSearchParams,
  idempotencyKey: string,
  outcome: Refused,
): Promise<FormReply<409 | 422>> {
  const base = { form, errors: {}, notice: null, idempotencyKey };
  switch (outcome.kind) {
    case 'out_of_stock': {
      const [shortage] = outcome.shortages;
      const text = shortage === undefined ? '' : shortageWords(shortage);
      const errors = shortage?.available === 0 ? { product_name: text } : { quantity: text };
      return formReply(deps, { ...base, status: 409, errors });
    }
    case 'rejected': {
      const code = outcome.problems[0]?.code ?? 'unknown_product';
      const text = lineProblemWords[code];
      const errors = code === 'total_too_large' ? { quantity: text } : { product_name: text };
      return formReply(deps, { ...base, status: 422, errors });
    }
    case 'price_changed':
      return formReply(deps, {
        ...base,
        status: 409,
        notice: { kind: 'warning', text: newPriceWords(outcome) },
        newPrices: outcome.lines,
      });
    case 'conflict':
      return formReply(deps, {
        ...base,
        status: 422,
        notice: {
          kind: 'warning',
          text: 'An order from this very form was already placed, with other details. If you want this one as well, place it again.',
        },
        idempotencyKey: randomUUID(),
      });
  }
}
