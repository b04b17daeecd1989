/** Backups in an object store: objects `PREFIX/NAME/…`. The manifest is stored last and removed first. */
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileStore, StoredObject } from '../objects/file-store.ts';
import { BackupRefusedError } from '../storage/backup-copy.ts';
import { type BackupLocation, leftoverMs, partNames } from './backup-location.ts';
import { isBackupName } from './backup-name.ts';
import { removeIfOld } from './durable-files.ts';

/** @param prefix without a slash at either end; empty for none */
export function openObjectLocation(store: FileStore, prefix: string): BackupLocation {
  const base = prefix === '' ? '' : `${prefix}/`;
  const keyOf = (name: string, part: string) => `${base}${name}/${part}`;

  /** Objects by the backup they belong to. */
  async function backups(): Promise<ReadonlyMap<string, readonly StoredObject[]>> {
    const found = new Map<string, StoredObject[]>();
    for (const object of await store.list(`${base}nozama-`)) {
      const [name = '', part, ...deeper] = object.key.slice(base.length).split('/');
      if (!isBackupName(name) || part === undefined || deeper.length > 0) continue;
      found.set(name, [...(found.get(name) ?? []), object]);
    }
    return found;
  }

  const isWhole = (name: string, objects: readonly StoredObject[]) =>
    objects.some(({ key }) => key === keyOf(name, partNames.manifest));

  async function remove(name: string): Promise<void> {
    for (const part of [partNames.manifest, partNames.orderKey, partNames.database])
      await store.remove(keyOf(name, part));
  }

  return {
    description: store.description,

    list: async () =>
      [...(await backups())]
        .map(([name, objects]) => ({ name, isWhole: isWhole(name, objects) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),

    async read(name, part) {
      const body = await store.read(keyOf(name, part));
      if (body === null)
        throw new BackupRefusedError(`${name} is damaged: its ${part} is missing. Use another backup.`);
      return body;
    },

    async begin(name) {
      const folder = makeDraftFolder();
      return {
        folder,
        async commit(parts) {
          // In the order of the parts, of which the manifest is the last.
          const touching = touchRegularly(folder);
          try {
            for (const part of parts) await store.write(keyOf(name, part), join(folder, part));
          } finally {
            clearInterval(touching);
          }
        },
        discard: () => rmSync(folder, { recursive: true, force: true }),
      };
    },

    remove,

    async removeLeftovers(nowMs) {
      removeOldDraftFolders(nowMs);
      for (const [name, objects] of await backups()) {
        const isOld = objects.every(({ changedAtMs }) => nowMs - changedAtMs > leftoverMs);
        if (isOld && !isWhole(name, objects)) await remove(name);
      }
    },
  };
}

const draftPrefix = 'nozama-backup-';
const draftPattern = /^nozama-backup-[A-Za-z0-9]{6}$/;

/** Far below {@link leftoverMs}. */
const touchEveryMs = 60_000;

/** Storing a copy may take hours, in which the draft is not written to: it must not count as a leftover. */
function touchRegularly(folder: string): NodeJS.Timeout {
  return setInterval(() => {
    const now = new Date();
    // The draft may have been discarded meanwhile.
    if (existsSync(folder)) utimesSync(folder, now, now);
  }, touchEveryMs);
}

/** Removes the drafts of killed runs: each holds a whole shop, with names and addresses. */
function removeOldDraftFolders(nowMs: number): void {
  const user = process.getuid?.();
  for (const name of readdirSync(tmpdir()).filter((one) => draftPattern.test(one))) {
    const path = join(tmpdir(), name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() !== true || (user !== undefined && found.uid !== user)) continue;
    removeIfOld(path, nowMs);
  }
}

function makeDraftFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), draftPrefix));
  } catch (cause) {
    throw new BackupRefusedError(
      `No copy can be made in ${tmpdir()}: ${(cause as Error).message}. Name a folder with room for the shop in TMPDIR.`,
      { cause },
    );
  }
}
