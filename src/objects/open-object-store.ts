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
  const kind = kindOf(address, kinds);
  if (kind === undefined) throw new ObjectStoreError(`${setting} must look like ${formsOf(kinds)}.`);
  const store = kind.openObjects(address, options);
  if (store !== null) return store;
  throw new ObjectStoreError(
    `${setting} must look like ${kind.form}, ${addressRule} (docs/CONFIGURATION.md).`,
  );
}
