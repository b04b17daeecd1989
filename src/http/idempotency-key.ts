import type { CallerKey } from '../intake/place-order.ts';

/** All callers are anonymous until they have names of their own. */
export const anonymousScope = 'anonymous';

/**
 * The field of draft-ietf-httpapi-idempotency-key-header-07: 1 to 255 visible ASCII characters, bare, or
 * quoted as a structured-field string (RFC 8941 §3.3.3), where each `"` and `\` of the key is escaped.
 */
export const idempotencyKeyPattern = /^(?:[!#-~][!-~]{0,254}|"(?:[!#-[\]-~]|\\["\\]){1,255}")$/;

/** @param field fits {@link idempotencyKeyPattern}; quoted and bare spell the same key */
export function callerKeyOf(field: string): CallerKey {
  const key = field.startsWith('"') ? field.slice(1, -1).replace(/\\(["\\])/g, '$1') : field;
  return { scope: anonymousScope, key };
}

/** Null when there is none, 'invalid' when it is not well-formed. */
export function parseIdempotencyKey(field: string | null): CallerKey | null | 'invalid' {
  if (field === null) return null;
  return idempotencyKeyPattern.test(field) ? callerKeyOf(field) : 'invalid';
}
