/**
 * Backups in a folder: one folder for each, made under another name and renamed when all of it is on disk.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../program/file-system.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import { type BackupLocation, partNames } from './backup-location.ts';
import { isBackupName } from './backup-name.ts';
import { makeFolderDurably, openFile, removeIfOld, syncPath } from './durable-files.ts';

/** The dot keeps it out of listings; the end says that it is no backup (any more). */
const draftName = (name: string) => `.${name}.part`;
const draftPattern = /^\.(nozama-.+)\.part$/;

export function openFolderLocation(folder: string): BackupLocation {
  const pathOf = (name: string) => join(folder, name);

  function entries(): readonly string[] {
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

  return {
    description: folder,

    list: async () =>
      entries()
        .filter(isBackupName)
        .sort()
        .map((name) => ({ name, isWhole: existsSync(join(pathOf(name), partNames.manifest)) })),

    async read(name, part) {
      const path = join(pathOf(name), part);
      const refused = (cause: unknown) =>
        new BackupRefusedError(`${path} can't be read: ${reasonOf(cause)}. Use another backup.`, { cause });
      try {
        return readOn(await openFile(path), refused);
      } catch (cause) {
        throw refused(cause);
      }
    },

    async begin(name) {
      const draft = pathOf(draftName(name));
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
        async commit(parts) {
          for (const part of parts) syncPath(join(draft, part));
          syncPath(draft);
          renameSync(draft, pathOf(name));
          syncPath(folder);
        },
        discard: () => rmSync(draft, { recursive: true, force: true }),
      };
    },

    async remove(name) {
      const leftover = pathOf(draftName(name));
      try {
        // Of a removal that was killed, or of one that another run is at.
        rmSync(leftover, { recursive: true, force: true });
        renameSync(pathOf(name), leftover);
        syncPath(folder);
        rmSync(leftover, { recursive: true, force: true });
      } catch (cause) {
        if (hasCode(cause, 'ENOENT')) return;
        throw new BackupRefusedError(`${name} can't be removed: ${reasonOf(cause)}.`, { cause });
      }
    },

    async removeLeftovers(nowMs) {
      for (const entry of entries()) {
        const path = join(folder, entry);
        if (!isBackupName(draftPattern.exec(entry)?.[1] ?? '')) continue;
        removeIfOld(path, nowMs);
      }
    },
  };
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
