/** The check of the audit log's chain. */
import { emptyAuditHash } from '../audit-log.ts';
import type { SqlCheck } from '../verify-checks.ts';

/** Without them the database takes changes of entries that it should refuse. A disabled one is a finding of `storage`. */
const triggers = `(VALUES ('audit_log', 'audit_log_is_append_only'), ('audit_log', 'audit_log_is_never_changed'),
  ('audit_head', 'audit_head_goes_forward'), ('audit_head', 'audit_head_is_never_deleted'))
  AS needed(table_name, trigger_name)`;

export const auditCheck: SqlCheck = {
  count: 'SELECT count(*) FROM audit_log',
  find: `WITH chain AS (
      SELECT *, lag(position, 1, 0::bigint) OVER (ORDER BY position) AS position_before,
        lag(hash, 1, '${emptyAuditHash}') OVER (ORDER BY position) AS hash_before
      FROM audit_log),
    counted AS (
      SELECT position, hash, encode(sha256(convert_to(hash_before || E'\\n' || position || E'\\n'
        || address_digest || E'\\n' || entry::text, 'UTF8')), 'hex') AS expected_hash FROM chain),
    addresses AS (
      SELECT position, address_digest,
        encode(sha256(convert_to(address_salt || address, 'UTF8')), 'hex') AS expected_digest FROM audit_log)
    SELECT 'entry ' || position, 'position ' || (position_before + 1), 'position ' || position
      FROM chain WHERE position <> position_before + 1
    UNION ALL
    SELECT 'entry ' || position, expected_hash, hash FROM counted WHERE hash <> expected_hash
    UNION ALL
    SELECT 'address of entry ' || position, address_digest, expected_digest
      FROM addresses WHERE expected_digest <> address_digest
    UNION ALL
    SELECT 'address of entry ' || position, 'address and salt, or neither',
        CASE WHEN address IS NULL THEN 'salt alone' ELSE 'address alone' END
      FROM audit_log WHERE (address IS NULL) <> (address_salt IS NULL)
    UNION ALL
    SELECT 'trigger ' || trigger_name || ' on ' || table_name, 'present', 'missing' FROM ${triggers}
      WHERE NOT EXISTS (SELECT 1 FROM pg_trigger
        WHERE tgrelid = table_name::regclass AND tgname = trigger_name)
    UNION ALL
    SELECT 'audit head', 'entry ' || head.position || ' ' || head.hash,
        coalesce('entry ' || last.position || ' ' || last.hash, 'no entry')
      FROM audit_head AS head
      LEFT JOIN (SELECT position, hash FROM audit_log ORDER BY position DESC LIMIT 1) AS last ON true
      WHERE (head.position, head.hash) IS DISTINCT FROM
        (coalesce(last.position, 0), coalesce(last.hash, '${emptyAuditHash}'))
    UNION ALL
    SELECT 'audit head', 'one', 'none' WHERE NOT EXISTS (SELECT 1 FROM audit_head)`,
};
