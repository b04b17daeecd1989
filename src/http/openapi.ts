/** `/openapi.json`: OpenAPI 3.1, from the declarations of the endpoints. */
import { z } from 'zod';
import type { Slices } from '../runtime/slices.ts';
import type { OpenApiDocument } from '../web/reference/openapi-document.ts';
import { problemsOfRule, securityOf, securitySchemes } from './access/access-rule.ts';
import type { DeclaredAnswer, DeclaredHeader, Endpoint, Parameters } from './endpoint.ts';
import { endpointTags, refusesUnknownParameters } from './endpoint.ts';
import { type ProblemCode, problemSchema, problems, problemType } from './problem-details.ts';

const description = `Take orders: every order is priced from the catalogue, takes its stock and is on disk before it is answered.

Send an Idempotency-Key with every order: a repeated request with the same key gets the first answer, byte for byte, and never makes a second order. Keys are kept for at least 24 hours.

Name, address and email of an order are shown only with its key; others see the state. The key is in the confirmation_url of the answer that placed it: as ?key= or as an Order-Key header.`;

/** Endpoint by endpoint: a process that serves requests can do something else in between. */
export function* makeOpenApiDocument(
  endpoints: readonly Endpoint[],
  version: string,
  publicUrl: string | null,
): Slices<OpenApiDocument> {
  const schemas = new NamedSchemas();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint, schemas) };
    yield;
  }
  const responses = responsesOf({}, problemsAnywhere, false, schemas);
  return {
    openapi: '3.1.0',
    info: { title: 'Nozama', version, description },
    servers: [{ url: publicUrl ?? '/' }],
    tags: Object.entries(endpointTags).map(([name, words]) => ({ name, description: words })),
    paths,
    components: { schemas: schemas.all(), responses, securitySchemes },
  } as OpenApiDocument;
}

/** Problems that no single operation can promise or exclude. */
export const problemsAnywhere: readonly ProblemCode[] = [
  'route_not_found',
  'method_not_allowed',
  'head_too_large',
  'internal_error',
  'busy',
  'rate_limited',
];

/** Every problem an endpoint may answer with: of its access rule, its handler, its parameters and its body. */
export function problemsOf(endpoint: Endpoint): readonly ProblemCode[] {
  const { scope, request, problems: own } = endpoint;
  const parameters = [request.path, request.query, request.headers].flatMap((group) =>
    Object.values(group ?? {}),
  );
  return Array.from(
    new Set([
      ...problemsOfRule(scope),
      ...parameters.flatMap(({ problem, problemWhenAbsent }) => [problem, problemWhenAbsent]),
      ...(refusesUnknownParameters(endpoint) ? (['invalid_parameter'] as const) : []),
      ...(request.body?.problems ?? []),
      ...own,
    ]),
  );
}

