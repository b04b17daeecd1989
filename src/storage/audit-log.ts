/**
 * The audit log: one entry for each change that needed a right, chained by hash to the one before.
 *
 * The hash of an entry is SHA-256 over the hash before it, its position, the digest of the caller's address and its
 * text. The address itself is not covered, but its digest with a random salt is: erasing address and salt leaves the
 * chain whole and the address beyond guessing. A head row holds the last position and hash.
 *
 * The chain and the head together show an entry that was changed, removed, inserted or moved, and the last ones cut off.
 * They can't show a change by somebody who writes all of it anew, head included: for that, keep a head of earlier outside
 * the database (`GET /api/v1/audit` tells it) and look for its hash at its position.
 */
import { createHash, randomBytes } from 'node:crypto';

/** A change as its author tells it. No personal data but the address; `subject` names what was changed by its id. */
export interface AuditDraft {
  readonly atMs: number;
  /** `key:NAME`, `shopper` or `cli`. */
  readonly actor: string;
  /** Null when the actor is no API key. */
  readonly keyId: string | null;
  /** A noun and a verb, such as `api_key.create`. */
  readonly action: string;
  /** A noun and an id, such as `order:01927f3e-…`. */
  readonly subject: string;
  /** What was changed, in {@link auditDetailMax} characters of JSON at the most. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly requestId: string | null;
  /** Of the caller, as far as it is known. */
  readonly address: string | null;
}

/** The part of a draft that is the same whatever is changed. */
export type AuditOrigin = Pick<AuditDraft, 'actor' | 'keyId' | 'requestId' | 'address' | 'detail'>;

export const auditDetailMax = 4_000;

export interface AuditEntry extends AuditDraft {
  /** 1, 2, 3 … */
  readonly position: number;
  /** 64 hexadecimal digits. */
  readonly hash: string;
}

/** The last entry; position 0 before the first. */
export interface AuditHead {
  readonly position: number;
  readonly hash: string;
}

/** The hash before the first entry. */
export const emptyAuditHash = '0'.repeat(64);

/** An entry as it is stored, before it has its place. */
export interface AuditRow {
  /** JSON. These very characters are hashed. */
  readonly entry: string;
  /** Empty without an address. */
  readonly addressDigest: string;
  /** Null when there is none, or it was erased; so is the salt. */
  readonly address: string | null;
  readonly addressSalt: string | null;
}

export interface StoredAuditRow extends AuditRow {
  readonly position: number;
  readonly hash: string;
}

/** @throws RangeError for a detail that is too long: a mistake of ours, which changes nothing */
export function toAuditRow({ address, ...told }: AuditDraft): AuditRow {
  const { atMs, actor, keyId, action, subject, detail, requestId } = told;
  const entry = JSON.stringify({ atMs, actor, keyId, action, subject, detail, requestId });
  if (entry.length > auditDetailMax && JSON.stringify(detail).length > auditDetailMax)
    throw new RangeError(`the detail of ${action} is too long`);
  if (address === null) return { entry, addressDigest: '', address, addressSalt: null };
  const addressSalt = randomBytes(16).toString('hex');
  return { entry, addressDigest: digestOfAddress(addressSalt, address), address, addressSalt };
}

export function digestOfAddress(salt: string, address: string): string {
  return sha256(salt + address);
}

/** The same in SQL: see the engines' checks. */
export function auditHash(
  before: string,
  position: number,
  { entry, addressDigest }: Pick<AuditRow, 'entry' | 'addressDigest'>,
): string {
  return sha256(`${before}\n${position}\n${addressDigest}\n${entry}`);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function toAuditEntry({ position, hash, entry, address }: StoredAuditRow): AuditEntry {
  return { ...(JSON.parse(entry) as Omit<AuditDraft, 'address'>), address, position, hash };
}
