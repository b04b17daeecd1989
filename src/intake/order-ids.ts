import { randomFillSync } from 'node:crypto';

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Makes UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits. Ids made later sort later
 * to the millisecond, so that a new order lands at the end of the index. Randomness is drawn from the
 * operating system 256 ids at a time.
 */
export function createOrderIds(nowMs: () => number): () => string {
  const pool = Buffer.alloc(16 * 256);
  let used = pool.length;
  return () => {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const at = used;
    used += 16;
    const byte = (index: number) => hex[pool[at + index] ?? 0] ?? '';
    const time = Math.trunc(nowMs()).toString(16).padStart(12, '0');
    const version = hex[0x70 | ((pool[at] ?? 0) & 0x0f)];
    const variant = hex[0x80 | ((pool[at + 2] ?? 0) & 0x3f)];
    const tail = byte(4) + byte(5) + byte(6) + byte(7) + byte(8) + byte(9);
    return `${time.slice(0, 8)}-${time.slice(8)}-${version}${byte(1)}-${variant}${byte(3)}-${tail}`;
  };
}

/** A lower-case UUID of version 7. */
export const orderIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
