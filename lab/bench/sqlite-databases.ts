/**
 * SQLite files. A database that holds orders is copied for each run; one larger than `freshCopyBytesMax` is
 * copied once for the whole benchmark and grows by what the runs place, which is little beside what it holds.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StoringSide } from './bench-options.ts';
import type { Databases, RunDatabase } from './databases.ts';
import {
  copyDatabase,
  describeFill,
  type FilledOriginal,
  findFilledDatabase,
  freshCopyBytesMax,
} from './filled-databases.ts';

/** @param keptFolder for databases that outlive this benchmark @param folder for those that do not */
export function createSqliteDatabases(bun: string, keptFolder: string, folder: string): Databases {
  const filled = new Map<string, FilledOriginal>();
  /** Copies of large databases used by all runs, with where the next run starts to count. */
  const sharedCopies = new Map<string, { readonly file: string; position: number }>();

  async function copyFor(key: string, original: FilledOriginal, runFile: string): Promise<RunDatabase> {
    const { pagePathsFile } = original;
    if (original.bytes <= freshCopyBytesMax) {
      await copyDatabase(original.file, runFile);
      return aDatabase(runFile, pagePathsFile, original.position);
    }
    let shared = sharedCopies.get(key);
    if (shared === undefined) {
      shared = { file: join(folder, `shared-${key.replace(' ', '-')}.db`), position: original.position };
      for (const suffix of ['-wal', '-shm']) rmSync(shared.file + suffix, { force: true });
      await copyDatabase(original.file, shared.file);
      sharedCopies.set(key, shared);
    }
    const { file, position } = shared;
    const copy = shared;
    return {
      ...aDatabase(file, pagePathsFile, position),
      async close(endPosition) {
        if (endPosition !== null) copy.position = endPosition;
      },
    };
  }

  return {
    settings: {},
    async fill(side: StoringSide, orders: number) {
      const original = await findFilledDatabase(bun, keptFolder, side, orders);
      filled.set(`${side} ${orders}`, original);
      return describeFill(side, original);
    },
    async open(side: StoringSide, ordersStored: number, runFolder: string) {
      const key = `${side} ${ordersStored}`;
      const original = filled.get(key);
      const runFile = join(runFolder, `${side}.db`);
      if (ordersStored > 0 && original !== undefined) return copyFor(key, original, runFile);
      return aDatabase(runFile, null, 0);
    },
    stop: async () => {},
  };
}

function aDatabase(file: string, pagePathsFile: string | null, position: number): RunDatabase {
  return {
    url: `sqlite:${file}`,
    pagePathsFile,
    position,
    serverPid: null,
    settle: async () => {},
    readWork: async () => null,
    close: async () => {},
  };
}
