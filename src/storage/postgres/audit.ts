/** The audit log: statements that append to it, and reads. */
import {
  type AuditDraft,
  type AuditEntry,
  type AuditHead,
  type StoredAuditRow,
  toAuditEntry,
  toAuditRow,
} from '../audit-log.ts';
import type { Statement } from './connection.ts';
import type { SharedPool } from './shared-pool.ts';

export const auditColumns = `position, entry::text AS entry, address_digest AS "addressDigest", address,
  address_salt AS "addressSalt", hash`;

/** The row of the head is locked until the commit, so that entries of all instances stand in one chain. */
const append = `
  WITH head AS (
    UPDATE audit_head SET position = position + 1,
      hash = encode(sha256(convert_to(
        hash || E'\\n' || (position + 1)::text || E'\\n' || $2 || E'\\n' || $1, 'UTF8')), 'hex')
    RETURNING position, hash)
  INSERT INTO audit_log (position, entry, address_digest, address, address_salt, hash)
  SELECT position, $1::text::json, $2::text, $3::text, $4::text, hash FROM head`;

/** To be sent in the transaction of the change that the drafts tell of, last of all (locks.ts). */
export function appendAudit(drafts: readonly AuditDraft[]): readonly Statement[] {
  return drafts.map((draft) => {
    const { entry, addressDigest, address, addressSalt } = toAuditRow(draft);
    return { name: 'append-audit', text: append, values: [entry, addressDigest, address, addressSalt] };
  });
}

/** Of entries that the holders of these orders have caused; the chain stays whole. To be sent after {@link appendAudit}. */
export function eraseAddresses(subjects: readonly string[]): Statement {
  return {
    text: `
      UPDATE audit_log SET address = NULL, address_salt = NULL
      WHERE entry ->> 'subject' = ANY($1::text[]) AND entry ->> 'actor' = 'shopper' AND address IS NOT NULL`,
    values: [subjects],
  };
}

export function createAuditReads({ ask }: SharedPool) {
  return {
    async readAudit(beforePosition: number | null, limit: number): Promise<readonly AuditEntry[]> {
      const { rows } = await ask({
        name: 'audit-page',
        text: `SELECT ${auditColumns} FROM audit_log WHERE position < $1::bigint ORDER BY position DESC LIMIT $2::integer`,
        values: [beforePosition ?? Number.MAX_SAFE_INTEGER, limit],
      });
      return (rows as unknown as readonly StoredAuditRow[]).map(toAuditEntry);
    },
    async readAuditHead(): Promise<AuditHead> {
      const { rows } = await ask({
        name: 'audit-head',
        text: 'SELECT position, hash FROM audit_head',
        values: [],
      });
      return rows[0] as unknown as AuditHead;
    },
  };
}
