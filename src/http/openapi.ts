/** `/openapi.json`: OpenAPI 3.1, from the schemas that validate requests. */
import { z } from 'zod';
import { quantityMax } from '../domain/order.ts';
import { topProductsMax, topProductsShown } from '../domain/top-products.ts';
import type { OpenApiDocument } from '../web/reference/openapi-document.ts';
import { answerSchemas } from './answer-schemas.ts';
import { orderRequestSchema, originalOrderSchema } from './order-schema.ts';
import { type ProblemCode, problems, problemType } from './problem-details.ts';
import { pageLimitDefault, pageLimitMax } from './products-routes.ts';

const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const description = `Take orders: every order is priced from the catalogue, takes its stock and is on disk before it is answered.

Send an Idempotency-Key with every order: a repeated request with the same key gets the first answer, byte for byte, and never makes a second order. Keys are kept for at least 24 hours.

Name, street and email of an order are shown only with its key, which is in the confirmation_url of the answer that placed it: as ?key= or as an Order-Key header.`;

export function openApiDocument(version: string, publicUrl: string | null): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: { title: 'Nozama', version, description },
    servers: [{ url: publicUrl ?? '/' }],
    tags: [
      { name: 'Orders', description: 'Place an order and read it again.' },
      { name: 'Products', description: 'What is sold, and what is popular where.' },
      { name: 'Original contract', description: 'What clients used before this API. It stays.' },
      { name: 'Health', description: 'For machines that watch the service.' },
    ],
    paths: { ...orderPaths(), ...productPaths(), ...originalPaths(), ...healthPaths() },
    components: { schemas: schemas(), responses: problemsAnywhere },
  } as OpenApiDocument;
}

function schemas(): Record<string, unknown> {
  const requests = {
    OrderRequest: z.toJSONSchema(orderRequestSchema, { io: 'input' }),
    OriginalOrderRequest: allowNumericText(z.toJSONSchema(originalOrderSchema, { io: 'input' })),
  };
  const all: Record<string, Record<string, unknown>> = { ...requests };
  for (const [name, schema] of Object.entries(answerSchemas)) all[name] = z.toJSONSchema(schema);
  for (const schema of Object.values(all)) delete schema['$schema'];
  return all;
}

/** Zod describes what a field becomes; here it is also what it may be sent as. */
function allowNumericText(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = schema['properties'] as Record<string, Record<string, unknown>>;
  return {
    ...schema,
    properties: {
      ...properties,
      quantity: {
        description: 'Units, as a number or in quotes.',
        anyOf: [
          { type: 'integer', minimum: 1, maximum: quantityMax },
          { type: 'string', pattern: '^\\s*\\d{1,9}\\s*$' },
        ],
      },
      zip_code: {
        description: 'As text, or as a number, whose leading zeros are put back.',
        anyOf: [
          { type: 'string', pattern: '^\\d{5}(-\\d{4})?$' },
          { type: 'integer', minimum: 0, maximum: 99_999 },
        ],
      },
    },
  };
}

const jsonAnswer = (description: string, schema: string, headers: Record<string, unknown> = {}) => ({
  description,
  headers,
  content: { 'application/json': { schema: reference(schema) } },
});

/** One entry for each status, with the codes it can carry. */
function problemAnswers(...codes: readonly ProblemCode[]): Record<string, unknown> {
  const answers: Record<string, { description: string; content: unknown }> = {};
  for (const code of codes) {
    const { status, detail } = problems[code];
    const known = answers[status];
    const words = `\`${code}\`: ${detail}`;
    answers[status] = {
      description: known === undefined ? words : `${known.description} ${words}`,
      content: { [problemType]: { schema: reference('Problem') } },
    };
  }
  return answers;
}

/** What no single operation can promise or exclude, by status. */
const problemsAnywhere = problemAnswers(
  'malformed_form',
  'route_not_found',
  'method_not_allowed',
  'head_too_large',
  'internal_error',
);

const placingProblems = problemAnswers(
  'malformed_json',
  'invalid_idempotency_key',
  'malformed_request',
  'request_timeout',
  'out_of_stock',
  'body_too_large',
  'unsupported_media_type',
  'validation_failed',
  'idempotency_key_reused',
  'overloaded',
  'store_unavailable',
);

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: '1 to 255 visible ASCII characters, quoted or bare; a UUID is best.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const orderKey = [
  {
    name: 'key',
    in: 'query',
    required: false,
    description: 'The order’s key.',
    schema: { type: 'string' },
  },
  {
    name: 'Order-Key',
    in: 'header',
    required: false,
    description: 'The same, as a header.',
    schema: { type: 'string' },
  },
];

const inPath = (name: string, words: string) => ({
  name,
  in: 'path',
  required: true,
  description: words,
  schema: { type: 'string' },
});

const limitParameter = (fallback: number, maximum: number) => ({
  name: 'limit',
  in: 'query',
  required: false,
  description: 'How many at most.',
  schema: { type: 'integer', minimum: 1, maximum, default: fallback },
});

const textHeader = (words: string) => ({ description: words, schema: { type: 'string' } });

