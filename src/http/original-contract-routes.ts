/** The routes that clients had before the API: `POST /` as JSON and as an HTML form, and `/get_product`. */
import { randomUUID } from 'node:crypto';
import type { OrderRequest } from '../domain/submission.ts';
import { QueueFullError, StoreUnavailableError } from '../intake/commit-batcher.ts';
import { queryOf } from '../runtime/request-target.ts';
import { shopperWords } from '../web/shop/field-words.ts';
import { type Answer, AnsweredFault, type AppRoute, isProblem } from './app-route.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { FieldMistake } from './field-mistakes.ts';
import { parseIdempotencyKey } from './idempotency-key.ts';
import { originalOrderRequest, parseFormOrder, parseOriginalOrder } from './order-schema.ts';
import {
  confirmationUrl,
  lineProblemWords,
  place,
  placedHeaders,
  type Refused,
  refusedProblem,
  shortageWords,
  unknownProductMistake,
  validationProblem,
} from './placing.ts';
import { wantsPage } from './problem-page-reply.ts';
import { jsonType, type Reply } from './reply.ts';
import { bodyKindOf, readForm, readJson } from './request-body.ts';
import type { RequestContext } from './request-context.ts';
import { dataSecurityHeaders } from './security-headers.ts';
import { formReply, isShopField } from './shop-replies.ts';

export function originalContractRoutes(deps: HttpDependencies): readonly AppRoute[] {
  return [
    { method: 'POST', path: '/', problems: 'page_if_wanted', handle: (context) => postOrder(deps, context) },
    { method: 'GET', path: '/get_product', problems: 'json', handle: (context) => getProduct(deps, context) },
  ];
}

function postOrder(deps: HttpDependencies, context: RequestContext): Answer | Promise<Answer> {
  const kind = bodyKindOf(context.request.headers);
  if (kind === 'json') return postJson(deps, context);
  if (kind === 'form') return postForm(deps, context);
  return {
    code: 'unsupported_media_type',
    detail: 'Send the body as application/json or application/x-www-form-urlencoded.',
  };
}

async function postJson(deps: HttpDependencies, context: RequestContext): Promise<Answer> {
  const callerKey = parseIdempotencyKey(context.request.headers.get('idempotency-key'));
  const body = await readJson(context, deps.bodyBytesMax);
  if (isProblem(body)) return body;
  if (callerKey === 'invalid') return { code: 'invalid_idempotency_key' };
  const { value, mistakes } = parseOriginalOrder(body.json);
  if (mistakes !== null) return invalid(deps, mistakes);
  const product = await deps.store.findProductByName(value.product_name);
  if (product === null) return invalid(deps, [unknownProductMistake()]);
  const request = originalOrderRequest(value, product.sku);
  const outcome = await place(deps, context, request, callerKey);
  if (!('order' in outcome)) return originalProblem(outcome, request);
  const { orderId } = outcome.order;
  return {
    status: 201,
    headers: {
      'content-type': jsonType,
      ...dataSecurityHeaders,
      ...placedHeaders(deps, context, orderId, deps.orderKeys.keyOf(orderId)),
      location: `/orders/${orderId}`,
      ...(outcome.kind === 'replayed' ? { 'idempotent-replayed': 'true' } : {}),
    },
    body: JSON.stringify({ message: 'Order created', order_id: orderId }),
  };
}

function invalid(deps: HttpDependencies, mistakes: readonly FieldMistake[]): Answer {
  deps.metrics.countOrder('invalid');
  return validationProblem(mistakes);
}

/** This contract names its one product and quantity at the top of the body, not in lines. */
function originalProblem(outcome: Refused, request: OrderRequest): Answer {
  const problem = refusedProblem(outcome, request, () => '');
  const errors = problem.errors?.map((error) =>
    error.pointer === '/sku' ? { ...error, pointer: '/product_name' } : error,
  );
  return errors === undefined ? problem : { ...problem, errors };
}

