/**
 * Writes UUIDs as text straight into a request's bytes: no string is made for a key.
 *
 * `uuidv7` is what our documentation recommends (keys of one moment lie beside each other in the index);
 * `uuidv4` is what many clients send (every key lands somewhere else).
 */
import type { Random } from './random.ts';

export type KeyKind = 'uuidv7' | 'uuidv4';

/** Length of a UUID as text. */
export const keyLength = 36;

/** Writes the next key at `offset` of `target`. */
export type WriteKey = (target: Uint8Array, offset: number) => void;

const digits = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const highDigit = Uint8Array.from({ length: 256 }, (_, byte) => digits[byte >> 4] ?? 0);
const lowDigit = Uint8Array.from({ length: 256 }, (_, byte) => digits[byte & 15] ?? 0);
const hyphen = 0x2d;

/** @param random must not repeat between runs, or the service would rightly answer with earlier orders */
export function createKeyWriter(kind: KeyKind, random: Random, nowMs: () => number): WriteKey {
  return (target, offset) => {
    const first = random();
    const second = random();
    const third = random();
    if (kind === 'uuidv7') {
      const now = nowMs();
      const upper = Math.floor(now / 0x1_0000);
      writeUuid(target, offset, upper, ((now & 0xffff) << 16) | 0x7000 | (first & 0x0fff), second, third);
    } else {
      const version = (first & 0xffff0000) | 0x4000 | (first & 0x0fff);
      writeUuid(target, offset, random(), version, second, third);
    }
  };
}

/** The four 32-bit words of a UUID; the variant bits (RFC 9562 §4.1) are set here. */
function writeUuid(target: Uint8Array, at: number, a: number, b: number, c: number, d: number): void {
  writeByte(target, at, (a >>> 24) & 255);
  writeByte(target, at + 2, (a >>> 16) & 255);
  writeByte(target, at + 4, (a >>> 8) & 255);
  writeByte(target, at + 6, a & 255);
  target[at + 8] = hyphen;
  writeByte(target, at + 9, (b >>> 24) & 255);
  writeByte(target, at + 11, (b >>> 16) & 255);
  target[at + 13] = hyphen;
  writeByte(target, at + 14, (b >>> 8) & 255);
  writeByte(target, at + 16, b & 255);
  target[at + 18] = hyphen;
  writeByte(target, at + 19, ((c >>> 24) & 0x3f) | 0x80);
  writeByte(target, at + 21, (c >>> 16) & 255);
  target[at + 23] = hyphen;
  writeByte(target, at + 24, (c >>> 8) & 255);
  writeByte(target, at + 26, c & 255);
  writeByte(target, at + 28, (d >>> 24) & 255);
  writeByte(target, at + 30, (d >>> 16) & 255);
  writeByte(target, at + 32, (d >>> 8) & 255);
  writeByte(target, at + 34, d & 255);
}

function writeByte(target: Uint8Array, at: number, byte: number): void {
  target[at] = highDigit[byte] ?? 0;
  target[at + 1] = lowDigit[byte] ?? 0;
}
