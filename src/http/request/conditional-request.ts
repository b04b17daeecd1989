/** Conditional changes (RFC 9110 §13): a client changes what it has seen, and nothing newer. */
import { z } from 'zod';
import type { Problem } from '../problem-details.ts';
import { optionalText, requiredText } from './parameter.ts';

/** `*` for whatever there is; or the strong entity tags of a list, with their quotes. */
export type IfMatch = '*' | readonly string[];

/** UTF-16 units of `If-Match`: the tags of some thirty versions. */
const ifMatchLengthMax = 1_000;

const strongTags = (field: string) =>
  [...field.matchAll(/(W\/)?("[^"]*")/g)].flatMap(([, weak, tag = '']) => (weak === undefined ? [tag] : []));

/** Weak tags are read, and never match (RFC 9110 §13.1.1). */
const ifMatch = {
  schema: z
    .string()
    .max(ifMatchLengthMax)
    .regex(/^\s*(?:\*|(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*)\s*$/)
    .transform((field): IfMatch => (field.trim() === '*' ? '*' : strongTags(field))),
  mustBe: `an entity tag in double quotes, as ETag has it, or several with commas between them, or *; at most ${ifMatchLengthMax} characters`,
};

/** A change of something that may be new. */
export const ifMatchParameter = optionalText({
  description: 'The `ETag` of the version that is changed; `*` for whatever it is now.',
  ...ifMatch,
});

/** A change of something that there is: without it the answer is 428. */
export const requiredIfMatchParameter = requiredText({
  description:
    'The `ETag` of the version that you know, so that nothing is done to one that has changed meanwhile; `*` for whatever it is now.',
  ...ifMatch,
  problemWhenAbsent: 'precondition_required',
});

export const ifNoneMatchParameter = optionalText({
  description: '`*`: only when there is none yet.',
  schema: z.literal('*'),
  mustBe: '*',
});

/** A strong entity tag of a revision. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** Whether a condition names this version; the strong comparison. */
function matches(asked: IfMatch, revision: number): boolean {
  return asked === '*' || asked.includes(etagOf(revision));
}

/** Each is null when it was not sent. */
export interface Conditions {
  readonly ifMatch: IfMatch | null;
  readonly ifNoneMatch: string | null;
}

/**
 * Whether a change may be made of what there is.
 * @param revision of it; null when there is none
 * @param isNeeded whether a change of what there is must name its version
 */
export function conditionProblem(
  { ifMatch: asked, ifNoneMatch }: Conditions,
  revision: number | null,
  isNeeded: boolean,
): Problem<'precondition_failed' | 'precondition_required'> | null {
  if (ifNoneMatch !== null && revision !== null) return staleProblem(revision);
  if (asked !== null) return revision !== null && matches(asked, revision) ? null : staleProblem(revision);
  return revision !== null && isNeeded ? { code: 'precondition_required' } : null;
}

/** @param revision that there is; null for none */
function staleProblem(revision: number | null): Problem<'precondition_failed'> {
  if (revision === null)
    return { code: 'precondition_failed', detail: 'There is none yet: send the request without If-Match.' };
  const etag = etagOf(revision);
  return {
    code: 'precondition_failed',
    detail: `It has another version by now, ${etag}: read it, and send the change again with this one in If-Match.`,
    extensions: { current_etag: etag },
  };
}
