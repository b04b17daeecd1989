/**
 * Query parameters that an endpoint of the API does not have: a list whose filter is misspelt must not answer with everything,
 * nor a change that is sent with `dry_run` where there is none be made.
 */
import { editsBetween } from '../../program/edits-between.ts';
import type { ParameterError } from '../problem-details.ts';
import { hasTooManyFields, onePlainParameter } from './percent-encoding.ts';

/** Errors in one answer. */
const errorsMax = 10;

/** Of a name that an answer repeats, in UTF-16 units. */
const nameLengthMax = 100;

/**
 * The first {@link errorsMax} of them.
 * @param query not decoded; of one with too many fields none is told, as that is refused for their number
 */
export function unknownParameters(query: string, known: readonly string[]): readonly ParameterError[] {
  if (query === '' || hasTooManyFields(query)) return [];
  const onlyOne = onePlainParameter.exec(query);
  const unknown = new Set(onlyOne === null ? new URLSearchParams(query).keys() : [onlyOne[1] as string]);
  for (const name of known) unknown.delete(name);
  return Array.from(unknown)
    .slice(0, errorsMax)
    .map((name) => unknownParameter(name.slice(0, nameLengthMax), known));
}

function unknownParameter(name: string, known: readonly string[]): ParameterError {
  const near = nearest(name, known);
  const remedy = near === null ? allOf(known) : `Did you mean ${near}?`;
  const mistake =
    name === '' ? 'A parameter without a name was sent.' : `There is no parameter "${name}" here.`;
  return { parameter: name, in: 'query', code: 'unknown_parameter', detail: `${mistake} ${remedy}` };
}

function allOf(known: readonly string[]): string {
  if (known.length === 0) return 'This address takes no parameters.';
  return known.length === 1 ? `The only parameter is ${known[0]}.` : `Known are ${known.join(', ')}.`;
}

/** One edit for three letters, in any case and without separators: `stauts`, `zipCode`. */
function nearest(name: string, known: readonly string[]): string | null {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const given = plain(name);
  let best: { readonly name: string; readonly edits: number } | null = null;
  for (const candidate of known) {
    const wanted = plain(candidate);
    const editsMax = given.length / 3;
    // Each edit changes the length by one at most: a long name is not compared with short ones.
    if (Math.abs(given.length - wanted.length) > editsMax) continue;
    const edits = editsBetween(given, wanted);
    if (edits <= editsMax && (best === null || edits < best.edits)) best = { name: candidate, edits };
  }
  return best?.name ?? null;
}
