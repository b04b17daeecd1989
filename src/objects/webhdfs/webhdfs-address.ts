import { readPrefix } from '../container-address.ts';

export interface WebhdfsAddress {
  /** Of the HTTP servers of the name nodes, such as `http://namenode:9870`; one or more, of one scheme. */
  readonly origins: readonly string[];
  /** From the root of the file system, with a slash in front. */
  readonly folder: string;
  readonly prefix: '';
}

/** The usual ports of name nodes in Hadoop 3. */
const ports = { http: '9870', https: '9871' };

/**
 * `webhdfs://HOST:PORT/FOLDER`; `swebhdfs:` for HTTPS. A host may be an IPv6 address in brackets. The name nodes of a
 * cluster that has several stand side by side with commas.
 * @returns null for any other text
 */
export function readWebhdfsAddress(address: string): WebhdfsAddress | null {
  const [, scheme, hosts = '', path = ''] = /^(s?webhdfs):\/\/([^/]+)(\/.*)$/i.exec(address) ?? [];
  const folder = readPrefix(path);
  if (scheme === undefined || folder === null || folder === '') return null;
  const protocol = scheme.toLowerCase() === 'swebhdfs' ? 'https' : 'http';
  const origins = hosts.split(',').map((host) => originOf(protocol, host));
  const known = origins.filter((origin) => origin !== null);
  return known.length === origins.length ? { origins: known, folder: `/${folder}`, prefix: '' } : null;
}

function originOf(protocol: 'http' | 'https', text: string): string | null {
  const [, host, port = ports[protocol]] = /^([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const origin = `${protocol}://${host}:${port}`;
  return host !== undefined && URL.canParse(origin) ? origin : null;
}
