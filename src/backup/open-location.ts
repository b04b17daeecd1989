/** From an address to the location of backups. */
import { resolve } from 'node:path';
import { readFolderAddress } from '../objects/folder/folder-address.ts';
import { addressRule, folderKind, formsOf, kindOf, remoteKinds } from '../objects/store-kinds.ts';
import { sendsUnencrypted } from '../objects/transport-encryption.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import type { BackupLocation } from './backup-location.ts';
import { openFolderLocation } from './folder-location.ts';
import { openObjectLocation } from './object-location.ts';

export type LocationEnvironment = Readonly<Record<string, string | undefined>>;

/** For messages of the command line. */
export const locationForms = 'FOLDER, s3://…, https://…, gs://… or swebhdfs://…';

/**
 * @param address a folder, with or without `file:`, or the address of an object store
 * @param environment where the credentials are; never in the address, which others can see
 * @throws BackupRefusedError for the address, and ObjectStoreError for what the environment says of the store
 */
export function openLocation(address: string, environment: LocationEnvironment): BackupLocation {
  const kind = kindOf(address, remoteKinds);
  if (kind === undefined) return openFolderLocation(folderOf(address));
  if (kind.schemes.includes('webhdfs') && sendsUnencrypted(address)) {
    throw new BackupRefusedError(
      'A backup goes to HDFS by swebhdfs: (HTTPS), or by webhdfs: to a name node of this machine: a backup holds names and addresses.',
    );
  }
  const files = kind.openFiles(address, { environment });
  if (files !== null) return openObjectLocation(files.store, files.prefix);
  throw new BackupRefusedError(`This address must look like ${kind.form}, ${addressRule} (docs/BACKUP.md).`);
}

/** Another name with a colon is a path. */
function folderOf(address: string): string {
  const isFolder = kindOf(address, [folderKind]) !== undefined;
  const path = isFolder ? readFolderAddress(address)?.path : resolve(address);
  if (path !== undefined && (isFolder || !/^[a-z][a-z0-9+]+:\/\//i.test(address))) return path;
  throw new BackupRefusedError(`Backups go to a folder, or to ${formsOf(remoteKinds)}.`);
}
