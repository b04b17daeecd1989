/** Cross-origin callers by a configured list (Fetch standard, CORS protocol). Never with credentials. */
import type { Method } from '../runtime/listener.ts';

const allowHeaders =
  'Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Order-Key, X-Request-Id, traceparent';
const exposeHeaders =
  'Location, ETag, Link, Idempotent-Replayed, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id';
const preflightSeconds = '600';

export interface Cors {
  /** Whether any origin is listed; then answers vary by it. */
  readonly isOn: boolean;
  /** To be added to an answer; null when the caller is no listed origin. */
  headersFor(request: Request): Readonly<Record<string, string>> | null;
  preflightHeaders(request: Request, allowed: readonly Method[]): Readonly<Record<string, string>>;
}

export function createCors(origins: readonly string[]): Cors {
  const headersByOrigin = new Map(
    origins.map((origin) => [
      origin,
      { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposeHeaders },
    ]),
  );
  const headersFor = (request: Request) => {
    const origin = request.headers.get('origin');
    return origin === null ? null : (headersByOrigin.get(origin) ?? null);
  };
  return {
    isOn: headersByOrigin.size > 0,
    headersFor,
    preflightHeaders(request, allowed) {
      if (headersFor(request) === null) return {};
      return {
        'access-control-allow-methods': allowed.join(', '),
        'access-control-allow-headers': allowHeaders,
        'access-control-max-age': preflightSeconds,
      };
    },
  };
}
