/** From an address to the location of backups, one branch per kind. */
import { resolve } from 'node:path';
import { readAzureAddress } from '../objects/azure/azure-address.ts';
import { openAzureFiles } from '../objects/azure/azure-files.ts';
import { readS3Address } from '../objects/s3/s3-address.ts';
import { openS3Files } from '../objects/s3/s3-files.ts';
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
    const found = readS3Address(address);
    if (found === null) {
      throw new BackupRefusedError(
        'An S3 address must look like s3://BUCKET/PREFIX, of letters, digits, ".", "-" and "_".',
      );
    }
    const { container, prefix } = found;
    return openObjectLocation(openS3Files(container, environment, { secret }), prefix);
  }
  if (/^https?:/.test(address)) {
    const found = readAzureAddress(address);
    if (found === null) {
      throw new BackupRefusedError(
        'An Azure address must look like https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX; a signature goes into AZURE_STORAGE_SAS_TOKEN.',
      );
    }
    const { container, prefix } = found;
    return openObjectLocation(openAzureFiles(container, environment), prefix);
  }
  if (/^[a-z][a-z0-9+]+:\/\//i.test(address)) {
    throw new BackupRefusedError(
      'Backups go to a folder, to s3://BUCKET/PREFIX or to https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX.',
    );
  }
  return openFolderLocation(resolve(address));
}
