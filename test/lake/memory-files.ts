import type { TableFiles } from '../../src/events/lake/table-files.ts';

export interface MemoryFiles extends TableFiles {
  readonly contents: Map<string, { readonly bytes: Uint8Array; readonly changedAtMs: number }>;
}

/** A place in memory, as quick as a test of thousands of commits needs. The contract of test/lake/table-files.test.ts holds it. */
export function openMemoryFiles(nowMs: () => number = Date.now): MemoryFiles {
  const contents: MemoryFiles['contents'] = new Map();
  const put = (path: string, bytes: Uint8Array) => {
    contents.set(path, { bytes: bytes.slice(), changedAtMs: nowMs() });
  };
  return {
    description: 'memory',
    contents,
    read: async (path) => contents.get(path)?.bytes.slice() ?? null,
    async *list(folder) {
      for (const [path, { bytes, changedAtMs }] of [...contents])
        if (path.startsWith(folder)) yield { name: path, bytes: bytes.length, changedAtMs };
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
