import { compareNames } from '../../src/objects/object-name.ts';
import type { ObjectStore } from '../../src/objects/object-store.ts';

export interface MemoryObjects extends ObjectStore {
  readonly contents: Map<string, { readonly bytes: Uint8Array; readonly changedAtMs: number }>;
}

/** A store in memory, as quick as a test of thousands of commits needs. test/lake/memory-objects.test.ts holds it to the port. */
export function openMemoryObjects(nowMs: () => number = Date.now): MemoryObjects {
  const contents: MemoryObjects['contents'] = new Map();
  const put = (path: string, bytes: Uint8Array) => {
    contents.set(path, { bytes: bytes.slice(), changedAtMs: nowMs() });
  };
  return {
    description: 'memory',
    contents,
    read: async (path) => contents.get(path)?.bytes.slice() ?? null,
    async *list(prefix, after) {
      for (const [name, { bytes, changedAtMs }] of [...contents].sort(([a], [b]) => compareNames(a, b))) {
        const isBehind = after === undefined || compareNames(name, after) > 0;
        if (isBehind && name.startsWith(prefix)) yield { name, bytes: bytes.length, changedAtMs };
      }
    },
    async create(path, bytes) {
      if (contents.has(path)) return 'exists';
      put(path, bytes);
      return 'created';
    },
    write: async (path, bytes) => put(path, bytes),
    async remove(path) {
      contents.delete(path);
    },
  };
}
