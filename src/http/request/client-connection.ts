/** How the client reaches us, where a proxy of ours may be between. */
import { isIP } from 'node:net';
import type { HttpDependencies } from '../dependencies.ts';
import type { RequestContext } from './request-context.ts';

/** Whether the client talks TLS to us or to a proxy of ours. */
export function isSecure({ publicUrl, trustProxy }: HttpDependencies, { request }: RequestContext): boolean {
  if (publicUrl?.startsWith('https:') === true) return true;
  return trustProxy && forwardedProtocol(request.headers) === 'https';
}

/**
 * IP address of the client. With TRUST_PROXY it is the last one in X-Forwarded-For: that is what our proxy has seen and
 * added, while all before it is what the client claims. Without a usable one there it is the other end of the connection.
 */
export function clientAddress(
  { trustProxy }: Pick<HttpDependencies, 'trustProxy'>,
  {
    request,
    exchange,
  }: {
    readonly request: Request;
    readonly exchange: Pick<RequestContext['exchange'], 'peerAddress'>;
  },
): string | null {
  const forwarded = trustProxy ? lastForwardedAddress(request.headers) : null;
  const address = forwarded ?? exchange.peerAddress(request);
  // An IPv4 client of a socket for both versions (RFC 4291 §2.5.5.2).
  return address === null ? null : address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').toLowerCase();
}

/** Some proxies add a port, with brackets around an IPv6 address before it. Null for what is no address. */
function lastForwardedAddress(headers: Pick<Headers, 'get'>): string | null {
  const listed = headers.get('x-forwarded-for');
  if (listed === null) return null;
  const last = listed.slice(listed.lastIndexOf(',') + 1).trim();
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(last)?.[1] ?? /^([\d.]+):\d+$/.exec(last)?.[1] ?? last;
  return isIP(address) === 0 ? null : address;
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
