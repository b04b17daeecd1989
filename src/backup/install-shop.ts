/**
 * Installs a restored shop over the files that are there, in a few renames, and undoes them when one of them fails.
 *
 * A marker file stands beside the database meanwhile: a program that finds it makes no new shop there. When a restore
 * is killed, its marker stays and says which files were moved where. The next restore first moves them back.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { hasCode, syncPath } from '../program/file-system.ts';
import { BackupRefusedError, restoreMarkerOf } from '../storage/backup-copy.ts';
import type { ShopFile } from '../storage/engine.ts';

export interface Installation {
  /** The shop to make. */
  readonly shop: ShopFile;
  /** The new database, on disk, in the same folder. */
  readonly draft: string;
  /** Content for the file with the secret; null for no file. */
  readonly orderKey: string | null;
  /** Whether a shop that is there already is moved aside. */
  readonly replaces: boolean;
  readonly nowMs: number;
}

/** `aside` is the new name of the database that was moved; `moved` are the endings of the files that were moved with it. */
const markerSchema = z.strictObject({ aside: z.string(), moved: z.array(z.string()) });

/** True also for a link that leads nowhere. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * @returns the new name of the shop that was there before; null when there was none
 * @throws BackupRefusedError and errors of the file system: then everything is as before, or the message says where
 * the files are now
 */
export function installShop({ shop, draft, orderKey, replaces, nowMs }: Installation): string | null {
  const { path: file, endings, orderKeyPath: orderKeyFile } = shop;
  const folder = dirname(file);
  const keyEnding = orderKeyFile.slice(file.length);
  const keyDraft = `${draft}${keyEnding}`;
  const aside = newAside(file, nowMs);
  const moved = replaces ? [...endings, keyEnding].filter((ending) => isThere(`${file}${ending}`)) : [];
  const installsKey = orderKey !== null && (replaces || !isThere(orderKeyFile));
  const marker = restoreMarkerOf(file);
  const installed: string[] = [];
  try {
    // A full disk or missing rights show here, before anything is moved.
    if (installsKey) writeFileSync(keyDraft, orderKey, { flag: 'wx', mode: 0o600, flush: true });
    const put = findWayToPut(draft);
    writeMarker(marker, { aside: basename(aside), moved });
    try {
      for (const ending of moved) renameSync(`${file}${ending}`, `${aside}${ending}`);
      syncPath(folder);
      if (installsKey) put(keyDraft, orderKeyFile);
      if (installsKey) installed.push(orderKeyFile);
      put(draft, file);
      installed.push(file);
      syncPath(folder);
      removeMarker(marker);
    } catch (error) {
      putBack(error, () => {
        for (const path of installed) rmSync(path);
        moveBack(file, aside, moved);
        removeMarker(marker);
      });
    }
    return moved.length === 0 ? null : aside;
  } finally {
    rmSync(keyDraft, { force: true });
  }

  function putBack(error: unknown, moveAllBack: () => void): never {
    try {
      moveAllBack();
    } catch (cause) {
      throw new BackupRefusedError(
        `The shop can't be installed (${reasonOf(error)}), nor the old one put back (${reasonOf(cause)}), which is ${aside} now: give its files their old names, then remove ${marker}.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** A restore that has been installing for longer counts as killed, in milliseconds; it takes a few renames. */
const installingMsMax = 5_000;

/**
 * Puts the old shop back when a restore was killed while it installed a new one.
 * @returns whether that was so
 * @throws BackupRefusedError when the marker does not say what the old files are called now
 */
export async function undoKilledRestore(file: string, nowMs: () => number): Promise<boolean> {
  const marker = restoreMarkerOf(file);
  for (;;) {
    const found = lstatSync(marker, { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (Math.abs(nowMs() - found.mtimeMs) > installingMsMax) break;
    await sleep(100);
  }
  undo(file, marker, nowMs());
  return true;
}

function undo(file: string, marker: string, nowMs: number): void {
  const { aside: name, moved } = readMarker(marker);
  const aside = join(dirname(file), name);
  // The shop that the killed restore has installed is not removed: an older program may have taken orders in it.
  const installedAside = newAside(file, nowMs);
  for (const ending of moved) {
    if (isThere(`${aside}${ending}`) && isThere(`${file}${ending}`))
      renameSync(`${file}${ending}`, `${installedAside}${ending}`);
  }
  moveBack(file, aside, moved);
  removeMarker(marker);
}

function moveBack(file: string, aside: string, moved: readonly string[]): void {
  for (const ending of moved.toReversed()) {
    if (!isThere(`${aside}${ending}`)) continue;
    if (isThere(`${file}${ending}`)) throw new Error(`${file}${ending} is there again`);
    renameSync(`${aside}${ending}`, `${file}${ending}`);
  }
  syncPath(dirname(file));
}

/** All files of a shop under one new name, so that it stays whole. */
function newAside(file: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '');
  const aside = `${file}.replaced-${stamp}`;
  const isTaken = readdirSync(dirname(file)).some((name) => name.startsWith(basename(aside)));
  return isTaken ? `${aside}-${randomBytes(3).toString('hex')}` : aside;
}

type Put = (draft: string, path: string) => void;

/** A link where files can have two names: unlike a rename, it never replaces a file that another process has made. */
function findWayToPut(draft: string): Put {
  const probe = `${draft}.probe`;
  try {
    linkSync(draft, probe);
    return (from, path) => notOver(path, () => linkSync(from, path));
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].some((code) => hasCode(error, code)))
      throw error;
    return putByRename;
  } finally {
    rmSync(probe, { force: true });
  }
}

/** Takes the name first, so that no other process can. The marker keeps services from the empty file meanwhile. */
function putByRename(draft: string, path: string): void {
  notOver(path, () => closeSync(openSync(path, 'wx', 0o600)));
  try {
    renameSync(draft, path);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function notOver(path: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new BackupRefusedError(
      `${path} has appeared meanwhile: was a service started? Stop it, look for orders that it has taken, and restore with --force.`,
      { cause: error },
    );
  }
}

function writeMarker(marker: string, content: z.infer<typeof markerSchema>): void {
  try {
    writeFileSync(marker, `${JSON.stringify(content)}\n`, { flag: 'wx', mode: 0o600, flush: true });
    syncPath(dirname(marker));
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) {
      rmSync(marker, { force: true });
      throw error;
    }
    throw new BackupRefusedError(`${marker} has appeared meanwhile: let the other restore end first.`, {
      cause: error,
    });
  }
}

function removeMarker(marker: string): void {
  rmSync(marker);
  syncPath(dirname(marker));
}

/** @throws BackupRefusedError when it does not say which files were moved */
function readMarker(marker: string): z.infer<typeof markerSchema> {
  const text = readFileSync(marker, 'utf8');
  // Files are moved only after the whole marker is on disk.
  if (!text.endsWith('\n')) return { aside: '', moved: [] };
  try {
    return markerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new BackupRefusedError(
      `${marker} can't be understood: a newer program's restore was killed. Restore with that, or give the files of the newest ….replaced-… their old names and remove ${marker}.`,
      { cause },
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
