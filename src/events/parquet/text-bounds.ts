/** Order and bounds of texts as Delta and Parquet compare them: by the bytes of UTF-8. */

/** Characters (code points) of a bound in statistics at most: an id is kept whole. */
export const boundLengthMax = 40;

const lastCodePoint = 0x10ffff;

/**
 * By the bytes of UTF-8, which is the order of code points. JavaScript's `<` compares UTF-16 units, which puts
 * U+10000 before U+E000. A lone surrogate counts as U+FFFD, as encoders write it.
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i += 1;
  // The difference may be in the second half of a pair: compare the whole character.
  if (i > 0 && isLeading(a.charCodeAt(i - 1))) i -= 1;
  while (i < a.length && i < b.length) {
    const left = wellFormedAt(a, i);
    const right = wellFormedAt(b, i);
    if (left !== right) return left - right;
    i += left > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

function isLeading(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function wellFormedAt(text: string, index: number): number {
  const code = text.codePointAt(index) ?? 0xfffd;
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}

/** A text of {@link boundLengthMax} characters at most that is not above this one. */
export function lowerBound(text: string): string {
  return beginning(text) ?? text.toWellFormed();
}

/** A text of {@link boundLengthMax} characters at most that is not below this one; null when there is none. */
export function upperBound(text: string): string | null {
  const cut = beginning(text);
  if (cut === null) return text.toWellFormed();
  const points = Array.from(cut);
  for (let i = points.length - 1; i >= 0; i -= 1) {
    const code = points[i]?.codePointAt(0) ?? 0;
    if (code === lastCodePoint) continue;
    // After U+D7FF comes U+E000: what lies between is no character.
    const next = code === 0xd7ff ? 0xe000 : code + 1;
    return points.slice(0, i).join('') + String.fromCodePoint(next);
  }
  return null;
}

/** Null when the text is no longer than a bound. */
function beginning(text: string): string | null {
  if (text.length <= boundLengthMax) return null;
  // A character has two units at most, so that the whole text need not be looked at.
  const points = Array.from(text.slice(0, boundLengthMax * 2 + 2).toWellFormed());
  return points.length <= boundLengthMax ? null : points.slice(0, boundLengthMax).join('');
}
