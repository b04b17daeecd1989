/** Texts as Parquet has them plainly: the length in bytes (32 bits, little-endian), then UTF-8. */

const encoder = new TextEncoder();

/** How many of the texts have a character beyond ASCII. */
export function countNonAscii(texts: readonly string[]): number {
  let count = 0;
  for (const text of texts) {
    for (let i = 0; i < text.length; i += 1) {
      if (text.charCodeAt(i) > 0x7f) {
        count += 1;
        break;
      }
    }
  }
  return count;
}

/** @param isPlain whether all of them are ASCII */
export function encodeTexts(texts: readonly string[], isPlain: boolean): Uint8Array {
  let units = 0;
  for (const text of texts) units += text.length;
  const bytes = new Uint8Array(units * (isPlain ? 1 : 3) + texts.length * 4);
  let at = 0;
  for (const text of texts) {
    const start = at + 4;
    const length = isPlain
      ? putAscii(text, bytes, start)
      : encoder.encodeInto(text, bytes.subarray(start)).written;
    bytes[at] = length;
    bytes[at + 1] = length >>> 8;
    bytes[at + 2] = length >>> 16;
    bytes[at + 3] = length >>> 24;
    at = start + length;
  }
  return bytes.subarray(0, at);
}

/** Faster than an encoder for the short texts that most are. */
function putAscii(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i += 1) bytes[at + i] = text.charCodeAt(i);
  return text.length;
}
