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

/**
 * Any number of entries at once: each is hashed with the hash before it. The row of the head is locked first and until
 * the commit, so that entries of all instances stand in one chain: a statement that has waited for it goes on with the
 * row as the other transaction has left it.
 */
const append = `
  WITH RECURSIVE head AS MATERIALIZED (SELECT position, hash FROM audit_head FOR UPDATE),
  chain(nth, position, hash) AS (
    SELECT 0, position, hash FROM head
    UNION ALL
    SELECT nth + 1, position + 1, encode(sha256(convert_to(
      hash || E'\\n' || (position + 1)::text || E'\\n' || ($2::text[])[nth + 1] || E'\\n' || ($1::text[])[nth + 1],
      'UTF8')), 'hex')
    FROM chain WHERE nth < cardinality($1::text[])),
  moved AS (
    UPDATE audit_head SET position = last.position, hash = last.hash
    FROM chain AS last WHERE last.nth = cardinality($1::text[]))
  INSERT INTO audit_log (position, entry, address_digest, address, address_salt, hash)
  SELECT position, ($1::text[])[nth]::json, ($2::text[])[nth], ($3::text[])[nth], ($4::text[])[nth], hash
  FROM chain WHERE nth > 0`;

/** To be sent in the transaction of the change that the drafts tell of, last of all (locks.ts). None without drafts. */
export function appendAudit(drafts: readonly AuditDraft[]): readonly Statement[] {
  if (drafts.length === 0) return [];
  const rows = drafts.map(toAuditRow);
  return [
    {
      name: 'append-audit',
      text: append,
      values: [
        rows.map(({ entry }) => entry),
        rows.map(({ addressDigest }) => addressDigest),
        rows.map(({ address }) => address),
        rows.map(({ addressSalt }) => addressSalt),
      ],
    },
  ];
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
