/** The bodies of requests: which media types are taken, and what each is parsed to before the handler runs. */
import type { z } from 'zod';
import { mistakesOf, validationProblem } from './field-mistakes.ts';
import { isProblem, type Problem, type ProblemCode } from './problem-details.ts';
import { bodyKindOf, readForm, readJson } from './request-body.ts';
import type { RequestContext } from './request-context.ts';

export interface DeclaredBody<Value> {
  /** For the OpenAPI document, by media type. */
  readonly content: Readonly<Record<string, z.ZodType>>;
  /** With which reading or parsing may end. */
  readonly problems: readonly ProblemCode[];
  /** Reads all of it, so that the connection can carry another request whatever is wrong with this one. */
  readonly read: (context: RequestContext, bodyBytesMax: number) => Promise<Problem | Unparsed<Value>>;
}

/** A body that has arrived; it is looked into once the parameters are found valid. */
export interface Unparsed<Value> {
  readonly parse: () => Problem | { readonly value: Value };
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
    async read(context, bodyBytesMax) {
      if (bodyKindOf(context.request.headers) !== 'json') return { code: 'unsupported_media_type' };
      const body = await readJson(context, bodyBytesMax);
      return isProblem(body) ? body : { parse: () => parseJson(schema, body.json) };
    },
  };
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
    async read(context, bodyBytesMax) {
      switch (bodyKindOf(context.request.headers)) {
        case 'json': {
          const body = await readJson(context, bodyBytesMax);
          if (isProblem(body)) return body;
          return {
            parse() {
              const parsed = parseJson(schema, body.json);
              return isProblem(parsed) ? parsed : { value: { form: null, value: parsed.value } };
            },
          };
        }
        case 'form': {
          const body = await readForm(context, bodyBytesMax, fields);
          return isProblem(body) ? body : { parse: () => ({ value: body }) };
        }
        case 'other':
          return {
            code: 'unsupported_media_type',
            detail: 'Send the body as application/json or application/x-www-form-urlencoded.',
          };
      }
    },
  };
}

function parseJson<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
): Problem | { readonly value: z.output<Schema> } {
  const result = schema.safeParse(json);
  return result.success ? { value: result.data } : validationProblem(mistakesOf(result.error.issues, json));
}
