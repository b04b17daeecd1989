/**
 * Finds a name that stands twice in an object of a JSON text. `JSON.parse` keeps the last of two values
 * without a word, another reader may keep the first (RFC 8259 §4), so an order with `"quantity": 1` and
 * `"quantity": 10` has no one meaning.
 */

/**
 * @param text that `JSON.parse` accepts
 * @param value that `JSON.parse` made of it
 * @returns where the second value stands as a JSON pointer (RFC 6901), or null when every name stands once
 */
export function duplicateNamePointer(text: string, value: unknown): string | null {
  // A text has at least as many colons as names. As many colons as names that were kept: none is there twice.
  return hasCount(text, ':', nameCount(value)) ? null : firstDuplicate(text);
}

/** Looks no further than one too many. */
function hasCount(text: string, character: string, count: number): boolean {
  let found = 0;
  for (let at = text.indexOf(character); at !== -1 && found <= count; at = text.indexOf(character, at + 1)) {
    found += 1;
  }
  return found === count;
}

/** Deeper than any request of ours, and far from the end of the stack. */
const depthMax = 32;

/** Of the value and all in it; NaN beyond {@link depthMax}. */
function nameCount(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > depthMax) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += nameCount(element, depth + 1);
    return count;
  }
  for (const name in value) {
    const inner = (value as Record<string, unknown>)[name];
    count += typeof inner === 'object' ? 1 + nameCount(inner, depth + 1) : 1;
  }
  return count;
}

/** An object or array that has begun and not ended: the names in it so far, or the index of its element. */
interface Level {
  readonly names: Set<string> | null;
  /** The reference token (RFC 6901) of the value that comes next or is under way. */
  token: string;
  index: number;
}

function firstDuplicate(text: string): string | null {
  const levels: Level[] = [];
  // Strings as a whole, so that no bracket or comma in one counts; a name is a string with a colon after it.
  for (const [piece, string, colon] of text.matchAll(/("(?:[^"\\]+|\\.)*")(\s*:)?|[{}[\],]/g)) {
    const level = levels.at(-1);
    if (string !== undefined) {
      if (colon === undefined || !level?.names) continue;
      level.token = JSON.parse(string) as string;
      if (level.names.has(level.token)) return pointerOf(levels);
      level.names.add(level.token);
    } else if (piece === '{') levels.push({ names: new Set(), token: '', index: 0 });
    else if (piece === '[') levels.push({ names: null, token: '0', index: 0 });
    else if (piece === '}' || piece === ']') levels.pop();
    else if (piece === ',' && level?.names === null) {
      level.index += 1;
      level.token = String(level.index);
    }
  }
  return null;
}

function pointerOf(levels: readonly Level[]): string {
  return levels.map(({ token }) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
