import type { ObjectStore, ObjectStoreOptions } from './object-store.ts';
import { ObjectStoreError } from './object-store-error.ts';
import { addressRule, folderKind, formsOf, kindOf, remoteKinds } from './store-kinds.ts';

const kinds = [folderKind, ...remoteKinds];

/**
 * From an address to the store of its objects.
 * @param address such as `s3://bucket/shop`; credentials in it are refused, and never shown
 * @param setting the name that messages give the address, such as `LAKE_URL`
 * @throws ObjectStoreError for a wrong address, and without credentials
 */
export function openObjectStore(address: string, setting: string, options: ObjectStoreOptions): ObjectStore {
  const store = kindOfStore(address, setting).openObjects(address, options);
  if (store === null) throw wrongForm(address, setting);
  return store;
}

/** Looks for no credentials. @throws ObjectStoreError for a wrong address */
export function assertStoreAddress(address: string, setting: string): void {
  if (!kindOfStore(address, setting).isAddress(address)) throw wrongForm(address, setting);
}

function kindOfStore(address: string, setting: string): (typeof kinds)[number] {
  const kind = kindOf(address, kinds);
  if (kind === undefined) throw new ObjectStoreError(`${setting} must look like ${formsOf(kinds)}.`);
  return kind;
}

function wrongForm(address: string, setting: string): ObjectStoreError {
  const { form } = kindOfStore(address, setting);
  return new ObjectStoreError(`${setting} must look like ${form}, ${addressRule} (docs/CONFIGURATION.md).`);
}
