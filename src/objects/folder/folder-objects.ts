/**
 * Objects in a folder: one file each. A file is written under another name, brought to disk, and then gets its name: by a
 * hard link, which fails when the name is taken, or by renaming it over the old one.
 */
import { randomUUID } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, makeFolderDurably, syncFolder } from '../../program/file-system.ts';
import { compareNames } from '../object-name.ts';
import { type CreateOutcome, type ListedObject, type ObjectStore, objectBytesMax } from '../object-store.ts';
import { ObjectStoreError } from '../object-store-error.ts';
import { temporaryFolder } from '../store-below.ts';
import { linkUnlessThere } from './link-unless-there.ts';

/** @param root an absolute path; made when the first object is written */
export function openFolderObjects(root: string): ObjectStore {
  const pathOf = (name: string) => join(root, name);
  return {
    description: root,
    list: (prefix, after) => walk(root, prefix.slice(0, prefix.lastIndexOf('/') + 1), { prefix, after }),
    read: (name, bytesMax = objectBytesMax) => readFileAt(pathOf(name), bytesMax),
    write: (name, content) =>
      install(root, pathOf(name), content, async (temporary, path) => {
        await rename(temporary, path);
        syncFolder(dirname(path), process.platform);
      }),
    create: (name, content) => install(root, pathOf(name), content, createFile),
    async remove(name) {
      const path = pathOf(name);
      try {
        await unlink(path);
        syncFolder(dirname(path), process.platform);
      } catch (cause) {
        if (isAbsent(cause)) return;
        throw new ObjectStoreError(`${path} can't be removed: ${reasonOf(cause)}.`, { cause });
      }
    },
  };
}

interface Wanted {
  readonly prefix: string;
  readonly after: string | undefined;
}

/**
 * Goes down only into folders that may hold wanted names.
 * @param base of all names in this folder: empty, or with a slash at its end
 */
async function* walk(root: string, base: string, { prefix, after }: Wanted): AsyncGenerator<ListedObject> {
  for (const { key, isFolder } of await entriesOf(root, base)) {
    const isBehind = after === undefined || compareNames(key, after) > 0;
    if (isFolder) {
      const mayHold = key.startsWith(prefix) || prefix.startsWith(key);
      if (mayHold && (isBehind || after.startsWith(key))) yield* walk(root, key, { prefix, after });
    } else if (isBehind && key.startsWith(prefix)) {
      const found = await stat(join(root, key)).catch((cause) => {
        // It was removed meanwhile.
        if (isAbsent(cause)) return null;
        throw unreadable(join(root, key), cause);
      });
      if (found !== null) yield { name: key, bytes: found.size, changedAtMs: found.mtimeMs };
    }
  }
}

/** In the order in which their names, and the names within folders, follow each other. */
async function entriesOf(root: string, base: string) {
  let entries: readonly Dirent[];
  try {
    entries = await readdir(join(root, base), { withFileTypes: true });
  } catch (cause) {
    if (isAbsent(cause)) return [];
    throw unreadable(join(root, base), cause);
  }
  return entries
    .filter((entry) => entry.isDirectory() || entry.isFile())
    .map((entry) => {
      const isFolder = entry.isDirectory();
      return { key: `${base}${entry.name}${isFolder ? '/' : ''}`, isFolder };
    })
    .sort((a, b) => compareNames(a.key, b.key));
}

async function readFileAt(path: string, bytesMax: number): Promise<Uint8Array | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > bytesMax) {
        throw new ObjectStoreError(`${path} has ${size} bytes, but ${bytesMax} are read of it at most.`);
      }
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof ObjectStoreError) throw cause;
    if (isAbsent(cause)) return null;
    throw unreadable(path, cause);
  }
}

/** @param name gives the file its name, and brings the name to disk */
async function install<Outcome>(
  root: string,
  path: string,
  content: Uint8Array,
  name: (temporary: string, path: string) => Promise<Outcome>,
): Promise<Outcome> {
  const folder = join(root, temporaryFolder);
  const temporary = join(folder, randomUUID());
  try {
    // Other programs read what is in it: the umask says which.
    makeFolderDurably(dirname(path), 0o777);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o666);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return await name(temporary, path);
  } catch (cause) {
    if (cause instanceof ObjectStoreError) throw cause;
    throw new ObjectStoreError(writeProblem(root, path, cause), { cause });
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function createFile(temporary: string, path: string): Promise<CreateOutcome> {
  const outcome = await linkUnlessThere(temporary, path);
  if (outcome !== 'linked') return outcome;
  try {
    syncFolder(dirname(path), process.platform);
  } catch {
    // The name is there, but a power failure may take it.
    return 'unknown';
  }
  return 'created';
}

function writeProblem(root: string, path: string, cause: unknown): string {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].some((code) => hasCode(cause, code))
    ? `${root} has no room left for ${path}. Make room, or name another folder.`
    : `${path} can't be written: ${reasonOf(cause)}. Does the folder belong to this user?`;
}

function unreadable(path: string, cause: unknown): ObjectStoreError {
  return new ObjectStoreError(`${path} can't be read: ${reasonOf(cause)}.`, { cause });
}

/** Also when a folder has the name of the object, or a file that of a folder above it. */
function isAbsent(cause: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].some((code) => hasCode(cause, code));
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
