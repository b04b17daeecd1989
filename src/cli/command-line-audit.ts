/** What the audit log is told of a change that a command makes: by which user, and on which machine. */
import { hostname, userInfo } from 'node:os';
import { actorOf, commandLine } from '../access/caller.ts';
import type { AuditDraft } from '../storage/audit-log.ts';

export function auditOfCommand(
  told: Pick<AuditDraft, 'action' | 'subject'> & Partial<Pick<AuditDraft, 'detail'>>,
): AuditDraft {
  return {
    atMs: Date.now(),
    actor: actorOf(commandLine),
    keyId: null,
    ...told,
    detail: { ...told.detail, user: userName(), host: hostname() },
    requestId: null,
    address: null,
  };
}

/** A user id without an entry in the machine's list, as containers have them, has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
