/** The interface of earlier clients: `POST /` as JSON and as an HTML form, and `/get_product`. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { multiplyCents } from '../../domain/money.ts';
import type { Order } from '../../domain/order.ts';
import { composedName, type Product, skuPattern } from '../../domain/product.ts';
import type { OrderRequest } from '../../domain/submission.ts';
import type { CallerKey } from '../../intake/place-order.ts';
import { pictureUrl } from '../../web/base-path.ts';
import { priceShown, pricesShownField } from '../../web/shop/prices-shown.ts';
import { repeatField } from '../../web/shop/shop-page.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { endpoint } from '../endpoint.ts';
import { formMistakes, keepForm, refusedForm, repeatedForm } from '../pages/order-form-answers.ts';
import { jsonOrFormBody } from '../request/declared-body.ts';
import { type FieldMistake, validationProblem } from '../request/field-mistakes.ts';
import { ownKey, parseIdempotencyKey } from '../request/idempotency-key.ts';
import { optionalText } from '../request/parameter.ts';
import type { RequestContext } from '../request/request-context.ts';
import { confirmationUrl, placedHeaders } from './confirmation-link.ts';
import { readOriginalByEarlierRules } from './earlier-rules.ts';
import { idempotencyKeyParameter } from './order-parameters.ts';
import {
  formFields,
  type OriginalOrder,
  orderFormSchema,
  originalOrderRequest,
  originalOrderSchema,
  parseFormOrder,
  readWish,
} from './original-order-schema.ts';
import { findReplayed, placeOrder } from './place-order.ts';
import { type Refused, refusedProblem, unknownProductMistake } from './refused-order.ts';
import { findRepeated, recentOrderCookie } from './repeated-order.ts';

const placed = {
  location: { description: 'The order’s page.' },
  'set-cookie': { description: 'The order’s key, for its page.' },
};

const placeOriginalOrder = endpoint({
  id: 'placeOriginalOrder',
  method: 'POST',
  path: '/',
  tag: 'Original contract',
  summary: 'Order one product by its name',
  description: 'Also takes the HTML form of the shop page, and answers it with a redirect or the form.',
  scope: { places: 'orders' },
  problemForm: 'page_if_wanted',
  request: {
    headers: { 'Idempotency-Key': idempotencyKeyParameter },
    body: jsonOrFormBody(originalOrderSchema, orderFormSchema),
  },
  answers: {
    201: {
      description: 'Placed, and durable.',
      content: {
        'application/json': z
          .object({ message: z.string(), order_id: z.string() })
          .meta({ id: 'OriginalOrderCreated' }),
      },
      headers: {
        ...placed,
        'idempotent-replayed': { description: '`true` when this answer was given before.', isOptional: true },
      },
    },
    303: { description: 'Placed, from the form.', headers: placed },
    409: {
      description:
        'The form again: there is not enough in stock, a price has changed, or the same order was placed before.',
      content: { 'text/html': null },
    },
    422: {
      description: 'The form again: something in it is not valid.',
      content: { 'text/html': null },
    },
    503: {
      description: 'The form again: the order was not taken now.',
      content: { 'text/html': null },
      headers: { 'retry-after': { description: 'Seconds.' } },
    },
  },
  problems: [
    'invalid_idempotency_key',
    'out_of_stock',
    'price_changed',
    'validation_failed',
    'idempotency_key_reused',
    'overloaded',
    'store_unavailable',
  ],
  onInvalidBody: ({ metrics }) => metrics.countOrder('invalid'),
  handle(deps, { headers, body, caller, context }) {
    const keyInHeader = ownKey(caller, headers['Idempotency-Key']);
    if (body.form === null) return placeFromJson(deps, context, body.value, keyInHeader);
    const keyInForm = parseIdempotencyKey(body.form.get('idempotency_key') || null);
    if (keyInForm === 'invalid') return { code: 'invalid_idempotency_key' };
    if (keyInHeader !== null && keyInForm !== null && keyInHeader.key !== keyInForm.key)
      return { code: 'invalid_idempotency_key', detail: keysDiffer };
    return placeFromForm(deps, context, body.form, keyInHeader ?? ownKey(caller, keyInForm));
  },
  async answerBefore(deps, { headers, body: { form, json }, caller, context }) {
    const keyInHeader = headers['Idempotency-Key'] as CallerKey | null;
    const keyInForm = parseIdempotencyKey(form?.get('idempotency_key') || null);
    const callerKey = ownKey(caller, keyInHeader ?? (keyInForm === 'invalid' ? null : keyInForm));
    const order = await findReplayed(deps, callerKey, (made) => readingsOf(form ?? json, made)).catch(
      (fault: unknown) => {
        if (form === undefined) throw fault;
        return keepForm(deps, context, form, callerKey?.key ?? randomUUID(), fault);
      },
    );
    if (order === null) return null;
    return form === undefined
      ? placedReply(deps, context, order, true)
      : formPlacedReply(deps, context, order, callerKey);
  },
});

/** The product is that of the order: by its name another may be found now, or none. */
function readingsOf(sent: unknown, { lines: [line] }: Order): readonly OrderRequest[] {
  const fields = sent instanceof URLSearchParams ? formFields(sent) : sent;
  const { sku, product_name: name } = typedProduct.safeParse(fields).data ?? {};
  if (line === undefined) return [];
  const isSame =
    sku === undefined
      ? name !== undefined && composedName(name) === composedName(line.name)
      : sku === line.sku;
  if (!isSame) return [];
  const current = readWish(fields);
  const earlier = readOriginalByEarlierRules(fields, line.sku);
  return [
    ...(current === null ? [] : [originalOrderRequest(current, line.sku)]),
    ...(earlier === null ? [] : [earlier]),
  ];
}