function operationOf(endpoint: Endpoint, schemas: NamedSchemas): Record<string, unknown> {
  const { id, summary, tag, scope, request, answers, problemForm = 'json' } = endpoint;
  const security = securityOf(scope);
  const parameters = [
    ...parametersOf('path', request.path, schemas),
    ...parametersOf('query', request.query, schemas),
    ...parametersOf('header', request.headers, schemas),
  ];
  return {
    operationId: id,
    summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    tags: [tag],
    ...(security === null ? {} : { security }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(request.body === undefined
      ? {}
      : {
          requestBody: {
            required: request.body.isOptional !== true,
            content: contentOf(request.body.content, 'input', schemas),
          },
        }),
    responses: responsesOf(answers, problemsOf(endpoint), problemForm !== 'json', schemas),
  };
}

function parametersOf(
  where: 'path' | 'query' | 'header',
  declared: Parameters = {},
  schemas: NamedSchemas,
): readonly Record<string, unknown>[] {
  return Object.entries(declared).map(([name, parameter]) => ({
    name,
    in: where,
    required: parameter.isRequired,
    description: parameter.description,
    schema: schemas.schemaOf(parameter.schema, 'input'),
  }));
}

interface Response {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, unknown>;
}

/** @param arePages whether problems are shown as a page, too */
function responsesOf(
  answers: Readonly<Record<number, DeclaredAnswer>>,
  codes: readonly ProblemCode[],
  arePages: boolean,
  schemas: NamedSchemas,
): Record<string, Response> {
  const responses: Record<string, Response> = {};
  for (const [status, { description: words, headers = {}, content }] of Object.entries(answers)) {
    responses[status] = {
      description: words,
      ...(Object.keys(headers).length === 0 ? {} : { headers: headersOf(headers) }),
      ...(content === undefined ? {} : { content: contentOf(content, 'output', schemas) }),
    };
  }
  for (const code of codes) {
    const { status, detail } = problems[code];
    const known = responses[status];
    const words = `\`${code}\`: ${detail}`;
    responses[status] = {
      ...known,
      ...(status === 401 ? { headers: { 'WWW-Authenticate': challengeHeader } } : {}),
      description: known === undefined ? words : `${known.description} ${words}`,
      content: {
        ...known?.content,
        [problemType]: { schema: schemas.schemaOf(problemSchema, 'output') },
        ...(arePages ? { 'text/html': {} } : {}),
      },
    };
  }
  return responses;
}

/** RFC 6750 §3. */
const challengeHeader = {
  description: 'A Bearer challenge that says what is wrong with the key.',
  required: true,
  schema: { type: 'string' },
};

function headersOf(declared: Readonly<Record<string, DeclaredHeader>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, { description: words, isOptional }]) => [
      headerName(name),
      { description: words, required: isOptional !== true, schema: { type: 'string' } },
    ]),
  );
}

/** `retry-after` → `Retry-After`. */
function headerName(name: string): string {
  return name === 'etag' ? 'ETag' : name.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase());
}

function contentOf(
  content: Readonly<Record<string, z.ZodType | null>>,
  direction: 'input' | 'output',
  schemas: NamedSchemas,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, schema]) => [
      mediaType,
      schema === null ? {} : { schema: schemas.schemaOf(schema, direction) },
    ]),
  );
}

type JsonSchema = Record<string, unknown>;

/** The components: every schema that has an id is written out once and referred to. */
class NamedSchemas {
  readonly #named = new Map<string, JsonSchema>();
  /** Every endpoint answers the same problems: writing their schema out each time took most of a start. */
  readonly #written = { input: new Map<z.ZodType, JsonSchema>(), output: new Map<z.ZodType, JsonSchema>() };

  schemaOf(schema: z.ZodType, direction: 'input' | 'output'): JsonSchema {
    const written = this.#written[direction].get(schema) ?? this.#write(schema, direction);
    this.#written[direction].set(schema, written);
    return written;
  }

  #write(schema: z.ZodType, direction: 'input' | 'output'): JsonSchema {
    const { $schema, $defs, ...inline } = z.toJSONSchema(schema, {
      io: direction,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) => {
        const sentAs = z.globalRegistry.get(zodSchema)?.['sentAs'] as JsonSchema | undefined;
        if (sentAs !== undefined && direction === 'input') replaceBy(jsonSchema, sentAs);
        delete jsonSchema['sentAs'];
        delete jsonSchema['id'];
        // An answer may get new fields; clients should not mind.
        if (direction === 'output') delete jsonSchema['additionalProperties'];
      },
    }) as JsonSchema;
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, JsonSchema>)) {
      this.#named.set(name, withComponentReferences(definition));
    }
    return withComponentReferences(inline);
  }

  all(): Record<string, JsonSchema> {
    return Object.fromEntries(Array.from(this.#named).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** Keeps the words for people. */
function replaceBy(schema: JsonSchema, sentAs: JsonSchema): void {
  for (const key of Object.keys(schema)) {
    if (key !== 'description' && key !== 'examples') delete schema[key];
  }
  Object.assign(schema, sentAs);
}

function withComponentReferences(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
