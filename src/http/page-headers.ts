import { isSecure } from './client-connection.ts';
import type { HttpDependencies } from './dependencies.ts';
import type { RequestContext } from './request-context.ts';
import { pageSecurityHeaders, strictTransportSecurity } from './security-headers.ts';

const securePageHeaders = {
  ...pageSecurityHeaders,
  'strict-transport-security': strictTransportSecurity,
} as const;

/** The security headers of a page, with HSTS where the client talks TLS. */
export function pageHeaders(
  deps: HttpDependencies,
  context: RequestContext,
): Readonly<Record<string, string>> {
  return isSecure(deps, context) ? securePageHeaders : pageSecurityHeaders;
}
