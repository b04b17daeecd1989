/** The port of a store that keeps files of any size as objects, such as backups. */
import type { ListedObject } from './object-store.ts';

export interface StoredObject {
  readonly key: string;
  readonly changedAtMs: number;
}

/** Everything throws ObjectStoreError, in a sentence without credentials. */
export interface FileStore {
  readonly description: string;
  /** All objects whose keys begin with `prefix`. */
  list(prefix: string): Promise<readonly StoredObject[]>;
  /** Null when there is no such object. */
  read(key: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** The object is durable once this resolves; it is there whole or not at all. */
  write(key: string, path: string): Promise<void>;
  /** Succeeds also when there is no such object. */
  remove(key: string): Promise<void>;
}

/** All of a listing. */
export async function storedObjects(listed: AsyncIterable<ListedObject>): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for await (const { name, changedAtMs } of listed) objects.push({ key: name, changedAtMs });
  return objects;
}
