/** What the audit log is told of a change that a command makes: by which user, and on which machine. */
import { hostname, userInfo } from 'node:os';
import { actorOf, commandLine } from '../access/caller.ts';
import type { AuditDraft, AuditOrigin } from '../storage/audit-log.ts';

export function auditOriginOfCommand(): AuditOrigin {
  const detail = { user: userName(), host: hostname() };
  return { actor: actorOf(commandLine), keyId: null, requestId: null, address: null, detail };
}

export function auditOfCommand(
  told: Pick<AuditDraft, 'action' | 'subject'> & Partial<Pick<AuditDraft, 'detail'>>,
): AuditDraft {
  const origin = auditOriginOfCommand();
  return { ...origin, ...told, atMs: Date.now(), detail: { ...told.detail, ...origin.detail } };
}

/** A user id without an entry in the machine's list, as containers have them, has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
