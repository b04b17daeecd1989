/** The audit log: read on the serving thread, appended to by the writing one. */
import type { DatabaseSync } from 'node:sqlite';
import {
  type AuditDraft,
  type AuditEntry,
  type AuditHead,
  auditHash,
  type StoredAuditRow,
  toAuditEntry,
  toAuditRow,
} from '../audit-log.ts';

export const auditColumns =
  'position, entry, address_digest AS addressDigest, address, address_salt AS addressSalt, hash';

/** Appends within the transaction of the change that the drafts tell of. */
export type AppendAudit = (drafts: readonly AuditDraft[]) => void;

export function createAppendAudit(db: DatabaseSync): AppendAudit {
  const selectHead = db.prepare('SELECT position, hash FROM audit_head');
  const insert = db.prepare(`
    INSERT INTO audit_log (position, entry, address_digest, address, address_salt, hash) VALUES (?, ?, ?, ?, ?, ?)`);
  const moveHead = db.prepare('UPDATE audit_head SET position = ?, hash = ?');
  return (drafts) => {
    if (drafts.length === 0) return;
    let { position, hash } = selectHead.get() as unknown as AuditHead;
    for (const draft of drafts) {
      const row = toAuditRow(draft);
      position += 1;
      hash = auditHash(hash, position, row);
      insert.run(position, row.entry, row.addressDigest, row.address, row.addressSalt, hash);
    }
    moveHead.run(position, hash);
  };
}

/** Of entries that the holders of these orders have caused; the chain stays whole. To be called after {@link AppendAudit}. */
export function createEraseAddresses(db: DatabaseSync): (subjects: readonly string[]) => void {
  const erase = db.prepare(`
    UPDATE audit_log SET address = NULL, address_salt = NULL
    WHERE entry ->> 'subject' = ? AND entry ->> 'actor' = 'shopper' AND address IS NOT NULL`);
  return (subjects) => {
    for (const subject of subjects) erase.run(subject);
  };
}

export function createAuditReads(db: DatabaseSync) {
  const selectPage = db.prepare(
    `SELECT ${auditColumns} FROM audit_log WHERE position < ? ORDER BY position DESC LIMIT ?`,
  );
  const selectHead = db.prepare('SELECT position, hash FROM audit_head');
  return {
    readAudit: (beforePosition: number | null, limit: number): readonly AuditEntry[] =>
      (selectPage.all(beforePosition ?? Number.MAX_SAFE_INTEGER, limit) as unknown as StoredAuditRow[]).map(
        toAuditEntry,
      ),
    readAuditHead: (): AuditHead => ({ ...(selectHead.get() as unknown as AuditHead) }),
  };
}
