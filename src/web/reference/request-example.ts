/** Examples for the reference: taken from the document where it has one, else made from the schema. */
import {
  type MediaType,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type RequestBody,
  resolveReference,
  type Schema,
} from './openapi-document.ts';

const depthMax = 6;

/** A body of this media type, or undefined when nothing is known of it. */
export function exampleBody(document: OpenApiDocument, media: MediaType): unknown {
  if (media.example !== undefined) return media.example;
  for (const referable of Object.values(media.examples ?? {})) {
    const example = resolveReference(document, referable);
    if (example?.value !== undefined) return example.value;
  }
  return media.schema === undefined ? undefined : exampleValue(document, media.schema, 0);
}

function exampleValue(document: OpenApiDocument, schema: Schema, depth: number): unknown {
  const resolved = resolveReference(document, schema);
  if (resolved === null || depth > depthMax) return null;
  const given = resolved.examples?.[0] ?? resolved.example ?? resolved.const ?? resolved.default;
  if (given !== undefined) return given;
  if (resolved.enum !== undefined) return resolved.enum[0];
  const variant = (resolved.anyOf ?? resolved.oneOf)?.[0];
  if (variant !== undefined) return exampleValue(document, variant, depth + 1);
  if (resolved.allOf !== undefined) {
    return Object.assign({}, ...resolved.allOf.map((part) => exampleValue(document, part, depth + 1)));
  }
  if (resolved.properties !== undefined) {
    const fields = Object.entries(resolved.properties);
    return Object.fromEntries(
      fields.map(([name, field]) => [name, namedExample(document, name, field, depth + 1)]),
    );
  }
  return plainValue(document, resolved, depth);
}

const exampleOrderId = '0199a7b2-6c1e-7d40-9c51-3f2b8a6d4e10';

/**
 * What fields and parameters of these names usually hold, for a document that gives no examples. Together
 * they make one order: one tent to Austin.
 */
const examplesByName: Readonly<Record<string, string | number>> = {
  'Idempotency-Key': '5b8e7d7c-3f0a-4a4e-9d0e-6c1f2b7a9e34',
  order_id: exampleOrderId,
  number: 1047,
  sku: 'tent-4p',
  name: 'Sundown Four-Person Tent',
  product_name: 'Sundown Four-Person Tent',
  description: 'A roomy canvas tent for four with a candy-striped roof.',
  category: 'Outdoors',
  image: '/images/tent-4p.svg',
  image_url: '/images/tent-4p.svg',
  amount: 19_999,
  price: 199.99,
  num_in_stock: 5_000,
  customer_name: 'Ada Lovelace',
  street_address: '12 Analytical Way',
  city: 'Austin',
  state: 'TX',
  zip_code: '78701',
  email: 'ada@example.com',
  confirmation_url: `/orders/${exampleOrderId}?key=Zk3…`,
  message: 'Order created',
  orders: 12,
  units: 17,
};

/** The document's own example, else what such a name usually holds, else anything of the type. */
function namedExample(document: OpenApiDocument, name: string, schema: Schema, depth: number): unknown {
  const resolved = resolveReference(document, schema);
  const hasOwn = resolved?.examples !== undefined || resolved?.example !== undefined;
  const usual = Object.hasOwn(examplesByName, name) ? examplesByName[name] : undefined;
  const isPlain = resolved?.properties === undefined && resolved?.items === undefined;
  return !hasOwn && isPlain && usual !== undefined ? usual : exampleValue(document, schema, depth);
}

function plainValue(document: OpenApiDocument, schema: Schema, depth: number): unknown {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'integer':
    case 'number':
      return schema.minimum !== undefined && schema.minimum > 0 ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'array':
      return typeof schema.items === 'object' ? [exampleValue(document, schema.items, depth + 1)] : [];
    case 'string':
      return stringOf(schema.format);
    case 'object':
      return {};
    default:
      return null;
  }
}

function stringOf(format: string | undefined): string {
  if (format === 'date-time') return '2026-10-03T14:05:00Z';
  if (format === 'uuid') return exampleOrderId;
  if (format === 'email') return 'ada@example.com';
  if (format === 'uri' || format === 'uri-reference') return `/orders/${exampleOrderId}`;
  return 'text';
}

/** A command that can be pasted into a shell. */
export function curlExample(
  document: OpenApiDocument,
  method: string,
  path: string,
  parameters: readonly Parameter[],
  operation: Operation,
): string {
  const origin = document.servers?.[0]?.url.replace(/\/$/, '') || 'http://localhost:5000';
  let target = path;
  const query: string[] = [];
  const headers: string[] = [];
  for (const parameter of parameters) {
    const value = String(
      parameter.example ?? namedExample(document, parameter.name, parameter.schema ?? {}, 0) ?? 'text',
    );
    if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, encodeURIComponent(value));
    else if (parameter.in === 'query' && (parameter.required ?? false)) {
      query.push(`${parameter.name}=${encodeURIComponent(value)}`);
    } else if (parameter.name.toLowerCase() === 'idempotency-key')
      headers.push(`${parameter.name}: ${value}`);
    else if (parameter.in === 'header' && (parameter.required ?? false)) {
      headers.push(`${parameter.name}: ${value}`);
    }
  }
  const address = `${origin}${target}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  const words = [`curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}${shellQuote(address)}`];
  for (const header of headers) words.push(`-H ${shellQuote(header)}`);
  const body = jsonRequest(document, resolveReference<RequestBody>(document, operation.requestBody));
  if (body !== null) words.push(`-H 'Content-Type: application/json'`, `-d ${shellQuote(body)}`);
  return words.join(' \\\n  ');
}

function jsonRequest(document: OpenApiDocument, body: RequestBody | null): string | null {
  const media = body?.content?.['application/json'];
  if (media === undefined) return null;
  const example = exampleBody(document, media);
  return example === undefined ? null : JSON.stringify(example, null, 2);
}

/** Single quotes keep everything but themselves. */
function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
