/**
 * The part of the port that is about access: API keys, and the log of changes that needed a right.
 *
 * A key that one instance revokes is refused by all others at once: it is read for each request that shows it, or the
 * transaction of the request's own command checks it (`Grant` in `domain/grant.ts`).
 */

import type { AuditDraft, AuditEntry, AuditHead } from './audit-log.ts';

/** An API key as stored. The key itself is not: only its SHA-256 is. */
export interface ApiKey {
  /** UUIDv7 of its making, so that ids sort by age. */
  readonly keyId: string;
  /** Unique among the keys that are not revoked. */
  readonly name: string;
  /** The first characters of the key, for people. */
  readonly prefix: string;
  /** Names of scopes, sorted. A newer program may have stored some that this one does not know. */
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  /** Null for a key that does not expire. */
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
  /** Within a minute; null for a key that was not used yet. */
  readonly lastUsedAtMs: number | null;
}

export type NewApiKey = Omit<ApiKey, 'revokedAtMs' | 'lastUsedAtMs'> & {
  /** SHA-256 of the key, 43 characters of base64url. */
  readonly secretHash: string;
};

/** What a key that is not revoked may do, as a {@link Grant} has it. */
export function rightsOf({ scopes, expiresAtMs }: Pick<ApiKey, 'scopes' | 'expiresAtMs'>): string {
  return `${scopes.join(' ')} until ${expiresAtMs ?? 'revoked'}`;
}

/** How old `lastUsedAtMs` gets before a use writes it again. */
export const lastUsedStepMs = 60_000;

export interface AccessStore {
  /** Revoked and expired keys too. */
  findApiKey(secretHash: string): Promise<ApiKey | null>;

  /** Keys that were made after the one with the id `afterKeyId`, or from the first on. @param limit 1 to 1,000 */
  listApiKeys(afterKeyId: string | null, limit: number): Promise<readonly ApiKey[]>;

  /**
   * `name_taken` when a key that is not revoked has the name; then nothing is stored.
   * @param audit tells of it, in the same transaction
   */
  createApiKey(key: NewApiKey, audit: AuditDraft): Promise<'created' | 'name_taken'>;

  /**
   * The key as it is then. One that is revoked already stays as it is, and the audit log has nothing to tell. Null when
   * there is none with this id.
   */
  revokeApiKey(keyId: string, audit: AuditDraft): Promise<ApiKey | null>;

  /** Remembers a use of a key that is not revoked, unless one within {@link lastUsedStepMs} before it is remembered. */
  noteKeyUse(keyId: string, atMs: number): Promise<void>;

  /** Entries before `beforePosition`, or the last ones; newest first. @param limit 1 to 1,000 */
  readAudit(beforePosition: number | null, limit: number): Promise<readonly AuditEntry[]>;

  readAuditHead(): Promise<AuditHead>;
}
