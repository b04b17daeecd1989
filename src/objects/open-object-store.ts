/** From an address to the store of its objects: one entry for each kind of store. */
import { readAzureStoreAddress } from './azure/azure-address.ts';
import { openAzureObjects } from './azure/azure-objects.ts';
import { readFolderAddress } from './folder/folder-address.ts';
import { openFolderObjects } from './folder/folder-objects.ts';
import { readGcsAddress } from './gcs/gcs-address.ts';
import { openGcsObjects } from './gcs/gcs-objects.ts';
import type { ObjectStore, ObjectStoreOptions } from './object-store.ts';
import { ObjectStoreError } from './object-store-error.ts';
import { readS3Address } from './s3/s3-address.ts';
import { openS3Objects } from './s3/s3-objects.ts';
import { storeBelow } from './store-below.ts';
import { readWebhdfsAddress } from './webhdfs/webhdfs-address.ts';
import { openWebhdfsObjects } from './webhdfs/webhdfs-objects.ts';

interface StoreKind {
  /** Without the colon. */
  readonly schemes: readonly string[];
  /** What an address looks like. */
  readonly form: string;
  /** @returns null when the address does not have this form */
  readonly open: (address: string, options: ObjectStoreOptions) => ObjectStore | null;
}

/** @param read gives the container of an address, and the prefix below it */
function kind<Address extends { readonly prefix: string }>(
  schemes: readonly string[],
  form: string,
  read: (address: string) => Address | null,
  open: (address: Address, options: ObjectStoreOptions) => ObjectStore,
): StoreKind {
  return {
    schemes,
    form,
    open(text, options) {
      const address = read(text);
      return address === null ? null : storeBelow(open(address, options), address.prefix);
    },
  };
}

const kinds: readonly StoreKind[] = [
  kind(['file'], 'file:FOLDER', readFolderAddress, ({ path }) => openFolderObjects(path)),
  kind(['s3'], 's3://BUCKET/PREFIX', readS3Address, ({ container }, options) =>
    openS3Objects(container, options),
  ),
  kind(
    ['abfss', 'azure', 'https', 'http'],
    'abfss://CONTAINER@ACCOUNT/PREFIX (or https://ACCOUNT.blob.core.windows.net/CONTAINER/PREFIX)',
    readAzureStoreAddress,
    ({ container }, options) => openAzureObjects(container, options),
  ),
  kind(['gs'], 'gs://BUCKET/PREFIX', readGcsAddress, ({ container }, options) =>
    openGcsObjects(container, options),
  ),
  kind(
    ['webhdfs', 'swebhdfs'],
    'webhdfs://NAMENODE:9870/FOLDER (swebhdfs: for HTTPS, and several name nodes with commas)',
    readWebhdfsAddress,
    openWebhdfsObjects,
  ),
];

/**
 * @param address such as `s3://bucket/shop`; credentials in it are refused, and never shown
 * @param setting the name that messages give the address, such as `LAKE_URL`
 * @throws ObjectStoreError for a wrong address, and without credentials
 */
export function openObjectStore(address: string, setting: string, options: ObjectStoreOptions): ObjectStore {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? '';
  const found = kinds.find(({ schemes }) => schemes.includes(scheme));
  if (found === undefined) {
    const forms = kinds.map(({ form }) => form);
    throw new ObjectStoreError(
      `${setting} must look like ${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}.`,
    );
  }
  const store = found.open(address, options);
  if (store !== null) return store;
  throw new ObjectStoreError(
    `${setting} must look like ${found.form}, of letters, digits, ".", "-", "_" and "="; credentials belong into the environment (docs/CONFIGURATION.md).`,
  );
}
