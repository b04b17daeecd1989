/**
 * The rules of customer-text.ts and product-text.ts as patterns for documents. They are written in ranges,
 * because JSON Schema's tools differ in the Unicode properties they know. A text that fits is taken, up to the
 * length. Taken besides: what a rule would refuse and normalizing removes, such as a line break at an end.
 */

const separators = '\\u2028-\\u202e\\u2066-\\u2069';
const unprintableInLines = `\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f${separators}`;
const unprintable = `\\u0000-\\u001f\\u007f-\\u009f${separators}`;

/** White space, Default_Ignorable_Code_Point and the Braille pattern without dots, besides the unprintable. */
const invisible = [
  ' \\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u202f',
  '\\u205f-\\u2065\\u206a-\\u206f\\u2800\\u3000\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8',
  // As themselves: ECMAScript and Python escape characters beyond the first plane differently.
  range(0x1bca0, 0x1bca3),
  range(0x1d173, 0x1d17a),
  range(0xe0000, 0xe0fff),
].join('');

const printable = `[^${unprintable}]`;

/** One line with something to see in it. */
export const requiredTextPattern = `^${printable}*[^${unprintable}${invisible}]${printable}*$`;

/** The same, or blank. */
export const optionalTextPattern = `^${printable}*$`;

/** Any number of lines, with tabs; also none. */
export const linesPattern = `^[^${unprintableInLines}]*$`;

function range(first: number, last: number): string {
  return `${String.fromCodePoint(first)}-${String.fromCodePoint(last)}`;
}
