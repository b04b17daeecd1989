/** The check of the audit log's chain. */
import { emptyAuditHash } from '../audit-log.ts';
import type { SqlCheck } from '../verify-checks.ts';

/** Without them the database takes changes of entries that it should refuse. */
const triggers = `(VALUES ('audit_log', 'audit_log_is_never_changed'), ('audit_log', 'audit_log_is_never_deleted'),
  ('audit_head', 'audit_head_goes_forward'), ('audit_head', 'audit_head_is_never_deleted'))`;

/** By `sha256` of sql-functions.ts. */
export const auditCheck: SqlCheck = {
  count: 'SELECT count(*) FROM audit_log',
  find: `WITH chain AS (
      SELECT *, lag(position, 1, 0) OVER (ORDER BY position) AS position_before,
        lag(hash, 1, '${emptyAuditHash}') OVER (ORDER BY position) AS hash_before
      FROM audit_log),
    counted AS (
      SELECT position, hash, sha256(hash_before || char(10) || position || char(10) || address_digest
        || char(10) || entry) AS expected_hash FROM chain)
    SELECT 'entry ' || position, 'position ' || (position_before + 1), 'position ' || position
      FROM chain WHERE position <> position_before + 1
    UNION ALL
    SELECT 'entry ' || position, expected_hash, hash FROM counted WHERE hash <> expected_hash
    UNION ALL
    SELECT 'address of entry ' || position, address_digest, sha256(address_salt || address)
      FROM audit_log WHERE sha256(address_salt || address) <> address_digest
    UNION ALL
    SELECT 'address of entry ' || position, 'address and salt, or neither',
        iif(address IS NULL, 'salt alone', 'address alone')
      FROM audit_log WHERE (address IS NULL) <> (address_salt IS NULL)
    UNION ALL
    SELECT 'trigger ' || column2 || ' on ' || column1, 'present', 'missing' FROM ${triggers}
      WHERE (column1, column2) NOT IN (SELECT tbl_name, name FROM sqlite_schema WHERE type = 'trigger')
    UNION ALL
    SELECT 'audit head', 'entry ' || head.position || ' ' || head.hash,
        coalesce('entry ' || last.position || ' ' || last.hash, 'no entry')
      FROM audit_head AS head
      LEFT JOIN (SELECT position, hash FROM audit_log ORDER BY position DESC LIMIT 1) AS last
      WHERE (head.position, head.hash) IS NOT (coalesce(last.position, 0), coalesce(last.hash, '${emptyAuditHash}'))
    UNION ALL
    SELECT 'audit head', 'one', 'none' WHERE NOT EXISTS (SELECT 1 FROM audit_head)`,
};
