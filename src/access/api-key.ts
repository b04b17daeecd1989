/**
 * An API key: `nzm_`, 8 characters that people tell keys apart by, `_`, and 256 random bits in base62. Only its SHA-256
 * is stored. A fast hash is right for 256 random bits: a slow one protects secrets that can be guessed.
 */
import { hash, randomBytes, randomUUID } from 'node:crypto';
import type { NewApiKey } from '../storage/access-store.ts';
import type { Scope } from './scope.ts';

/** What begins like this is meant as a key of ours; secret scanners find it in files by it. */
export const keyMark = 'nzm_';

const keyPattern = /^nzm_[0-9A-Za-z]{8}_[0-9A-Za-z]{43}$/;
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const prefixCharacters = 8;
const secretBytes = 32;
/** 62⁴³ > 2²⁵⁶ */
const secretCharacters = 43;

/** 1 to 60 characters. A name stands in log lines and behind `key:`, so it is plain ASCII without spaces. */
export const keyNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/;

/** A lower-case UUID of version 7. */
export const keyIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The longest life of a key that expires. */
export const keyDaysMax = 3_650;

interface NewSecret {
  /** The whole key. It is shown once and never stored. */
  readonly key: string;
  /** `nzm_` and the 8 characters: not secret. */
  readonly prefix: string;
  readonly secretHash: string;
}

function makeSecret(): NewSecret {
  // 62⁸ < 2⁴⁸: 12 bytes make the lean towards some digits smaller than 2⁻⁴⁸.
  const prefix = `${keyMark}${inBase62(randomBytes(12)).slice(-prefixCharacters)}`;
  const secret = inBase62(randomBytes(secretBytes)).padStart(secretCharacters, '0');
  const key = `${prefix}_${secret}`;
  return { key, prefix, secretHash: secretHashOf(key) };
}

/** A new key for the store, and the text that its owner gets. @param scopes 1 or more; repeated ones count once */
export function makeApiKey(
  {
    name,
    scopes,
    expiresAtMs,
  }: Pick<NewApiKey, 'name' | 'expiresAtMs'> & { readonly scopes: readonly Scope[] },
  nowMs: number,
): { readonly key: string; readonly stored: NewApiKey } {
  const { key, prefix, secretHash } = makeSecret();
  const sorted = [...new Set(scopes)].sort();
  const keyId = makeKeyId(nowMs);
  return {
    key,
    stored: { keyId, name, prefix, secretHash, scopes: sorted, createdAtMs: nowMs, expiresAtMs },
  };
}

/** A UUIDv7 (RFC 9562 §5.7). */
function makeKeyId(nowMs: number): string {
  const time = Math.trunc(nowMs).toString(16).padStart(12, '0');
  const [, , version = '', variant = '', tail = ''] = randomUUID().split('-');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${version.slice(1)}-${variant}-${tail}`;
}

export function isWellFormedKey(text: string): boolean {
  return keyPattern.test(text);
}

/** 43 characters of base64url. */
export function secretHashOf(key: string): string {
  return hash('sha256', key, 'base64url');
}

function inBase62(bytes: Uint8Array): string {
  let rest = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  let text = '';
  while (rest > 0n) {
    text = digits[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}
