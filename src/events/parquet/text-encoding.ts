/** Texts as Parquet has them plainly: the length in bytes (32 bits, little-endian), then UTF-8. */

const encoder = new TextEncoder();

export interface EncodedTexts {
  readonly bytes: Uint8Array;
  /** Whether all of them are ASCII. */
  readonly isPlain: boolean;
}

export function encodeTexts(texts: readonly string[]): EncodedTexts {
  let units = 0;
  for (const text of texts) units += text.length;
  const plain = encodePlain(texts, units);
  return plain === null
    ? { bytes: encodeAny(texts, units), isPlain: false }
    : { bytes: plain, isPlain: true };
}

/** Null when a text has a character beyond ASCII. Most have none, and for short ones this is faster than an encoder. */
function encodePlain(texts: readonly string[], units: number): Uint8Array | null {
  const bytes = new Uint8Array(units + texts.length * 4);
  let at = 0;
  for (const text of texts) {
    const { length } = text;
    putLength(bytes, at, length);
    at += 4;
    let all = 0;
    for (let i = 0; i < length; i += 1) {
      const unit = text.charCodeAt(i);
      all |= unit;
      bytes[at + i] = unit;
    }
    if (all > 0x7f) return null;
    at += length;
  }
  return bytes;
}

function encodeAny(texts: readonly string[], units: number): Uint8Array {
  const bytes = new Uint8Array(units * 3 + texts.length * 4);
  let at = 0;
  for (const text of texts) {
    const { written } = encoder.encodeInto(text, bytes.subarray(at + 4));
    putLength(bytes, at, written);
    at += 4 + written;
  }
  return bytes.subarray(0, at);
}

function putLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 24;
}
