/** From an address to the location of backups, one branch per kind. */
import { resolve } from 'node:path';
import { openAzureFiles } from '../objects/azure/azure-files.ts';
import { openS3Files } from '../objects/s3/s3-files.ts';
import { isLoopback } from '../program/loopback.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import type { BackupLocation } from './backup-location.ts';
import { openFolderLocation } from './folder-location.ts';
import { openObjectLocation } from './object-location.ts';

/** Why a backup goes to no address that others can listen to. */
const secret = 'a backup holds names and addresses';

export type LocationEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * @param address a folder, `s3://bucket/prefix`, or the `https:` address of a container of Azure Blob Storage
 * @param environment where the credentials are; never in the address, which others can see
 * @throws BackupRefusedError for the address, and ObjectStoreError for what the environment says of the store
 */
export function openLocation(address: string, environment: LocationEnvironment): BackupLocation {
  if (address.startsWith('s3:')) {
    const { container, prefix } = readS3Address(address);
    return openObjectLocation(openS3Files(container, environment, { secret }), prefix);
  }
  if (/^https?:/.test(address)) {
    const { container, prefix } = readAzureAddress(address);
    return openObjectLocation(openAzureFiles(container, environment), prefix);
  }
  if (/^[a-z][a-z0-9+]+:\/\//i.test(address)) {
    throw new BackupRefusedError(
      'Backups go to a folder, to s3://BUCKET/PREFIX or to https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX.',
    );
  }
  return openFolderLocation(resolve(address));
}

interface ObjectAddress {
  readonly container: string;
  readonly prefix: string;
}

/** Characters that no store escapes; enough for a folder's name. */
const pathPattern = /^[\w.-]+(\/[\w.-]+)*$/;

function readS3Address(address: string): ObjectAddress {
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*?))?\/?$/.exec(address) ?? [];
  if (bucket !== undefined && (prefix === '' || pathPattern.test(prefix)))
    return { container: bucket, prefix };
  throw new BackupRefusedError(
    'An S3 address must look like s3://BUCKET/PREFIX, of letters, digits, ".", "-" and "_".',
  );
}

/** An emulator has the account in the path, where Azure has it in the host. */
function readAzureAddress(address: string): ObjectAddress {
  const refused = new BackupRefusedError(
    'An Azure address must look like https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX; a signature goes into AZURE_STORAGE_SAS_TOKEN.',
  );
  if (!URL.canParse(address)) throw refused;
  const { protocol, hostname, origin, pathname, search, username } = new URL(address);
  if (search !== '' || username !== '' || (protocol === 'http:' && !isLoopback(hostname))) throw refused;
  const path = pathname.replaceAll(/^\/|\/$/g, '');
  if (!pathPattern.test(path)) throw refused;
  const segments = path.split('/');
  const above = hostname.includes('.blob.') ? 1 : 2;
  if (segments.length < above) throw refused;
  const container = `${origin}/${segments.slice(0, above).join('/')}`;
  return { container, prefix: segments.slice(above).join('/') };
}
