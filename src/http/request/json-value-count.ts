/**
 * Bounds what a JSON text may cost. Values are counted in the text, before `JSON.parse`: 30,000 brackets in 60 KB take
 * it milliseconds, and every later step its own, while one look at each character takes a tenth of one.
 */

/** Values in one body at most. An order of 50 lines has some 170. */
export const jsonValuesMax = 1_000;

/**
 * Whether a text has more values in its objects and arrays than {@link jsonValuesMax}. An object or an array counts as
 * one value more, so that brackets alone have a bound, too. Of a text that is no JSON the answer means nothing.
 */
export function hasTooManyValues(text: string): boolean {
  // Each value but the first comes after a comma or a bracket.
  if (text.length <= jsonValuesMax) return false;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        break;
      case comma:
      case bracket:
      case brace:
        values += 1;
        if (values > jsonValuesMax) return true;
    }
  }
  return false;
}

const quote = 0x22;
const comma = 0x2c;
const bracket = 0x5b;
const backslash = 0x5c;
const brace = 0x7b;

/** @param start of its first quotation mark */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) break;
    at += code === backslash ? 2 : 1;
  }
  return at;
}
