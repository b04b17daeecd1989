/** Which addresses of stores send their data without encryption. */
import { isLoopback } from '../program/loopback.ts';
import { readWebhdfsAddress } from './webhdfs/webhdfs-address.ts';

/**
 * Whether other machines on the way could read the data that is sent to an address: by `http:` or `webhdfs:` to a host
 * other than this machine. A name node of this machine may name data nodes of this machine alone. Stores of S3 and Google are never opened without encryption, whatever their endpoint is.
 * @param address of a store of objects; one that can't be read counts as not encrypted
 */
export function sendsUnencrypted(address: string): boolean {
  if (/^webhdfs:/i.test(address)) {
    const { origins } = readWebhdfsAddress(address) ?? { origins: [] };
    return origins.length === 0 || !origins.every(isOnThisMachine);
  }
  return /^http:/i.test(address) && !isOnThisMachine(address);
}

function isOnThisMachine(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname);
}
