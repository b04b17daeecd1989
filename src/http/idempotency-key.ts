import type { CallerKey } from '../intake/place-order.ts';

/** Everybody is anonymous until callers have names of their own. */
export const anonymousScope = 'anonymous';

const keyPattern = /^[\x21-\x7e]{1,255}$/;

/**
 * The field of draft-ietf-httpapi-idempotency-key-header-07, quoted as a structured-field string (RFC 8941
 * §3.3.3) or bare; both spell the same key. Null when there is none, 'invalid' when it is not well-formed.
 */
export function parseIdempotencyKey(field: string | null): CallerKey | null | 'invalid' {
  if (field === null) return null;
  const key = field.startsWith('"') ? unquote(field) : field;
  return key !== null && keyPattern.test(key) ? { scope: anonymousScope, key } : 'invalid';
}

function unquote(field: string): string | null {
  if (field.length < 2 || !field.endsWith('"')) return null;
  const inside = field.slice(1, -1);
  if (!inside.includes('\\') && !inside.includes('"')) return inside;
  // Only \" and \\ may be escaped, and a quote must be.
  return /^(?:[^"\\]|\\["\\])*$/.test(inside) ? inside.replace(/\\(["\\])/g, '$1') : null;
}
