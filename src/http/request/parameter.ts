/** The parameters of requests: their form on the wire, their parsed value, and the problem that refuses them. */
import { z } from 'zod';
import type { ProblemCode } from '../problem-details.ts';

export interface Parameter<Value> {
  readonly description: string;
  /** The schema on the wire, for the OpenAPI document. */
  readonly schema: z.ZodType;
  readonly isRequired: boolean;
  /** Completes "must be …" in the problem that refuses it. */
  readonly mustBe: string;
  readonly problem: ProblemCode;
  /** Of a parameter that is required and not sent. */
  readonly problemWhenAbsent: ProblemCode;
  /** @returns undefined when the text is not valid */
  readonly parse: (text: string) => Value | undefined;
  /** Of a parameter that is not sent and not required. */
  readonly absent: Value;
}

interface TextDeclaration<Schema extends z.ZodType<unknown, string>> {
  readonly description: string;
  readonly schema: Schema;
  readonly mustBe: string;
  /** `invalid_parameter` unless declared. */
  readonly problem?: ProblemCode;
  /** {@link problem} unless declared. */
  readonly problemWhenAbsent?: ProblemCode;
  /** What the schema does, faster; for the parameters of busy endpoints. */
  readonly parse?: (text: string) => z.output<Schema> | undefined;
}

/** Null when it is not sent. */
export function optionalText<Schema extends z.ZodType<unknown, string>>(
  declared: TextDeclaration<Schema>,
): Parameter<z.output<Schema> | null> {
  return { ...textParameter(declared), isRequired: false, absent: null };
}

export function requiredText<Schema extends z.ZodType<unknown, string>>(
  declared: TextDeclaration<Schema>,
): Parameter<z.output<Schema>> {
  // A required parameter that is absent is refused, so that this value is never read.
  return { ...textParameter(declared), isRequired: true, absent: undefined as z.output<Schema> };
}

function textParameter<Schema extends z.ZodType<unknown, string>>({
  description,
  schema,
  mustBe,
  problem = 'invalid_parameter',
  problemWhenAbsent = problem,
  parse = (text) => schema.safeParse(text).data,
}: TextDeclaration<Schema>) {
  return { description, schema, mustBe, problem, problemWhenAbsent, parse };
}

/** `true` or `false`; false when it is not sent. */
export function booleanParameter(description: string): Parameter<boolean> {
  return {
    description,
    schema: z.boolean().default(false),
    isRequired: false,
    mustBe: 'true or false',
    problem: 'invalid_parameter',
    problemWhenAbsent: 'invalid_parameter',
    parse(text) {
      if (text !== 'true' && text !== 'false') return undefined;
      return text === 'true';
    },
    absent: false,
  };
}

/** A whole number in decimal digits; `fallback` when it is not sent. */
export function integerParameter(declared: {
  readonly description: string;
  /** 0 to 2⁵³ − 1, as is {@link max}. */
  readonly min: number;
  readonly max: number;
  readonly fallback: number;
}): Parameter<number> {
  const { description, min, max, fallback } = declared;
  return {
    description,
    schema: z.int().min(min).max(max).default(fallback),
    isRequired: false,
    mustBe: `a whole number from ${min} to ${max}`,
    problem: 'invalid_parameter',
    problemWhenAbsent: 'invalid_parameter',
    parse(text) {
      const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
    absent: fallback,
  };
}
