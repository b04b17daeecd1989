import type { HttpDependencies } from '../dependencies.ts';
import { htmlType } from '../reply.ts';
import { isSecure } from '../request/client-connection.ts';
import type { RequestContext } from '../request/request-context.ts';
import { pageSecurityHeaders, strictTransportSecurity } from '../security-headers.ts';

const plainPageHeaders = { 'content-type': htmlType, ...pageSecurityHeaders } as const;

const securePageHeaders = {
  ...plainPageHeaders,
  'strict-transport-security': strictTransportSecurity,
} as const;

/** The media type and the security headers of a page, with HSTS where the client talks TLS. */
export function pageHeaders(
  deps: HttpDependencies,
  context: RequestContext,
): Readonly<Record<string, string>> {
  return isSecure(deps, context) ? securePageHeaders : plainPageHeaders;
}