function orderPaths(): Record<string, unknown> {
  const body = { required: true, content: { 'application/json': { schema: reference('OrderRequest') } } };
  const readAnswers = {
    '200': jsonAnswer('The order.', 'Order', { ETag: textHeader('Strong.') }),
    '304': { description: 'Unchanged since the ETag in If-None-Match.' },
    ...problemAnswers('order_not_found', 'store_unavailable'),
  };
  return {
    '/api/v1/orders': {
      post: {
        operationId: 'placeOrder',
        summary: 'Place an order',
        description: 'All or nothing: when any line is short, nothing is ordered.',
        tags: ['Orders'],
        parameters: [idempotencyKey],
        requestBody: body,
        responses: {
          '201': jsonAnswer('Placed, and durable.', 'Order', {
            Location: textHeader('Where the order can be read.'),
            'Idempotent-Replayed': textHeader('`true` when this answer was given before.'),
          }),
          ...placingProblems,
        },
      },
    },
    '/api/v1/orders/{order_id}': {
      get: {
        operationId: 'getOrder',
        summary: 'Read an order',
        tags: ['Orders'],
        parameters: [inPath('order_id', 'Id of the order.'), ...orderKey],
        responses: readAnswers,
      },
    },
    '/orders/{order_id}': {
      get: {
        operationId: 'showOrder',
        summary: 'The confirmation page, or the order',
        description: 'A page for a browser; the same JSON as the API for `Accept: application/json`.',
        tags: ['Orders'],
        parameters: [inPath('order_id', 'Id of the order.'), ...orderKey],
        responses: readAnswers,
      },
    },
  };
}

function productPaths(): Record<string, unknown> {
  return {
    '/api/v1/products': {
      get: {
        operationId: 'listProducts',
        summary: 'List products',
        tags: ['Products'],
        parameters: [
          limitParameter(pageLimitDefault, pageLimitMax),
          {
            name: 'cursor',
            in: 'query',
            description: 'next_cursor of the page before.',
            schema: { type: 'string' },
          },
        ],
        responses: {
          '200': jsonAnswer('Ordered by SKU.', 'ProductList', { Link: textHeader('rel="next" (RFC 8288).') }),
          ...problemAnswers('invalid_parameter', 'store_unavailable'),
        },
      },
    },
    '/api/v1/products/{sku}': {
      get: {
        operationId: 'getProduct',
        summary: 'Read a product',
        tags: ['Products'],
        parameters: [inPath('sku', 'SKU of the product.')],
        responses: {
          '200': jsonAnswer('The product.', 'Product'),
          ...problemAnswers('product_not_found', 'store_unavailable'),
        },
      },
    },
    '/api/v1/states/{state}/top-products': {
      get: {
        operationId: 'listTopProducts',
        summary: 'What is popular in a state',
        description: 'By number of orders; ties by units, then by name.',
        tags: ['Products'],
        parameters: [inPath('state', 'Two-letter code.'), limitParameter(topProductsShown, topProductsMax)],
        responses: {
          '200': jsonAnswer('Most popular first.', 'TopProducts'),
          ...problemAnswers('invalid_parameter', 'state_not_found', 'store_unavailable'),
        },
      },
    },
  };
}

function originalPaths(): Record<string, unknown> {
  return {
    '/': {
      post: {
        operationId: 'placeOriginalOrder',
        summary: 'Order one product by its name',
        description: 'Also takes the HTML form of the shop page, and answers it with a redirect (303).',
        tags: ['Original contract'],
        parameters: [idempotencyKey],
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: reference('OriginalOrderRequest') },
            'application/x-www-form-urlencoded': { schema: reference('OriginalOrderRequest') },
          },
        },
        responses: {
          '201': jsonAnswer('Placed, and durable.', 'OriginalOrderCreated'),
          '303': { description: 'Placed, from the form; Location is its page.' },
          ...placingProblems,
        },
      },
    },
    '/get_product': {
      get: {
        operationId: 'getOriginalProduct',
        summary: 'Read a product by its name',
        tags: ['Original contract'],
        parameters: [
          {
            name: 'product_name',
            in: 'query',
            required: true,
            description: 'Exact name.',
            schema: { type: 'string' },
          },
        ],
        responses: {
          '200': jsonAnswer('The product.', 'OriginalProduct'),
          '404': jsonAnswer('There is no such product.', 'Message'),
        },
      },
    },
  };
}

function healthPaths(): Record<string, unknown> {
  const health = (operationId: string, summary: string, responses: Record<string, unknown>) => ({
    get: { operationId, summary, tags: ['Health'], responses },
  });
  return {
    '/livez': health('getLiveness', 'Is the process there?', { '200': { description: 'It is.' } }),
    '/readyz': health('getReadiness', 'Can it take an order now?', {
      '200': { description: 'It can.' },
      '503': { description: 'Not now; the body says why.' },
    }),
    '/health_check': health('getHealth', 'The original health check', {
      '200': jsonAnswer('Healthy.', 'Message'),
    }),
    '/metrics': health('getMetrics', 'For Prometheus', {
      '200': { description: 'Text exposition format.', content: { 'text/plain': {} } },
    }),
  };
}