const typedProduct = z.object({ sku: z.string().optional(), product_name: z.string().optional() });

async function placeFromJson(
  deps: HttpDependencies,
  context: RequestContext,
  order: OriginalOrder,
  callerKey: CallerKey | null,
) {
  const product = await deps.store.findProductByName(order.product_name);
  if (product === null) return invalid(deps, [unknownProductMistake()]);
  const request = originalOrderRequest(order, product.sku);
  const outcome = await placeOrder(deps, context, request, callerKey);
  if (!('order' in outcome)) return originalProblem(outcome, request);
  return placedReply(deps, context, outcome.order, outcome.kind === 'replayed');
}

function placedReply(
  deps: HttpDependencies,
  context: RequestContext,
  { orderId }: Order,
  isReplayed: boolean,
) {
  return {
    status: 201,
    headers: {
      ...placedHeaders(deps, context, orderId, deps.orderKeys.keyOf(orderId)),
      location: `${deps.basePath}/orders/${orderId}`,
      ...(isReplayed ? { 'idempotent-replayed': 'true' } : {}),
    },
    json: { message: 'Order created', order_id: orderId },
  } as const;
}

function invalid({ metrics }: HttpDependencies, mistakes: readonly FieldMistake[]) {
  metrics.countOrder('invalid');
  return validationProblem(mistakes);
}

/** This contract names its one product and quantity at the top of the body, not in lines. */
function originalProblem(outcome: Refused, request: OrderRequest): ReturnType<typeof refusedProblem> {
  const problem = refusedProblem(outcome, request, () => '');
  const errors = problem.errors?.map((error) =>
    'pointer' in error && error.pointer === '/sku' ? { ...error, pointer: '/product_name' } : error,
  );
  return errors === undefined ? problem : { ...problem, errors };
}

const keysDiffer =
  'The Idempotency-Key header and the field idempotency_key have different keys: send one of them, or the same key in both.';

