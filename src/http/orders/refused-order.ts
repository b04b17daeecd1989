/** The answer to a refused order, the same for the API, the original contract and the form. */
import { type Cents, formatCents } from '../../domain/money.ts';
import type { Order } from '../../domain/order.ts';
import type { PlacingOutcome } from '../../domain/outcome.ts';
import type { OrderRequest } from '../../domain/submission.ts';
import { representMoney } from '../money-representation.ts';
import type { FieldError, Problem } from '../problem-details.ts';
import { type FieldMistake, mistake } from '../request/field-mistakes.ts';
import { representLine } from './order-representation.ts';

export type Refused = Exclude<PlacingOutcome, { readonly order: Order }>;

/** @param pointerOfLine JSON pointer to a line as the caller numbered them */
export function refusedProblem(
  outcome: Refused,
  request: OrderRequest,
  pointerOfLine: (lineIndex: number) => string,
): Problem<'idempotency_key_reused' | 'validation_failed' | 'out_of_stock' | 'price_changed'> {
  switch (outcome.kind) {
    case 'conflict':
      return { code: 'idempotency_key_reused' };
    case 'rejected':
      return { code: 'validation_failed', errors: refusedLines(outcome, request, pointerOfLine) };
    case 'price_changed':
      return {
        code: 'price_changed',
        detail: priceChangedWords(outcome.totalCents),
        errors: [
          {
            pointer: '/expected_total',
            code: 'price_changed',
            detail: priceChangedWords(outcome.totalCents),
          },
        ],
        extensions: {
          total: representMoney(outcome.totalCents),
          lines: outcome.lines.map(representLine),
        },
      };
    case 'out_of_stock':
      return {
        code: 'out_of_stock',
        detail: outcome.shortages.map(shortageWords).join(' '),
        errors: refusedLines(outcome, request, pointerOfLine),
        extensions: { shortages: outcome.shortages },
      };
  }
}

export function refusedLines(
  outcome: Extract<Refused, { readonly kind: 'rejected' | 'out_of_stock' }>,
  request: OrderRequest,
  pointerOfLine: (lineIndex: number) => string,
): readonly FieldError[] {
  if (outcome.kind === 'rejected') {
    return outcome.problems.map(({ lineIndex, code }) => ({
      pointer: `${pointerOfLine(lineIndex)}${code === 'total_too_large' ? '/quantity' : '/sku'}`,
      code,
      detail: lineProblemWords[code],
    }));
  }
  return outcome.shortages.map((shortage) => ({
    pointer: `${pointerOfLine(request.lines.findIndex(({ sku }) => sku === shortage.sku))}/quantity`,
    code: 'out_of_stock',
    detail: shortageWords(shortage),
  }));
}

export const lineProblemWords = {
  unknown_product: 'There is no such product: please choose one from the catalogue.',
  product_unavailable: 'This product is not sold any more: please choose another.',
  total_too_large: 'The sum of this order is too large to compute: please order less.',
} as const;

export function priceChangedWords(totalCents: Cents): string {
  return `A price has changed, and this order now comes to ${formatCents(totalCents)}: please check it, and place it again at this total.`;
}

export function shortageWords({
  name,
  available,
}: {
  readonly name: string;
  readonly available: number;
}): string {
  return available === 0
    ? `${name} is sold out: please choose another product.`
    : `Only ${available} of ${name} left: please order at most ${available}.`;
}

/** Shown for a name that no product has. */
export function unknownProductMistake(): FieldMistake {
  return mistake(['product_name'], 'unknown_product', lineProblemWords.unknown_product);
}
