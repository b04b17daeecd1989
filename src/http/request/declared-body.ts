/** The bodies of requests: which media types are taken, and how each is parsed before the handler runs. */
import { z } from 'zod';
import { isProblem, type Problem, type ProblemCode } from '../problem-details.ts';
import { mistakesOf, validationProblem } from './field-mistakes.ts';
import { bodyKindOf, readBytes, readForm, readJson, type UnparsedBody } from './request-body.ts';
import type { RequestContext } from './request-context.ts';

export interface DeclaredBody<Value> {
  /** For the OpenAPI document, by media type. */
  readonly content: Readonly<Record<string, z.ZodType>>;
  /** Whether a request without a body is taken, too. */
  readonly isOptional?: true;
  /** With which reading or parsing may end. */
  readonly problems: readonly ProblemCode[];
  /** Reads all of it, so that the connection can carry another request whatever is wrong with this one. */
  readonly read: (context: RequestContext, bodyBytesMax: number) => Problem | Promise<Problem | UnparsedBody>;
  /** Called once the parameters are found valid. */
  readonly parse: (body: UnparsedBody) => Problem | { readonly value: Value };
}

const readingProblems = [
  'malformed_request',
  'request_timeout',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies readonly ProblemCode[];

/** One JSON value that fits the schema. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema): DeclaredBody<z.output<Schema>> {
  return {
    content: { 'application/json': schema },
    problems: [...readingProblems, 'malformed_json', 'validation_failed'],
    read: (context, bodyBytesMax) =>
      bodyKindOf(context.request.headers) === 'json'
        ? readJson(context, bodyBytesMax)
        : { code: 'unsupported_media_type' },
    parse: ({ json }) => parseJson(schema, json),
  };
}

/** Bytes of one of these media types, as they are, up to a bound of their own. */
export function bytesBody(mediaTypes: readonly string[], bytesMax: number): DeclaredBody<Uint8Array> {
  return {
    content: Object.fromEntries(
      mediaTypes.map((type) => [type, z.string().meta({ sentAs: { type: 'string', format: 'binary' } })]),
    ),
    problems: readingProblems,
    read(context) {
      const type = context.request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
      return mediaTypes.includes(type)
        ? readBytes(context, bytesMax)
        : { code: 'unsupported_media_type', detail: `Send the body as ${mediaTypes.join(', ')}.` };
    },
    parse: ({ bytes }) => ({ value: bytes ?? new Uint8Array() }),
  };
}

/** The same, and no body at all is as good as an empty object. */
export function optionalJsonBody<Schema extends z.ZodType>(schema: Schema): DeclaredBody<z.output<Schema>> {
  const body = jsonBody(schema);
  return {
    ...body,
    isOptional: true,
    read: (context, bodyBytesMax) =>
      hasNoBody(context.request.headers) ? Promise.resolve({ json: {} }) : body.read(context, bodyBytesMax),
  };
}

/** RFC 9112 §6.3: a request without both fields has no body. */
function hasNoBody(headers: Headers): boolean {
  const length = headers.get('content-length');
  return !headers.has('transfer-encoding') && (length === null || length === '0');
}

export type JsonOrForm<Value> =
  | { readonly form: null; readonly value: Value }
  | { readonly form: URLSearchParams };

/**
 * The same as JSON or as an HTML form. A form is handed to the handler unparsed, because only the handler
 * can show it again together with its mistakes.
 */
export function jsonOrFormBody<Schema extends z.ZodType>(
  schema: Schema,
  formSchema: z.ZodObject,
): DeclaredBody<JsonOrForm<z.output<Schema>>> {
  const fields = Object.keys(formSchema.shape);
  return {
    content: { 'application/json': schema, 'application/x-www-form-urlencoded': formSchema },
    problems: [...readingProblems, 'malformed_json', 'malformed_form', 'validation_failed'],
    read(context, bodyBytesMax) {
      switch (bodyKindOf(context.request.headers)) {
        case 'json':
          return readJson(context, bodyBytesMax);
        case 'form':
          return readForm(context, bodyBytesMax, fields);
        case 'other':
          return {
            code: 'unsupported_media_type',
            detail: 'Send the body as application/json or application/x-www-form-urlencoded.',
          };
      }
    },
    parse({ form, json }) {
      if (form !== undefined) return { value: { form } };
      const parsed = parseJson(schema, json);
      return isProblem(parsed) ? parsed : { value: { form: null, value: parsed.value } };
    },
  };
}

/** An HTML form alone, handed over unparsed for the same reason. */
export function formBody(formSchema: z.ZodObject): DeclaredBody<URLSearchParams> {
  const fields = Object.keys(formSchema.shape);
  return {
    content: { 'application/x-www-form-urlencoded': formSchema },
    problems: [...readingProblems, 'malformed_form'],
    read: (context, bodyBytesMax) =>
      bodyKindOf(context.request.headers) === 'form'
        ? readForm(context, bodyBytesMax, fields)
        : {
            code: 'unsupported_media_type',
            detail: 'Send the body as application/x-www-form-urlencoded.',
          },
    parse: ({ form }) => ({ value: form ?? new URLSearchParams() }),
  };
}

function parseJson<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
): Problem | { readonly value: z.output<Schema> } {
  const result = schema.safeParse(json);
  return result.success ? { value: result.data } : validationProblem(mistakesOf(result.error.issues, json));
}
