/** Backups in a folder: each is a folder, made under another name and renamed once all of it is on disk. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode, makeFolderDurably, syncPath } from '../program/file-system.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import {
  type BackupLocation,
  type Draft,
  type LocationEntry,
  type PartName,
  partNames,
} from './backup-location.ts';
import { isBackupName } from './backup-name.ts';
import { openFile, removeIfOld } from './durable-files.ts';

/** The dot keeps it out of listings. The ending says that it is no backup yet, or no more. */
const draftName = (name: string) => `.${name}.part`;
const draftPattern = /^\.(nozama-.+)\.part$/;

export function openFolderLocation(folder: string): BackupLocation {
  return {
    description: folder,
    list: async () => listIn(folder),
    read: (name, part) => readPart(join(folder, name, part)),
    begin: async (name) => beginIn(folder, name),
    remove: async (name) => removeFrom(folder, name),
    async removeLeftovers(nowMs) {
      for (const entry of entriesOf(folder)) {
        if (isBackupName(draftPattern.exec(entry)?.[1] ?? '')) removeIfOld(join(folder, entry), nowMs);
      }
    },
  };
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new BackupRefusedError(
      hasCode(cause, 'ENOENT')
        ? `${folder} does not exist: there are no backups.`
        : `${folder} can't be read: ${reasonOf(cause)}.`,
      { cause },
    );
  }
}

function listIn(folder: string): readonly LocationEntry[] {
  return entriesOf(folder)
    .filter(isBackupName)
    .sort()
    .map((name) => ({ name, isWhole: existsSync(join(folder, name, partNames.manifest)) }));
}

async function readPart(path: string): Promise<AsyncIterable<Uint8Array>> {
  const refused = (cause: unknown) =>
    new BackupRefusedError(`${path} can't be read: ${reasonOf(cause)}. Use another backup.`, { cause });
  try {
    return readOn(await openFile(path), refused);
  } catch (cause) {
    throw refused(cause);
  }
}

function beginIn(folder: string, name: string): Draft {
  const draft = join(folder, draftName(name));
  try {
    makeFolderDurably(folder);
    mkdirSync(draft, { mode: 0o700 });
  } catch (cause) {
    throw new BackupRefusedError(
      `No backup can be written into ${folder}: ${reasonOf(cause)}. Does it belong to this user, and has the disk room?`,
      { cause },
    );
  }
  return {
    folder: draft,
    async commit(parts: readonly PartName[]) {
      for (const part of parts) syncPath(join(draft, part));
      syncPath(draft);
      renameSync(draft, join(folder, name));
      syncPath(folder);
    },
    discard: () => rmSync(draft, { recursive: true, force: true }),
  };
}

function removeFrom(folder: string, name: string): void {
  const leftover = join(folder, draftName(name));
  try {
    // It remains when a removal was killed, or while another run removes it.
    rmSync(leftover, { recursive: true, force: true });
    renameSync(join(folder, name), leftover);
    syncPath(folder);
    rmSync(leftover, { recursive: true, force: true });
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return;
    throw new BackupRefusedError(`${name} can't be removed: ${reasonOf(cause)}.`, { cause });
  }
}

/** Reading may fail after opening has worked: a disk, a share, a folder where a file should be. */
async function* readOn(
  chunks: AsyncIterable<Uint8Array>,
  refused: (cause: unknown) => BackupRefusedError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (cause) {
    throw refused(cause);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
