/** What the audit log is told of a change that a request makes. */
import { actorOf } from '../../access/caller.ts';
import type { AuditDraft, AuditOrigin } from '../../storage/audit-log.ts';
import type { HttpDependencies } from '../dependencies.ts';
import type { AnyCall } from '../endpoint.ts';
import { clientAddress } from '../request/client-connection.ts';

type Asked = Pick<AnyCall, 'caller' | 'context'>;
type OriginDependencies = Pick<HttpDependencies, 'trustProxy'>;

/** Who asks, in which request, and from where: for writes that tell by themselves what they have changed. */
export function auditOriginOf(deps: OriginDependencies, { caller, context }: Asked): AuditOrigin {
  return {
    actor: actorOf(caller),
    keyId: caller.kind === 'key' ? caller.keyId : null,
    requestId: context.requestId,
    address: clientAddress(deps, context),
    detail: {},
  };
}

/**
 * Handed to the write of the store that makes the change, which appends it in the same transaction.
 * @param told `action` is a noun and a verb (`product.change`), `subject` a noun and an id; `detail` has no personal data
 */
export function auditOf(
  deps: OriginDependencies & Pick<HttpDependencies, 'nowMs'>,
  asked: Asked,
  told: Pick<AuditDraft, 'action' | 'subject'> & Partial<Pick<AuditDraft, 'detail'>>,
): AuditDraft {
  return { ...auditOriginOf(deps, asked), ...told, atMs: deps.nowMs() };
}
