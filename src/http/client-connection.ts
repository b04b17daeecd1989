/** How the client reaches us, where a proxy of ours may be between. */
import type { HttpDependencies } from './dependencies.ts';
import type { RequestContext } from './request-context.ts';

/** Whether the client talks TLS to us or to a proxy of ours. */
export function isSecure({ publicUrl, trustProxy }: HttpDependencies, { request }: RequestContext): boolean {
  if (publicUrl?.startsWith('https:') === true) return true;
  return trustProxy && forwardedProtocol(request.headers) === 'https';
}

/**
 * The scheme by which the client reached the first proxy, in lower case. X-Forwarded-Proto has no standard: proxies in
 * a row make a list of it, the first of which the client talked to, and some write it in capitals. Forwarded is its
 * standard (RFC 7239), and read when the other is missing.
 * @returns null when neither says it
 */
export function forwardedProtocol(headers: Pick<Headers, 'get'>): string | null {
  const listed = headers.get('x-forwarded-proto');
  if (listed === 'https' || listed === 'http') return listed;
  if (listed !== null) return (listed.split(',', 1)[0] ?? '').trim().toLowerCase();
  const forwarded = headers.get('forwarded');
  if (forwarded === null) return null;
  // One parameter after the other up to the first comma, each where the last one ended.
  const parameter = /[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:"((?:\\.|[^"\\])*)"|([^;,\s"]*))[ \t]*(?:;|,|$)/y;
  for (let found = parameter.exec(forwarded); found !== null; found = parameter.exec(forwarded)) {
    const [text, name = '', quoted, bare] = found;
    if (name.toLowerCase() === 'proto') return (quoted ?? bare ?? '').toLowerCase();
    if (!text.endsWith(';')) break;
  }
  return null;
}
