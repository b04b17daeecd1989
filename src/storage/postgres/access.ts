/** API keys and the audit log. Keys that are asked for while others are being read are read together. */
import type { RightsByKey } from '../../domain/grant.ts';
import { type AccessStore, type ApiKey, lastUsedStepMs, type NewApiKey, rightsOf } from '../access-store.ts';
import type { AuditDraft } from '../audit-log.ts';
import { createGatheredReads } from '../server/gathered-reads.ts';
import { appendAudit, createAuditReads } from './audit.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { beginReadCommitted } from './locks.ts';
import { isUuid } from './rows.ts';
import type { SharedPool } from './shared-pool.ts';

const columns = 'key_id, name, prefix, scopes, created_at_ms, expires_at_ms, revoked_at_ms, last_used_at_ms';

const insertKey = `
  INSERT INTO api_keys (key_id, name, prefix, secret_hash, scopes, created_at_ms, expires_at_ms)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (name) WHERE revoked_at_ms IS NULL DO NOTHING`;

const revoke = 'UPDATE api_keys SET revoked_at_ms = $2 WHERE key_id = $1 AND revoked_at_ms IS NULL';

const noteUse = `
  UPDATE api_keys SET last_used_at_ms = $2
  WHERE key_id = $1 AND revoked_at_ms IS NULL AND (last_used_at_ms IS NULL OR last_used_at_ms <= $2::bigint - ${lastUsedStepMs})`;

/** Sorts before every UUID of version 7. */
const beforeAll = '00000000-0000-0000-0000-000000000000';

type WithConnection = <Result>(use: (connection: Connection) => Promise<Result>) => Promise<Result>;

/** @param transactionSettings sent right behind BEGIN, for what can't be set on the session */
export function createAccess(
  readers: SharedPool,
  withConnection: WithConnection,
  transactionSettings: readonly Statement[],
): AccessStore {
  const { ask, assertOpen } = readers;
  /** One transaction. Returns whether the statement changed a row; the audit log is told then only. */
  function change(statement: Statement, audit: AuditDraft | null): Promise<boolean> {
    return withConnection(async ({ send, close }) => {
      try {
        const answers = await send([{ text: beginReadCommitted }, ...transactionSettings, statement]);
        const isChanged = answers.at(-1)?.rowCount === 1;
        await send([...(isChanged && audit !== null ? appendAudit([audit]) : []), { text: 'COMMIT' }]);
        return isChanged;
      } catch (error) {
        await send([{ text: 'ROLLBACK' }]).catch(close);
        throw error;
      }
    });
  }

  return {
    ...createKeyReads(readers),
    ...createAuditReads(readers),

    async createApiKey(key: NewApiKey, audit: AuditDraft) {
      const { keyId, name, prefix, secretHash, scopes, createdAtMs, expiresAtMs } = key;
      const values = [keyId, name, prefix, secretHash, scopes.join(' '), createdAtMs, expiresAtMs];
      const inserted = await change({ text: insertKey, values }, audit);
      return inserted ? 'created' : 'name_taken';
    },

    async revokeApiKey(keyId, audit) {
      assertOpen();
      if (!isUuid(keyId)) return null;
      await change({ text: revoke, values: [keyId, audit.atMs] }, audit);
      const { rows } = await ask({
        name: 'api-key-by-id',
        text: `SELECT ${columns} FROM api_keys WHERE key_id = $1::uuid`,
        values: [keyId],
      });
      const [row] = rows as unknown as readonly ApiKeyRow[];
      return row === undefined ? null : toApiKey(row);
    },

    async noteKeyUse(keyId, atMs) {
      await change({ text: noteUse, values: [keyId, atMs] }, null);
    },
  };
}

/** For the transaction of a batch; see {@link toRights}. */
export const selectRights = (keyIds: readonly string[]): Statement => ({
  name: 'rights-of-keys',
  text: `SELECT ${columns} FROM api_keys WHERE key_id = ANY($1::uuid[]) AND revoked_at_ms IS NULL`,
  values: [keyIds],
});

export function toRights(answer: Answer | undefined): RightsByKey {
  const rows = (answer?.rows ?? []) as unknown as readonly ApiKeyRow[];
  return new Map(rows.map((row) => [row.key_id, rightsOf(toApiKey(row))]));
}

function createKeyReads({ ask, assertOpen }: SharedPool): Pick<AccessStore, 'findApiKey' | 'listApiKeys'> {
  const keys = createGatheredReads<string, ApiKeyRow>(
    async (hashes) => {
      const { rows } = await ask({
        name: 'api-keys',
        text: `SELECT secret_hash, ${columns} FROM api_keys WHERE secret_hash = ANY($1::text[])`,
        values: [[...new Set(hashes)]],
      });
      return rows as unknown as readonly ApiKeyRow[];
    },
    (row) => row.secret_hash ?? '',
  );

  return {
    async findApiKey(secretHash) {
      assertOpen();
      const row = await keys(secretHash, secretHash);
      return row === undefined ? null : toApiKey(row);
    },

    async listApiKeys(afterKeyId, limit) {
      const { rows } = await ask({
        name: 'api-key-page',
        text: `SELECT ${columns} FROM api_keys WHERE key_id > $1::uuid ORDER BY key_id LIMIT $2::integer`,
        values: [afterKeyId ?? beforeAll, limit],
      });
      return (rows as unknown as readonly ApiKeyRow[]).map(toApiKey);
    },
  };
}

interface ApiKeyRow {
  readonly key_id: string;
  readonly name: string;
  readonly prefix: string;
  /** Where it was asked for. */
  readonly secret_hash?: string;
  readonly scopes: string;
  readonly created_at_ms: number;
  readonly expires_at_ms: number | null;
  readonly revoked_at_ms: number | null;
  readonly last_used_at_ms: number | null;
}

function toApiKey(row: ApiKeyRow): ApiKey {
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
