/** Conditional changes (RFC 9110 §13): a client changes what it has seen, and nothing newer. */
import { z } from 'zod';
import { optionalText } from './parameter.ts';
import type { Problem } from './problem-details.ts';

/** `*`, or entity tags in quotes; weak ones are read, and never match (RFC 9110 §13.1.1). */
const condition = z
  .string()
  .regex(/^\s*(?:\*|(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*)\s*$/)
  .max(1_000);

export const ifMatchParameter = optionalText({
  description: 'The `ETag` of the version that is changed; `*` for whatever it is now.',
  schema: condition,
  mustBe: 'an entity tag in double quotes, as ETag has it, or *',
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
function matches(ifMatch: string, revision: number): boolean {
  return ifMatch.trim() === '*' || ifMatch.split(',').some((tag) => tag.trim() === etagOf(revision));
}

/**
 * Whether a change may be made of what there is.
 * @param revision of it; null when there is none
 * @param isNeeded whether a change of what there is must name its version
 */
export function conditionProblem(
  { ifMatch, ifNoneMatch }: { readonly ifMatch: string | null; readonly ifNoneMatch: string | null },
  revision: number | null,
  isNeeded: boolean,
): Problem<'precondition_failed' | 'precondition_required'> | null {
  if (ifNoneMatch !== null && revision !== null) return staleProblem(revision);
  if (ifMatch !== null)
    return revision !== null && matches(ifMatch, revision) ? null : staleProblem(revision);
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
