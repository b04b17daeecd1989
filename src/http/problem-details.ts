/**
 * Errors as RFC 9457 problem details: the one place that knows which code has which status and title.
 */
import { z } from 'zod';
import { orderStatuses } from '../domain/order-lifecycle.ts';
import { moneySchema } from './money-representation.ts';
import { orderLineSchema } from './orders/order-representation.ts';

/** `detail` is the default, where an endpoint gives nothing more exact. */
export const problems = {
  malformed_request: {
    status: 400,
    title: 'Malformed request',
    detail: 'The request is not well-formed HTTP.',
  },
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    detail: 'The body is not one JSON value in UTF-8.',
  },
  malformed_form: { status: 400, title: 'Malformed form', detail: 'The body is not a form in UTF-8.' },
  invalid_idempotency_key: {
    status: 400,
    title: 'Invalid Idempotency-Key',
    detail: 'Send 1 to 255 visible ASCII characters, with or without double quotes, such as a UUID.',
  },
  invalid_parameter: { status: 400, title: 'Invalid parameter', detail: 'A query parameter is not valid.' },
  key_required: {
    status: 401,
    title: 'API key required',
    detail: 'Send an API key as Authorization: Bearer …',
  },
  invalid_key: {
    status: 401,
    title: 'Invalid API key',
    detail: 'The API key is not complete, not known, revoked or expired.',
  },
  insufficient_scope: {
    status: 403,
    title: 'Insufficient scope',
    detail: 'The API key lacks a scope; required_scopes names all that are needed.',
  },
  route_not_found: { status: 404, title: 'Not found', detail: 'There is nothing at this address.' },
  order_not_found: { status: 404, title: 'Order not found', detail: 'There is no order with this id.' },
  shipment_not_found: {
    status: 404,
    title: 'Shipment not found',
    detail: 'The order has no shipment of this number.',
  },
  product_not_found: {
    status: 404,
    title: 'Product not found',
    detail: 'There is no product with this SKU.',
  },
  state_not_found: {
    status: 404,
    title: 'State not found',
    detail:
      'Name a state, a territory, a freely associated state or armed forces by its two-letter code, such as TX.',
  },
  api_key_not_found: {
    status: 404,
    title: 'API key not found',
    detail: 'There is no API key with this id.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address does not take this method; the header Allow names those that it takes.',
  },
  request_timeout: { status: 408, title: 'Request timeout', detail: 'The request took too long to arrive.' },
  key_name_taken: {
    status: 409,
    title: 'Name taken',
    detail: 'A key that is not revoked has this name. Choose another name, or revoke that key first.',
  },
  out_of_stock: {
    status: 409,
    title: 'Out of stock',
    detail: 'There is not enough in stock for this order.',
  },
  price_changed: {
    status: 409,
    title: 'Price changed',
    detail: 'The order comes to another total than expected_total; total and lines have the current prices.',
  },
  order_repeated: {
    status: 409,
    title: 'Order repeated',
    detail: 'This browser placed the same order a moment ago; earlier_order names it.',
  },
  stock_below_zero: {
    status: 409,
    title: 'Stock below zero',
    detail: 'There are fewer units on hand than would be taken away.',
  },
  not_allowed_now: {
    status: 409,
    title: 'Not allowed now',
    detail: 'The order does not allow this step now; allowed names those that it does.',
  },
  stock_full: {
    status: 409,
    title: 'Stock full',
    detail: 'So many units of this product can’t be in stock: adjust the stock first.',
  },
  precondition_failed: {
    status: 412,
    title: 'Precondition failed',
    detail: 'It has another version by now. Read it, and send the change again with the new one.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    detail: 'The body is larger than this service takes.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'This caller has made as many requests as are allowed. Try again later.',
  },
  head_too_large: {
    status: 431,
    title: 'Request head too large',
    detail: 'The address and header fields are longer than the 16 KiB this service takes.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'Send the body as application/json.',
  },
  validation_failed: {
    status: 422,
    title: 'Validation failed',
    detail: 'The request is understood, but not valid; errors names each field.',
  },
  reference_reused: {
    status: 422,
    title: 'Reference reused',
    detail:
      'This reference belongs to a movement with other units or another reason. Use a new one for another movement.',
  },
  invalid_image: {
    status: 422,
    title: 'Invalid picture',
    detail: 'The picture is none that the shop takes: PNG, JPEG, WebP or AVIF within its bounds.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key reused',
    detail: 'This key was already used for something else. Use a new key for a new request.',
  },
  precondition_required: {
    status: 428,
    title: 'Precondition required',
    detail: 'Send the ETag of the version that you change in If-Match, or * for whatever it is now.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. Nothing was acknowledged; try again with the same key.',
  },
  overloaded: {
    status: 503,
    title: 'Too busy',
    detail: 'Too many orders are waiting. The order was not taken; try again in a moment.',
  },
  busy: {
    status: 503,
    title: 'Busy',
    detail: 'Too many requests are waiting. Try again in a moment.',
  },
  store_unavailable: {
    status: 503,
    title: 'Store unavailable',
    detail: 'Orders can’t be stored or read right now. Try again in a moment, with the same key.',
  },
} as const satisfies Record<string, { status: number; title: string; detail: string }>;

