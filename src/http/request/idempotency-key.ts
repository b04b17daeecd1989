import type { Caller } from '../../access/caller.ts';
import type { CallerKey } from '../../intake/place-order.ts';

/** Of callers without an API key. Keys are kept as long as their orders, so this text never changes. */
export const anonymousScope = 'anonymous';

/** The same key in the caller's own scope: callers with API keys never meet each other's keys, nor those of anyone. */
export function ownKey(caller: Caller, callerKey: CallerKey | null): CallerKey | null {
  if (callerKey === null || caller.kind !== 'key') return callerKey;
  return { scope: `key:${caller.keyId}`, key: callerKey.key };
}

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
