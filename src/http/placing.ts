/** From a request for an order to its outcome, the same for the API, the original contract and the form. */
import type { Order } from '../domain/order.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { OrderRequest } from '../domain/submission.ts';
import { QueueFullError } from '../intake/commit-batcher.ts';
import type { CallerKey } from '../intake/place-order.ts';
import type { HttpDependencies } from './dependencies.ts';
import { type FieldMistake, mistake } from './field-mistakes.ts';
import { orderKeyCookie } from './order-key.ts';
import type { FieldError, Problem } from './problem-details.ts';
import type { RequestContext } from './request-context.ts';

/** Rejects as PlaceOrder does, having counted it; whatever becomes of the order is counted and logged. */
export async function place(
  { placeOrder, metrics, log }: HttpDependencies,
  { requestId, trace }: RequestContext,
  request: OrderRequest,
  callerKey: CallerKey | null,
): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await placeOrder(request, callerKey, trace?.order());
  } catch (error) {
    metrics.countOrder(error instanceof QueueFullError ? 'overloaded' : 'unavailable');
    throw error;
  }
  metrics.countOrder(outcome.kind);
  if (outcome.kind === 'placed') log.orderPlaced(outcome.order, requestId);
  return outcome;
}

export type Refused = Exclude<Outcome, { readonly order: Order }>;

/** @param pointerOfLine JSON pointer to a line as the caller numbered them */
export function refusedProblem(
  outcome: Refused,
  request: OrderRequest,
  pointerOfLine: (lineIndex: number) => string,
): Problem {
  switch (outcome.kind) {
    case 'conflict':
      return { code: 'idempotency_key_reused' };
    case 'rejected':
      return { code: 'validation_failed', errors: refusedLines(outcome, request, pointerOfLine) };
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
  outcome: Exclude<Refused, { readonly kind: 'conflict' }>,
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

export function validationProblem(mistakes: readonly FieldMistake[]): Problem {
  return {
    code: 'validation_failed',
    errors: mistakes.map(({ pointer, code, detail }) => ({ pointer, code, detail })),
  };
}

/** Where the order's page is, with the right to see all of it. */
export function confirmationUrl(
  { publicUrl }: HttpDependencies,
  orderId: string,
  key: string | null,
): string {
  return `${publicUrl ?? ''}/orders/${orderId}${key === null ? '' : `?key=${key}`}`;
}

/** Whether the client talks TLS to us or to a proxy of ours. */
export function isSecure({ publicUrl, trustProxy }: HttpDependencies, { request }: RequestContext): boolean {
  if (publicUrl?.startsWith('https:') === true) return true;
  return trustProxy && request.headers.get('x-forwarded-proto') === 'https';
}

/** Headers of an answer to whoever placed the order. */
export function placedHeaders(
  deps: HttpDependencies,
  context: RequestContext,
  orderId: string,
  key: string,
): { readonly 'cache-control': string; readonly 'set-cookie': string } {
  return { 'cache-control': 'no-store', 'set-cookie': orderKeyCookie(orderId, key, isSecure(deps, context)) };
}