export type ProblemCode = keyof typeof problems;

/** One thing that is wrong with one field of the body. */
export interface FieldError {
  /** RFC 6901, into the body. */
  readonly pointer: string;
  /** Stable, for programs. */
  readonly code: string;
  /** The mistake and the remedy, for people. */
  readonly detail: string;
}

/** One thing that is wrong with one parameter. */
export interface ParameterError extends Omit<FieldError, 'pointer'> {
  /** Its name. */
  readonly parameter: string;
  readonly in: 'path' | 'query' | 'header';
}

export interface Problem<Code extends ProblemCode = ProblemCode> {
  readonly code: Code;
  /** Instead of the code's own. */
  readonly detail?: string;
  readonly errors?: readonly (FieldError | ParameterError)[];
  /** Extension members, such as the products that are short. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export function isProblem(answer: object): answer is Problem {
  return 'code' in answer;
}

/** Seconds after which a 503 is worth another try. */
export const retryAfterSeconds = 1;

export const problemType = 'application/problem+json';

/** @param instance the path of the request, with the base path */
export function problemReply(
  basePath: string,
  problem: Problem,
  requestId: string,
  instance: string,
): {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly mediaType: string;
  readonly body: string;
} {
  const { status, title, detail } = problems[problem.code];
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {}),
      ...problem.headers,
    },
    mediaType: problemType,
    body: JSON.stringify({
      type: `${basePath}/docs#${problem.code}`,
      title,
      status,
      detail: problem.detail ?? detail,
      instance,
      code: problem.code,
      request_id: requestId,
      ...(problem.errors === undefined ? {} : { errors: problem.errors }),
      ...problem.extensions,
    }),
  };
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable, for programs.' }),
    request_id: z.string(),
    errors: z
      .array(
        z.union([
          z.object({
            pointer: z.string().meta({ description: 'RFC 6901, into the body.' }),
            code: z.string(),
            detail: z.string(),
          }),
          z.object({
            parameter: z.string().meta({ description: 'Its name.' }),
            in: z.enum(['path', 'query', 'header']),
            code: z.string(),
            detail: z.string(),
          }),
        ]),
      )
      .optional(),
    required_scopes: z
      .array(z.string())
      .optional()
      .meta({ description: 'With `insufficient_scope`: the scopes that the caller’s key needs.' }),
    order_status: z.enum(orderStatuses).optional().meta({
      description: 'With `not_allowed_now` and `precondition_failed`: the status of the order now.',
    }),
    allowed: z
      .array(z.string())
      .optional()
      .meta({ description: 'With `not_allowed_now`: the steps that are allowed.' }),
    shortages: z
      .array(z.object({ sku: z.string(), name: z.string(), requested: z.int(), available: z.int() }))
      .optional(),
    total: moneySchema.optional().meta({ description: 'With `price_changed`: the total of the order now.' }),
    lines: z
      .array(orderLineSchema)
      .optional()
      .meta({ description: 'With `price_changed`: the lines at the current prices.' }),
    current_etag: z
      .string()
      .optional()
      .meta({ description: 'With `precondition_failed`: the version that there is now.' }),
    earlier_order: z
      .object({
        order_id: z.string(),
        number: z.int(),
        placed_at: z.string().meta({ format: 'date-time' }),
        confirmation_url: z.string(),
      })
      .optional()
      .meta({ description: 'With `order_repeated`: the order that was placed before.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details.' });
