/** The kinds of stores, one entry for each: the form of their addresses, and the stores of objects and of files there. */
import { readAzureStoreAddress } from './azure/azure-address.ts';
import { openAzureFiles } from './azure/azure-files.ts';
import { openAzureObjects } from './azure/azure-objects.ts';
import type { FileStore } from './file-store.ts';
import { readFolderAddress } from './folder/folder-address.ts';
import { openFolderObjects } from './folder/folder-objects.ts';
import { readGcsAddress } from './gcs/gcs-address.ts';
import { openGcsFiles } from './gcs/gcs-files.ts';
import { openGcsObjects } from './gcs/gcs-objects.ts';
import type { ObjectStore, ObjectStoreOptions } from './object-store.ts';
import { readS3Address } from './s3/s3-address.ts';
import { openS3Files } from './s3/s3-files.ts';
import { openS3Objects } from './s3/s3-objects.ts';
import { storeBelow } from './store-below.ts';
import { readWebhdfsAddress } from './webhdfs/webhdfs-address.ts';
import { openWebhdfsFiles } from './webhdfs/webhdfs-files.ts';
import { openWebhdfsObjects } from './webhdfs/webhdfs-objects.ts';

export interface StoreKind {
  /** Without the colon. */
  readonly schemes: readonly string[];
  /** An address in messages. */
  readonly form: string;
  /** Whether an address has this form. */
  isAddress(address: string): boolean;
  /** Objects below an address. @returns null when the address does not have this form @throws ObjectStoreError */
  openObjects(address: string, options: ObjectStoreOptions): ObjectStore | null;
  /** Files of any size, whose keys begin with the prefix. @returns null as {@link openObjects} @throws ObjectStoreError */
  openFiles(address: string, options: ObjectStoreOptions): FilesAt | null;
}

export interface FilesAt {
  readonly store: FileStore;
  /** Of all keys; without a slash at either end; empty for none. */
  readonly prefix: string;
}

interface KindParts<Address> {
  readonly schemes: readonly string[];
  readonly form: string;
  readonly read: (address: string) => Address | null;
  readonly objects: (address: Address, options: ObjectStoreOptions) => ObjectStore;
  readonly files: (address: Address, options: ObjectStoreOptions) => FileStore;
}

function kind<Address extends { readonly prefix: string }>(parts: KindParts<Address>): StoreKind {
  const { schemes, form, read, objects, files } = parts;
  return {
    schemes,
    form,
    isAddress: (text) => read(text) !== null,
    openObjects(text, options) {
      const address = read(text);
      return address === null ? null : storeBelow(objects(address, options), address.prefix);
    },
    openFiles(text, options) {
      const address = read(text);
      return address === null ? null : { store: files(address, options), prefix: address.prefix };
    },
  };
}

/** Stores that other machines reach. */
export const remoteKinds: readonly StoreKind[] = [
  kind({
    schemes: ['s3'],
    form: 's3://BUCKET/PREFIX',
    read: readS3Address,
    objects: ({ container }, options) => openS3Objects(container, options),
    files: ({ container }, options) => openS3Files(container, options),
  }),
  kind({
    schemes: ['abfss', 'azure', 'https', 'http'],
    form: 'abfss://CONTAINER@ACCOUNT/PREFIX (or https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX)',
    read: readAzureStoreAddress,
    objects: ({ container }, options) => openAzureObjects(container, options),
    files: ({ container }, options) => openAzureFiles(container, options),
  }),
  kind({
    schemes: ['gs'],
    form: 'gs://BUCKET/PREFIX',
    read: readGcsAddress,
    objects: ({ container }, options) => openGcsObjects(container, options),
    files: ({ container }, options) => openGcsFiles(container, options),
  }),
  kind({
    schemes: ['swebhdfs', 'webhdfs'],
    form: 'swebhdfs://NAMENODE:9871/FOLDER (webhdfs: without encryption; several name nodes with commas)',
    read: readWebhdfsAddress,
    objects: openWebhdfsObjects,
    files: openWebhdfsFiles,
  }),
];

/** A folder of this machine. Files are there by themselves. */
export const folderKind: Omit<StoreKind, 'openFiles'> = {
  schemes: ['file'],
  form: 'file:FOLDER',
  isAddress: (address) => readFolderAddress(address) !== null,
  openObjects(address) {
    const folder = readFolderAddress(address);
    return folder === null ? null : storeBelow(openFolderObjects(folder.path), folder.prefix);
  },
};

/** @returns undefined when no kind has the scheme of the address */
export function kindOf<Kind extends Pick<StoreKind, 'schemes'>>(
  address: string,
  kinds: readonly Kind[],
): Kind | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? '';
  return kinds.find(({ schemes }) => schemes.includes(scheme));
}

/** Such as `s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or file:FOLDER`. */
export function formsOf(kinds: readonly Pick<StoreKind, 'form'>[]): string {
  const forms = kinds.map(({ form }) => form);
  return `${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}`;
}

/** Begins behind "must look like FORM". */
export const addressRule =
  'of letters, digits, ".", "-", "_" and "="; credentials belong into the environment';
