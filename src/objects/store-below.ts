/**
 * What all kinds of stores share: the prefix of the store's address, the bounds of names and contents, the order of
 * listings, and a folder for what is not an object yet.
 */
import { assertObjectName, compareNames } from './object-name.ts';
import { type ObjectStore, objectBytesMax } from './object-store.ts';
import { ObjectStoreError } from './object-store-error.ts';

/** Holds files that are being written, and objects that prove a store; listings leave it out. */
export const temporaryFolder = '.nozama-temporary/';

/** A temporary object of this age belongs to a process that was killed. */
const leftoverMs = 24 * 3_600_000;

/**
 * A view of the objects below a prefix, such as the table `orders` of a lake.
 * @param prefix of all names in `store`, without a slash at either end; empty for none
 */
export function storeBelow(store: ObjectStore, prefix: string): ObjectStore {
  const base = prefix === '' ? '' : `${prefix}/`;
  const keyOf = (name: string) => {
    assertObjectName(`${base}${name}`);
    return `${base}${name}`;
  };
  return {
    description: prefix === '' ? store.description : `${store.description}/${prefix}`,

    async *list(within, after) {
      // A prefix is the beginning of a name.
      keyOf(`${within}x`);
      let last = after === undefined ? null : `${base}${after}`;
      for await (const object of store.list(`${base}${within}`, last ?? undefined)) {
        if (last !== null && compareNames(object.name, last) <= 0) {
          throw new ObjectStoreError(
            `${store.description} does not list objects in the order of their names, as the lake needs it. Use another store.`,
          );
        }
        last = object.name;
        const name = object.name.slice(base.length);
        if (name.startsWith(temporaryFolder) && !within.startsWith(temporaryFolder)) continue;
        // Consoles of stores make such an object for a folder. It can't be the name of one of ours.
        if (name === '' || name.endsWith('/')) continue;
        yield { ...object, name };
      }
    },

    read: async (name, bytesMax = objectBytesMax) => store.read(keyOf(name), bytesMax),

    async write(name, content) {
      assertSize(name, content);
      await store.write(keyOf(name), content);
    },

    async create(name, content) {
      assertSize(name, content);
      return store.create(keyOf(name), content);
    },

    remove: async (name) => store.remove(keyOf(name)),
  };
}

function assertSize(name: string, { length }: Uint8Array): void {
  if (length <= objectBytesMax) return;
  throw new ObjectStoreError(
    `${name} has ${length} bytes, but an object may have ${objectBytesMax} at most.`,
  );
}

/**
 * Removes what killed processes have left.
 * @param nowMs by a clock that may be wrong by hours, but not by a day
 * @throws ObjectStoreError
 */
export async function removeLeftovers(store: ObjectStore, nowMs: number): Promise<void> {
  for await (const { name, changedAtMs } of store.list(temporaryFolder)) {
    if (nowMs - changedAtMs > leftoverMs) await store.remove(name);
  }
}