async function placeFromForm(
  deps: HttpDependencies,
  context: RequestContext,
  form: URLSearchParams,
  callerKey: CallerKey | null,
) {
  const idempotencyKey = callerKey?.key ?? randomUUID();
  const { value, mistakes } = parseFormOrder(form);
  if (mistakes !== null) return formMistakes(deps, form, idempotencyKey, mistakes);
  const product =
    value.sku === null
      ? await deps.store.findProductByName(value.product_name)
      : await findBySku(deps, value.sku);
  if (product === null) return formMistakes(deps, form, idempotencyKey, [unknownProductMistake()]);
  const request = withTotalShown(originalOrderRequest(value, product.sku), form);
  if (form.get(repeatField.name) !== repeatField.place) {
    const earlier = findRepeated(deps, context, request, callerKey);
    if (earlier !== null) return repeatedForm(deps, form, idempotencyKey, earlier);
  }
  const outcome = await placeOrder(deps, context, request, callerKey).catch((fault: unknown) =>
    keepForm(deps, context, form, idempotencyKey, fault),
  );
  if (!('order' in outcome)) return refusedForm(deps, form, idempotencyKey, outcome);
  return formPlacedReply(deps, context, outcome.order, callerKey);
}

async function findBySku({ store }: HttpDependencies, sku: string): Promise<Product | null> {
  return skuPattern.test(sku) ? store.findProduct(sku) : null;
}

function formPlacedReply(
  deps: HttpDependencies,
  context: RequestContext,
  order: Order,
  callerKey: CallerKey | null,
) {
  const { orderId } = order;
  const key = deps.orderKeys.keyOf(orderId);
  return {
    status: 303,
    headers: {
      ...placedHeaders(deps, context, orderId, key),
      location: confirmationUrl(deps, orderId, key),
    },
    cookies: [recentOrderCookie(deps, context, order, callerKey)],
  } as const;
}

/** The page without scripts sends the prices that it showed. Without them no total is expected. */
function withTotalShown(request: OrderRequest, form: URLSearchParams): OrderRequest {
  const [line] = request.lines;
  const pricesShown = form.get(pricesShownField);
  if (pricesShown === null || line === undefined) return request;
  const cents = priceShown(pricesShown, line.sku);
  const expectedTotalCents = cents === null ? null : multiplyCents(cents, line.quantity);
  return expectedTotalCents === null ? request : { ...request, expectedTotalCents };
}

const getOriginalProduct = endpoint({
  id: 'getOriginalProduct',
  method: 'GET',
  path: '/get_product',
  tag: 'Original contract',
  summary: 'Read a product by its name',
  scope: 'public',
  request: {
    query: {
      product_name: optionalText({
        description: 'Exact name; without one there is no such product.',
        schema: z.string(),
        mustBe: 'the exact name of a product',
      }),
    },
  },
  answers: {
    200: {
      description: 'The product.',
      content: {
        'application/json': z
          .object({
            product_name: z.string(),
            price: z.number().meta({ description: 'In dollars.' }),
            description: z.string(),
            image: z.string(),
            num_in_stock: z.int(),
          })
          .meta({ id: 'OriginalProduct' }),
      },
    },
    404: {
      description: 'There is no such product.',
      content: { 'application/json': z.object({ message: z.string() }).meta({ id: 'Message' }) },
    },
  },
  problems: ['store_unavailable'],
  async handle({ store, basePath }, { query: { product_name: name } }) {
    const product = name === null || name === '' ? null : await store.findProductByName(name);
    const headers = { 'cache-control': 'no-cache' };
    if (product === null) return { status: 404, headers, json: { message: 'Product not found' } };
    return {
      status: 200,
      headers,
      json: {
        product_name: product.name,
        price: product.priceCents / 100,
        description: product.description,
        image: pictureUrl(basePath, product.imageUrl),
        num_in_stock: product.onHand,
      },
    };
  },
});

export const originalContractEndpoints = [placeOriginalOrder, getOriginalProduct];
