/** Turns the issues of the schemas into mistakes for a caller: the field, the kind, and the remedy. */
import type { z } from 'zod';
import { customerTextLengthMax } from '../../domain/customer-text.ts';
import { centsMax } from '../../domain/money.ts';
import { quantityMax } from '../../domain/order.ts';
import type { FieldError, Problem } from '../problem-details.ts';

export interface FieldMistake extends FieldError {
  /** The field at the top of the body, such as `zip_code`; empty when it is the body itself. */
  readonly field: string;
}

type Path = readonly PropertyKey[];

/** RFC 6901. */
export function pointerTo(path: Path): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** More than this many are of no use to anybody. */
const mistakesMax = 100;

/** The first mistake of each field: what else is wrong with the same value follows from it, or says the same. */
export function mistakesOf(issues: readonly z.core.$ZodIssue[], body: unknown): readonly FieldMistake[] {
  const byPointer = new Map<string, FieldMistake>();
  for (const issue of issues) {
    for (const found of mistakesOfIssue(issue, body)) {
      if (byPointer.size === mistakesMax) return Array.from(byPointer.values());
      // Of two of the same kind, such as two bounds, the later is the narrower.
      const first = byPointer.get(found.pointer);
      if (first === undefined || first.code === found.code) byPointer.set(found.pointer, found);
    }
  }
  return Array.from(byPointer.values());
}

function mistakesOfIssue(issue: z.core.$ZodIssue, body: unknown): readonly FieldMistake[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, mistakesMax)
      .map((key) => mistake(unknownPath(issue.path, key), 'unknown_field', unknownField(key)));
  }
  const code = codeOf(issue, valueAt(body, issue.path));
  const detail = wordsByMessage[issue.message] ?? detailOf(code, issue);
  return [mistake(issue.path, publishedCode(code), detail)];
}

export function validationProblem(mistakes: readonly FieldMistake[]): Problem<'validation_failed'> {
  return {
    code: 'validation_failed',
    errors: mistakes.map(({ pointer, code, detail }) => ({ pointer, code, detail })),
  };
}

export function mistake(path: Path, code: string, detail: string): FieldMistake {
  return { field: String(path[0] ?? ''), pointer: pointerTo(path), code, detail };
}

/** Several kinds of one mistake have words of their own, but one code. */
function publishedCode(code: string): string {
  if (code === 'merged_quantity') return 'out_of_range';
  if (code.startsWith('tracking_url_')) return 'invalid_tracking_url';
  return code.startsWith('email_') ? 'invalid_email' : code;
}

/** Of the kind of issue, unless the schema names a code of {@link details} as its message. */
function codeOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'required';
  if (Object.hasOwn(details, issue.message)) return issue.message;
  switch (issue.code) {
    case 'custom':
      return String(issue.params?.['code'] ?? 'invalid');
    case 'invalid_type':
      return issue.expected === 'int' ? 'not_an_integer' : 'wrong_type';
    case 'too_small':
      return issue.origin === 'string' ? 'required' : 'out_of_range';
    case 'too_big':
      return issue.origin === 'string' ? 'too_long' : 'out_of_range';
    case 'invalid_value':
      return 'not_allowed';
    default:
      return 'invalid';
  }
}

const details: Readonly<Record<string, string>> = {
  required: 'This is needed: please fill it in.',
  too_long: tooLong(customerTextLengthMax),
  control_character: 'This has characters that can’t be printed: please use one line of plain text.',
  unknown_state: 'This is no state we ship to: please give a two-letter code such as TX or AE.',
  invalid_zip_code: 'This is no ZIP code: please give 5 digits, or ZIP+4 such as 78701-1234.',
  invalid_order_number: 'This is no order number: please give its digits, such as 1047.',
  invalid_zip_or_email:
    'This is neither a ZIP code nor an email: please give one of both, such as 78701 or name@example.com.',
  guessable_zip_code:
    'This state has few ZIP codes, which are guessed too easily: please give the email that you ordered with, or use the link that came with your order.',
  email_not_bare:
    'Please give the address alone, such as name@example.com: without “mailto:”, a name or angle brackets.',
  email_several: 'This has a comma or semicolon: please give one address, such as name@example.com.',
  email_no_at: 'This is no email address: please give one such as name@example.com, or leave it out.',
  email_incomplete: 'This is no email address: please give one such as name@example.com.',
  email_dots: 'A dot is in the wrong place: please check the address, or leave it out.',
  email_characters:
    'This has a space or a character that no email address has: please check it, or leave it out.',
  email_domain:
    'There is no domain such as example.com after the @: please check the address, or leave it out.',
  email_too_long: 'This is too long for an email address: please check it, or leave it out.',
  unknown_currency: 'This shop sells in US dollars: please give USD.',
  invalid_sku: 'This is no SKU: please take one from GET /api/v1/products.',
  invalid_key_name:
    'Please give 1 to 60 letters, digits, dots, hyphens and underscores, the first a letter or digit.',
  invalid_time: 'Please give a time such as 2026-12-31T00:00:00Z.',
  invalid_cursor: 'Please give the next_cursor of an answer to this request, or leave it out.',
  not_an_integer: 'Please give a whole number.',
  repeated_sku: 'A line above has this SKU already: please give each SKU once.',
  tracking_url_scheme:
    'This does not begin with https://: please give an address that does, or leave it out.',
  tracking_url_characters:
    'This has a space or a character that no address has: please write it as % and two digits, such as %20, or leave the address out.',
  tracking_url_host:
    'After https:// please give the name of a host, such as ups.example: no number such as 10.0.0.1, no user before an @, and no port above 65535.',
  merged_quantity: `The lines of this product add up to more than ${quantityMax}: please order less.`,
  invalid: 'This is not valid.',
};

/** For schemas whose kind of mistake is usual, and whose words are not: their messages name an entry. */
const wordsByMessage: Readonly<Record<string, string>> = {
  cents: `Please give a whole number of cents from 0 to ${centsMax}.`,
};

function detailOf(code: string, issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && code === 'wrong_type') return wrongType(issue.expected);
  if (issue.code === 'too_small' && code === 'out_of_range')
    return boundWords(issue.origin, 'least', issue.minimum);
  if (issue.code === 'too_big' && code === 'out_of_range')
    return boundWords(issue.origin, 'most', issue.maximum);
  if (issue.code === 'too_big' && code === 'too_long') return tooLong(issue.maximum);
  if (issue.code === 'invalid_value' && code === 'not_allowed')
    return `Please give one of ${issue.values.join(', ')}.`;
  return details[code] ?? 'This is not valid.';
}

function boundWords(origin: string, side: 'least' | 'most', bound: number | bigint): string {
  return origin === 'array'
    ? `Please give at ${side} ${bound} of these.`
    : `Please give a number of at ${side} ${bound}.`;
}

function tooLong(charactersMax: number | bigint): string {
  return `This is too long: please use at most ${charactersMax} characters.`;
}

function wrongType(expected: string): string {
  const article = /^[aio]/.test(expected) ? 'an' : 'a';
  return `This must be ${article} ${expected} in JSON.`;
}

/** Of a name that an answer repeats, in UTF-16 units. */
const nameLengthMax = 100;

/** A longer name is no misspelling of ours: the pointer leads to its object. */
function unknownPath(path: Path, name: string): Path {
  return name.length > nameLengthMax ? path : [...path, name];
}

function unknownField(name: string): string {
  return `There is no field "${name.slice(0, nameLengthMax)}" here: please check its spelling, or leave it out.`;
}

function valueAt(body: unknown, path: Path): unknown {
  let value = body;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
