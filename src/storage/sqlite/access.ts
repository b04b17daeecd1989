/** API keys and the audit log: read on the serving thread, written on the writing one. */
import type { DatabaseSync } from 'node:sqlite';
import type { RightsByKey } from '../../domain/grant.ts';
import { type AccessStore, type ApiKey, lastUsedStepMs, type NewApiKey, rightsOf } from '../access-store.ts';
import type { AuditDraft } from '../audit-log.ts';
import { createAppendAudit, createAuditReads } from './audit.ts';
import { inTransaction } from './connection.ts';

export const apiKeyColumns =
  'key_id, name, prefix, scopes, created_at_ms, expires_at_ms, revoked_at_ms, last_used_at_ms';

export type AccessReads = ReturnType<typeof createAccessReads>;

export function createAccessReads(db: DatabaseSync) {
  const selectByHash = db.prepare(`SELECT ${apiKeyColumns} FROM api_keys WHERE secret_hash = ?`);
  const selectPage = db.prepare(
    `SELECT ${apiKeyColumns} FROM api_keys WHERE key_id > ? ORDER BY key_id LIMIT ?`,
  );
  return {
    ...createAuditReads(db),
    findApiKey(secretHash: string): ApiKey | null {
      const row = selectByHash.get(secretHash);
      return row === undefined ? null : toApiKey(row as unknown as ApiKeyRow);
    },
    listApiKeys: (afterKeyId: string | null, limit: number): readonly ApiKey[] =>
      (selectPage.all(afterKeyId ?? '', limit) as unknown as ApiKeyRow[]).map(toApiKey),
  };
}

/** For the transaction of a batch. */
export function createRightsReader(db: DatabaseSync): (keyIds: readonly string[]) => RightsByKey {
  const selectRights = db.prepare(
    `SELECT ${apiKeyColumns} FROM api_keys WHERE key_id = ? AND revoked_at_ms IS NULL`,
  );
  return (keyIds) => {
    const rights = new Map<string, string>();
    for (const keyId of keyIds) {
      const row = selectRights.get(keyId);
      if (row !== undefined) rights.set(keyId, rightsOf(toApiKey(row as unknown as ApiKeyRow)));
    }
    return rights;
  };
}

/** The writes that the writing thread performs, by their names among its operations. */
export function createAccessWrites(db: DatabaseSync) {
  const selectName = db.prepare('SELECT 1 FROM api_keys WHERE name = ? AND revoked_at_ms IS NULL');
  const insertKey = db.prepare(`
    INSERT INTO api_keys (key_id, name, prefix, secret_hash, scopes, created_at_ms, expires_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const revoke = db.prepare(
    'UPDATE api_keys SET revoked_at_ms = ? WHERE key_id = ? AND revoked_at_ms IS NULL',
  );
  const selectById = db.prepare(`SELECT ${apiKeyColumns} FROM api_keys WHERE key_id = ?`);
  const noteUse = db.prepare(`
    UPDATE api_keys SET last_used_at_ms = ?1
    WHERE key_id = ?2 AND revoked_at_ms IS NULL AND (last_used_at_ms IS NULL OR last_used_at_ms <= ?1 - ${lastUsedStepMs})`);

  const appendAudit = createAppendAudit(db);

  return {
    createApiKey: ({
      key,
      audit,
    }: {
      readonly key: NewApiKey;
      readonly audit: AuditDraft;
    }): 'created' | 'name_taken' =>
      inTransaction(db, () => {
        if (selectName.get(key.name) !== undefined) return 'name_taken';
        const { keyId, name, prefix, secretHash, createdAtMs, expiresAtMs } = key;
        insertKey.run(keyId, name, prefix, secretHash, key.scopes.join(' '), createdAtMs, expiresAtMs);
        appendAudit([audit]);
        return 'created';
      }),

    revokeApiKey: ({ keyId, audit }: { readonly keyId: string; readonly audit: AuditDraft }): ApiKey | null =>
      inTransaction(db, () => {
        if (revoke.run(audit.atMs, keyId).changes > 0) appendAudit([audit]);
        const row = selectById.get(keyId);
        return row === undefined ? null : toApiKey(row as unknown as ApiKeyRow);
      }),

    noteKeyUse: ({ keyId, atMs }: KeyMoment): void => inTransaction(db, () => void noteUse.run(atMs, keyId)),
  };
}

/** @param write performs an operation of {@link createAccessWrites} on the writing thread */
export function createAccess(
  reads: AccessReads,
  write: (operation: keyof ReturnType<typeof createAccessWrites>, payload: unknown) => Promise<unknown>,
): AccessStore {
  return {
    findApiKey: async (secretHash) => reads.findApiKey(secretHash),
    listApiKeys: async (afterKeyId, limit) => reads.listApiKeys(afterKeyId, limit),
    createApiKey: (key, audit) => write('createApiKey', { key, audit }) as Promise<'created' | 'name_taken'>,
    revokeApiKey: (keyId, audit) => write('revokeApiKey', { keyId, audit }) as Promise<ApiKey | null>,
    readAudit: async (beforePosition, limit) => reads.readAudit(beforePosition, limit),
    readAuditHead: async () => reads.readAuditHead(),
    noteKeyUse: async (keyId, atMs) => void (await write('noteKeyUse', { keyId, atMs })),
  };
}

interface KeyMoment {
  readonly keyId: string;
  readonly atMs: number;
}

export interface ApiKeyRow {
  readonly key_id: string;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number | null;
  readonly revoked_at_ms: number | null;
  readonly last_used_at_ms: number | null;
}

export function toApiKey(row: ApiKeyRow): ApiKey {
  return {
    keyId: row.key_id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes === '' ? [] : row.scopes.split(' '),
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    revokedAtMs: row.revoked_at_ms,
    lastUsedAtMs: row.last_used_at_ms,
  };
}
