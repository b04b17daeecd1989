import { duplicateNamePointer } from '../../program/duplicate-names.ts';
import type { BodyRefused } from '../../runtime/listener.ts';
import type { Problem } from '../problem-details.ts';
import { pointerTo } from './field-mistakes.ts';
import { hasTooManyValues, jsonValuesMax } from './json-value-count.ts';
import { encodedFieldsMax, hasTooManyFields, misencodedFields } from './percent-encoding.ts';
import type { RequestContext } from './request-context.ts';

export type BodyKind = 'json' | 'form' | 'other';

/** A body that has arrived and is well-formed: one of the three. */
export type UnparsedBody =
  | { readonly json: unknown; readonly form?: never; readonly bytes?: never }
  | { readonly form: URLSearchParams; readonly json?: never; readonly bytes?: never }
  | { readonly bytes: Uint8Array; readonly json?: never; readonly form?: never };

/** By the media type alone; parameters such as charset don't matter, as only UTF-8 is read. */
export function bodyKindOf(headers: Headers): BodyKind {
  const field = headers.get('content-type');
  if (field === 'application/json') return 'json';
  const type = field?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return 'json';
  return type === 'application/x-www-form-urlencoded' ? 'form' : 'other';
}

export async function readJson(
  context: RequestContext,
  bodyBytesMax: number,
): Promise<Problem | UnparsedBody> {
  const body = await context.exchange.readBody(context.request);
  if (typeof body === 'string') {
    if (hasTooManyValues(body)) return encodedBody(context) ?? tooManyValues;
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      return encodedBody(context) ?? { code: 'malformed_json' };
    }
    const duplicate = duplicateNamePointer(body, json);
    return duplicate === null ? { json } : duplicateName(duplicate);
  }
  const isNoText = body.reason === 'not_utf8';
  return (isNoText ? encodedBody(context) : null) ?? refusal(body, 'malformed_json', bodyBytesMax);
}

/** A body that is no text for us, such as a picture. */
export async function readBytes(context: RequestContext, bytesMax: number): Promise<Problem | UnparsedBody> {
  const encoded = encodedBody(context);
  if (encoded !== null) return encoded;
  const body = await context.exchange.readBytes(context.request, bytesMax);
  return body instanceof Uint8Array ? { bytes: body } : refusal(body, 'malformed_json', bytesMax);
}

const tooManyValues: Problem = bodyProblem(
  'malformed_json',
  '',
  'too_many_values',
  `The body has more than ${jsonValuesMax} values. Send fewer.`,
);

function bodyProblem(
  code: 'malformed_json' | 'malformed_form',
  pointer: string,
  errorCode: string,
  detail: string,
): Problem {
  return { code, detail, errors: [{ pointer, code: errorCode, detail }] };
}

function duplicateName(pointer: string): Problem {
  const detail = 'This name stands twice in its object. Send it once.';
  return {
    code: 'malformed_json',
    detail: 'A name stands twice in the body.',
    errors: [{ pointer, code: 'duplicate_name', detail }],
  };
}

/** Looked for only in a body that can't be read: then it says why (RFC 9110 §8.4 asks for 415). */
function encodedBody({ request }: RequestContext): Problem | null {
  const coding = request.headers.get('content-encoding');
  if (coding === null || coding.toLowerCase() === 'identity') return null;
  return { code: 'unsupported_media_type', detail: 'Send the body as it is, without a Content-Encoding.' };
}

/** @param fields that are read, each of which may stand in the form once */
export async function readForm(
  context: RequestContext,
  bodyBytesMax: number,
  fields: readonly string[],
): Promise<Problem | UnparsedBody> {
  const body = await context.exchange.readBody(context.request);
  if (typeof body !== 'string') return refusal(body, 'malformed_form', bodyBytesMax);
  if (hasTooManyFields(body)) return tooManyFields;
  const [misencoded] = misencodedFields(body);
  if (misencoded !== undefined) return misencodedForm(misencoded);
  const form = new URLSearchParams(body);
  const repeated = fields.find((field) => form.getAll(field).length > 1);
  return repeated === undefined ? { form } : repeatedField(repeated);
}

const tooManyFields: Problem = bodyProblem(
  'malformed_form',
  '',
  'too_many_fields',
  `The form has more than ${encodedFieldsMax} fields. Send fewer.`,
);

function misencodedForm(field: string): Problem {
  return bodyProblem(
    'malformed_form',
    pointerTo([field.slice(0, fieldNameLengthMax)]),
    'not_utf8',
    `The field ${field.slice(0, fieldNameLengthMax)} is not in UTF-8. Send its bytes in UTF-8, percent-encoded.`,
  );
}

/** As in JSON: it is unknown which of two values is meant. */
function repeatedField(field: string): Problem {
  const detail = `The field ${field} stands twice in the form. Send it once.`;
  return bodyProblem('malformed_form', pointerTo([field]), 'duplicate_name', detail);
}

/** Of a field's name in a problem, in UTF-16 units. */
const fieldNameLengthMax = 100;

function refusal(
  { reason, mustClose }: BodyRefused,
  notUtf8: 'malformed_json' | 'malformed_form',
  bodyBytesMax: number,
): Problem {
  const headers: Readonly<Record<string, string>> = mustClose ? { connection: 'close' } : {};
  switch (reason) {
    case 'too_large':
      return {
        code: 'body_too_large',
        detail: `The body is larger than the ${bodyBytesMax} bytes this service takes.`,
        headers,
      };
    case 'not_utf8':
      return { code: notUtf8, headers };
    case 'too_slow':
      return { code: 'request_timeout', headers };
    case 'ambiguous_framing':
    case 'cut_short':
      return { code: 'malformed_request', headers };
  }
}
