/** What the audit log is told of a change that a request makes. */
import { actorOf } from '../access/caller.ts';
import type { AuditDraft } from '../storage/audit-log.ts';
import { clientAddress } from './client-connection.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { AnyCall } from './endpoint.ts';

/**
 * Handed to the write of the store that makes the change, which appends it in the same transaction.
 * @param told `action` is a noun and a verb (`product.update`), `subject` a noun and an id; `detail` has no personal data
 */
export function auditOf(
  deps: Pick<HttpDependencies, 'nowMs' | 'trustProxy'>,
  { caller, context }: Pick<AnyCall, 'caller' | 'context'>,
  told: Pick<AuditDraft, 'action' | 'subject'> & Partial<Pick<AuditDraft, 'detail'>>,
): AuditDraft {
  return {
    atMs: deps.nowMs(),
    actor: actorOf(caller),
    keyId: caller.kind === 'key' ? caller.keyId : null,
    detail: {},
    ...told,
    requestId: context.requestId,
    address: clientAddress(deps, context),
  };
}
