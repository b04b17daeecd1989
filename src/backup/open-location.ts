/** From an address to the location of backups: one entry for each kind of store. */
import { resolve } from 'node:path';
import { readAzureStoreAddress } from '../objects/azure/azure-address.ts';
import { openAzureFiles } from '../objects/azure/azure-files.ts';
import type { FileStore } from '../objects/file-store.ts';
import { readGcsAddress } from '../objects/gcs/gcs-address.ts';
import { openGcsFiles } from '../objects/gcs/gcs-files.ts';
import { readS3Address } from '../objects/s3/s3-address.ts';
import { openS3Files } from '../objects/s3/s3-files.ts';
import { sendsUnencrypted } from '../objects/transport-encryption.ts';
import { readWebhdfsAddress } from '../objects/webhdfs/webhdfs-address.ts';
import { openWebhdfsFiles } from '../objects/webhdfs/webhdfs-files.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import type { BackupLocation } from './backup-location.ts';
import { openFolderLocation } from './folder-location.ts';
import { openObjectLocation } from './object-location.ts';

/** Why a backup goes to no address that others can listen to. */
const secret = 'a backup holds names and addresses';

export type LocationEnvironment = Readonly<Record<string, string | undefined>>;

interface LocationKind {
  /** Without the colon. */
  readonly schemes: readonly string[];
  /** What an address looks like. */
  readonly form: string;
  /** @returns null when the address does not have this form */
  readonly open: (address: string, environment: LocationEnvironment) => BackupLocation | null;
}

function kind<Address extends { readonly prefix: string }>(
  schemes: readonly string[],
  form: string,
  read: (address: string) => Address | null,
  open: (address: Address, environment: LocationEnvironment) => FileStore,
): LocationKind {
  return {
    schemes,
    form,
    open(text, environment) {
      const address = read(text);
      return address === null ? null : openObjectLocation(open(address, environment), address.prefix);
    },
  };
}

const kinds: readonly LocationKind[] = [
  kind(['s3'], 's3://BUCKET/PREFIX', readS3Address, ({ container }, environment) =>
    openS3Files(container, environment, { secret }),
  ),
  kind(
    ['https', 'http', 'abfss', 'azure'],
    'https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX (or abfss://CONTAINER@ACCOUNT/PREFIX)',
    readAzureStoreAddress,
    ({ container }, environment) => openAzureFiles(container, environment),
  ),
  kind(['gs'], 'gs://BUCKET/PREFIX', readGcsAddress, ({ container }, environment) =>
    openGcsFiles(container, { environment }),
  ),
  kind(
    ['swebhdfs', 'webhdfs'],
    'swebhdfs://NAMENODE:9871/FOLDER (several name nodes with commas)',
    readWebhdfsAddress,
    (address, environment) => openWebhdfsFiles(address, { environment }),
  ),
];

/** For messages of the command line. */
export const locationForms = 'FOLDER, s3://…, https://…, gs://… or swebhdfs://…';

/**
 * @param address a folder, or the address of an object store as in {@link kinds}
 * @param environment where the credentials are; never in the address, which others can see
 * @throws BackupRefusedError for the address, and ObjectStoreError for what the environment says of the store
 */
export function openLocation(address: string, environment: LocationEnvironment): BackupLocation {
  const scheme = /^([a-z][a-z0-9+]+):/i.exec(address)?.[1]?.toLowerCase() ?? '';
  const found = kinds.find(({ schemes }) => schemes.includes(scheme));
  if (found === undefined) {
    if (!/^[a-z][a-z0-9+]+:\/\//i.test(address)) return openFolderLocation(resolve(address));
    const forms = kinds.map(({ form }) => form);
    throw new BackupRefusedError(
      `Backups go to a folder, to ${forms.slice(0, -1).join(', to ')} or to ${forms.at(-1)}.`,
    );
  }
  if (found.schemes.includes('webhdfs') && sendsUnencrypted(address)) {
    throw new BackupRefusedError(
      `A backup goes to HDFS by swebhdfs: (HTTPS), or by webhdfs: to a name node of this machine: ${secret}.`,
    );
  }
  const location = found.open(address, environment);
  if (location !== null) return location;
  throw new BackupRefusedError(
    `This address must look like ${found.form}, of letters, digits, ".", "-", "_" and "="; credentials belong into the environment (docs/BACKUP.md).`,
  );
}
