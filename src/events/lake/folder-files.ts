/**
 * A table in a folder of this machine, or of a file system that has hard links.
 *
 * A file is written under a name that nobody reads, brought to disk, and then linked (`create`) or renamed (`write`) to its
 * own. `link(2)` fails when the name is taken, which makes it the fence between writers.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode, makeFolder, syncFolder } from '../../program/file-system.ts';
import { LakeRefusedError } from './lake-refused-error.ts';
import type { Created, FileEntry, TableFiles } from './table-files.ts';

/** Of files that are being written; a crash leaves some. The dot hides them from readers of tables. */
const draftPattern = /^\.nozama-.+\.part$/;

export function isDraft(path: string): boolean {
  return draftPattern.test(basename(path));
}

/** @param folder of the table; it is made with its first file */
export function openFolderFiles(folder: string): TableFiles {
  const at = (path: string) => join(folder, ...path.split('/'));
  return {
    description: folder,
    read: (path) => telling(folder, 'read', () => readIfThere(at(path))),
    list: (below) => listBelow(folder, below),
    create: (path, bytes) => telling(folder, 'written', () => createAt(at(path), bytes)),
    write: (path, bytes) => telling(folder, 'written', () => writeAt(at(path), bytes)),
    remove: (path) => telling(folder, 'written', () => rm(at(path), { force: true })),
  };
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

async function createAt(path: string, bytes: Uint8Array): Promise<Created> {
  const draft = await writeDraft(path, bytes);
  try {
    await link(draft, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return 'exists';
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].some((code) => hasCode(error, code)))
      throw new LakeRefusedError(
        `${dirname(path)} is on a file system without hard links, by which two writers are kept apart. Name a folder on another one.`,
        { cause: error },
      );
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  syncFolder(dirname(path), process.platform);
  return 'created';
}

async function writeAt(path: string, bytes: Uint8Array): Promise<void> {
  const draft = await writeDraft(path, bytes);
  try {
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(path), process.platform);
}

async function writeDraft(path: string, bytes: Uint8Array): Promise<string> {
  const folder = dirname(path);
  syncNewFolders(folder);
  const draft = join(folder, `.nozama-${randomUUID()}.part`);
  try {
    const file = await open(draft, 'wx', 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return draft;
}

/** Makes the folder and those above it, and brings the names of the new ones to disk. */
function syncNewFolders(folder: string): void {
  const first = makeFolder(folder, 0o755);
  if (first === null) return;
  for (let made = folder; ; made = dirname(made)) {
    syncFolder(dirname(made), process.platform);
    if (made === first) return;
  }
}

async function* listBelow(folder: string, below: string): AsyncIterable<FileEntry> {
  const here = join(folder, ...below.split('/'));
  const entries = await telling(folder, 'read', async () => {
    try {
      return await readdir(here, { withFileTypes: true });
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  });
  for (const entry of entries) {
    const path = `${below}${entry.name}`;
    if (entry.isDirectory()) yield* listBelow(folder, `${path}/`);
    else {
      // It may be gone since.
      const found = await stat(join(here, entry.name)).catch(() => null);
      if (found !== null) yield { name: path, bytes: found.size, changedAtMs: Math.floor(found.mtimeMs) };
    }
  }
}

/** Makes a sentence of a failure of the file system. */
async function telling<Result>(
  folder: string,
  done: 'read' | 'written',
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof LakeRefusedError || !(cause instanceof Error) || !('code' in cause)) throw cause;
    const isFull = ['ENOSPC', 'EDQUOT'].some((code) => hasCode(cause, code));
    throw new LakeRefusedError(
      isFull
        ? `${folder} has no room left. Make room, or name another folder.`
        : `${folder} can't be ${done}: ${cause.message}. Does it belong to this user?`,
      { cause },
    );
  }
}