async function postForm(deps: HttpDependencies, context: RequestContext): Promise<Answer> {
  const body = await readForm(context, deps.bodyBytesMax);
  if (isProblem(body)) return body;
  const { form } = body;
  const callerKey = parseIdempotencyKey(form.get('idempotency_key') || null);
  const idempotencyKey = callerKey === null || callerKey === 'invalid' ? randomUUID() : callerKey.key;
  if (callerKey === 'invalid') return { code: 'invalid_idempotency_key' };
  const { value, mistakes } = parseFormOrder(form);
  if (mistakes !== null) return formMistakes(deps, context, form, idempotencyKey, mistakes);
  const product = await deps.store.findProductByName(value.product_name);
  if (product === null) {
    return formMistakes(deps, context, form, idempotencyKey, [unknownProductMistake()]);
  }
  const request = originalOrderRequest(value, product.sku);
  const outcome = await place(deps, context, request, callerKey).catch((fault: unknown) =>
    keepForm(deps, context, form, idempotencyKey, fault),
  );
  if (!('order' in outcome)) return refusedForm(deps, context, form, idempotencyKey, outcome);
  const { orderId } = outcome.order;
  const key = deps.orderKeys.keyOf(orderId);
  return {
    status: 303,
    headers: {
      ...placedHeaders(deps, context, orderId, key),
      location: confirmationUrl(deps, orderId, null),
    },
    body: null,
  };
}

/**
 * The form as it was sent, to be sent again under its own key: an order that could not be placed now must
 * not cost what was typed. Rejects with the fault it was given where no such page can be made.
 */
async function keepForm(
  deps: HttpDependencies,
  context: RequestContext,
  form: URLSearchParams,
  idempotencyKey: string,
  fault: unknown,
): Promise<never> {
  const text = outageWords(fault);
  if (text === null || !wantsPage('page_if_wanted', context.request)) throw fault;
  const notice = { kind: 'warning', text } as const;
  const answer = { status: 503, form, errors: {}, notice, idempotencyKey };
  const reply = await formReply(deps, context, answer).catch(() => {
    throw fault;
  });
  throw new AnsweredFault(reply, fault);
}

const keptWords =
  'Nothing you typed is lost: please place it again in a moment. It will not be ordered twice.';

function outageWords(fault: unknown): string | null {
  if (fault instanceof QueueFullError)
    return `The shop is very full, and your order was not taken yet. ${keptWords}`;
  if (fault instanceof StoreUnavailableError) return `We can’t reach our order book right now. ${keptWords}`;
  return null;
}

function formMistakes(
  deps: HttpDependencies,
  context: RequestContext,
  form: URLSearchParams,
  idempotencyKey: string,
  mistakes: readonly FieldMistake[],
): Promise<Reply> {
  deps.metrics.countOrder('invalid');
  const errors: Record<string, string> = {};
  for (const { field, code, detail } of mistakes) {
    if (isShopField(field)) errors[field] ??= shopperWords(field, code, detail);
  }
  return formReply(deps, context, { status: 422, form, errors, notice: null, idempotencyKey });
}

function refusedForm(
  deps: HttpDependencies,
  context: RequestContext,
  form: URLSearchParams,
  idempotencyKey: string,
  outcome: Refused,
): Promise<Reply> {
  const base = { form, errors: {}, notice: null, idempotencyKey };
  switch (outcome.kind) {
    case 'out_of_stock': {
      const [shortage] = outcome.shortages;
      const text = shortage === undefined ? '' : shortageWords(shortage);
      const errors = shortage?.available === 0 ? { product_name: text } : { quantity: text };
      return formReply(deps, context, { ...base, status: 409, errors });
    }
    case 'rejected': {
      const code = outcome.problems[0]?.code ?? 'unknown_product';
      const text = lineProblemWords[code];
      const errors = code === 'total_too_large' ? { quantity: text } : { product_name: text };
      return formReply(deps, context, { ...base, status: 422, errors });
    }
    case 'conflict':
      return formReply(deps, context, {
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

async function getProduct({ store }: HttpDependencies, { request }: RequestContext): Promise<Reply> {
  const name = new URLSearchParams(queryOf(request.url)).get('product_name') ?? '';
  const product = name === '' ? null : await store.findProductByName(name);
  const headers = { 'content-type': jsonType, 'cache-control': 'no-cache', ...dataSecurityHeaders };
  if (product === null) {
    return { status: 404, headers, body: JSON.stringify({ message: 'Product not found' }) };
  }
  return {
    status: 200,
    headers,
    body: JSON.stringify({
      product_name: product.name,
      price: product.priceCents / 100,
      description: product.description,
      image: product.imageUrl,
      num_in_stock: product.onHand,
    }),
  };
}
