/** Addresses of containers of Azure Blob Storage, and of Azure Data Lake Storage, which is the same store. */
import { isLoopback } from '../../program/loopback.ts';
import { type ContainerAddress, readPrefix } from '../container-address.ts';

/**
 * `https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX`. An emulator has the account in the path, where Azure has it
 * in the host.
 * @returns null for any other text; for one with a signature, too
 */
export function readAzureAddress(address: string): ContainerAddress | null {
  if (!URL.canParse(address)) return null;
  const { protocol, hostname, origin, pathname, search, username, password } = new URL(address);
  if (search !== '' || username !== '' || password !== '') return null;
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(hostname))) return null;
  const path = readPrefix(pathname);
  if (path === null || path === '') return null;
  const segments = path.split('/');
  const above = hostname.includes('.blob.') ? 1 : 2;
  if (segments.length < above) return null;
  const container = `${origin}/${segments.slice(0, above).join('/')}`;
  return { container, prefix: segments.slice(above).join('/') };
}

/**
 * `abfss://CONTAINER@ACCOUNT/PREFIX`, as Hadoop and Spark have it, and `azure:` in its place. The account may have its
 * domain: `ACCOUNT.dfs.core.windows.net`.
 * @returns null for any other text
 */
function readAbfssAddress(address: string): ContainerAddress | null {
  const [, name, account, domain = '.dfs.core.windows.net', path = ''] =
    /^(?:abfss|azure):\/\/([a-z0-9$-]{3,63})@([a-z0-9]{3,24})(\.(?:dfs|blob)(?:\.[a-z0-9-]+)+)?(\/.*)?$/.exec(
      address,
    ) ?? [];
  const prefix = readPrefix(path);
  if (name === undefined || prefix === null) return null;
  return { container: `https://${account}${domain.replace(/^\.dfs\./, '.blob.')}/${name}`, prefix };
}

/** Either form. @returns null for any other text */
export function readAzureStoreAddress(address: string): ContainerAddress | null {
  return /^https?:/i.test(address) ? readAzureAddress(address) : readAbfssAddress(address);
}
