import { readPrefix } from '../container-address.ts';

export interface WebhdfsAddress {
  /** Of the name node's HTTP server, such as `http://namenode:9870`. */
  readonly origin: string;
  /** From the root of the file system, with a slash in front. */
  readonly folder: string;
  readonly prefix: '';
}

/** The usual ports of name nodes in Hadoop 3. */
const ports = { webhdfs: '9870', swebhdfs: '9871' };

/** `webhdfs://HOST:PORT/FOLDER`; `swebhdfs:` for HTTPS. A host may be an IPv6 address in brackets. @returns null for any other text */
export function readWebhdfsAddress(address: string): WebhdfsAddress | null {
  const [, scheme, host, port, path = ''] =
    /^(s?webhdfs):\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?(\/.*)$/i.exec(address) ?? [];
  const folder = readPrefix(path);
  if (scheme === undefined || folder === null || folder === '') return null;
  const isSecure = scheme.toLowerCase() === 'swebhdfs';
  const origin = `${isSecure ? 'https' : 'http'}://${host}:${port ?? ports[isSecure ? 'swebhdfs' : 'webhdfs']}`;
  return URL.canParse(origin) ? { origin, folder: `/${folder}`, prefix: '' } : null;
}
