import { randomBytes } from 'node:crypto';
import type { RequestTrace } from '../../observability/tracing.ts';
import type { Exchange, PathParams } from '../../runtime/listener.ts';

/** A request on its way through the service. */
export interface RequestContext {
  readonly request: Request;
  readonly params: PathParams;
  /** As in the route table, such as `/orders/:order_id`; `asset` or `unknown` where none matches. */
  readonly route: string;
  /** The caller's X-Request-Id when well-formed, else ours. Safe in a header and in JSON as it is. */
  readonly requestId: string;
  /** Where this request is in a trace (W3C Trace Context): ours when it is traced, else as the caller gave it. */
  readonly traceparent: string | null;
  /** Null when it is not traced. */
  readonly trace: RequestTrace | null;
  readonly exchange: Exchange;
}

const requestIdPattern = /^[A-Za-z0-9._-]{1,128}$/;

/** Version 00, ids not all zeros. */
const traceparentPattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Unique across restarts by a random prefix, within a process by counting. */
export function createRequestIds(): () => string {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}-${count}`;
  };
}

export function requestIdOf(headers: Headers, newRequestId: () => string): string {
  const given = headers.get('x-request-id');
  return given !== null && requestIdPattern.test(given) ? given : newRequestId();
}

export function traceparentOf(headers: Headers): string | null {
  const given = headers.get('traceparent');
  return given !== null && traceparentPattern.test(given) ? given : null;
}
