/**
 * Puts a restored shop in place of what is there, in a few renames, and takes them back when one of them fails.
 *
 * While it does so there is a marker beside the database: a program that finds it makes no new shop there. One that a
 * killed process has left says what was moved where, so that the next restore puts that back before anything else.
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
import { hasCode } from '../program/file-system.ts';
import { BackupRefusedError, restoreMarkerOf } from '../storage/backup-copy.ts';
import { syncPath } from './durable-files.ts';

/** A database and what SQLite keeps beside it. */
export const databaseEndings = ['', '-wal', '-shm', '-journal'];

export interface Placement {
  /** The database file to make. */
  readonly file: string;
  /** `file` and something more. */
  readonly orderKeyFile: string;
  /** The new database, on disk, in the same folder. */
  readonly draft: string;
  /** What the file with the secret shall hold; null for no file. */
  readonly orderKey: string | null;
  /** Whether what is there already is moved aside. */
  readonly replaces: boolean;
  readonly nowMs: number;
}

/** Of all names only what comes after the one of the database or of what was moved aside. */
const markerSchema = z.strictObject({ aside: z.string(), moved: z.array(z.string()) });

/** Also when it is a link that leads nowhere. */
export function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/**
 * @returns where the shop that was there is now; null when there was none
 * @throws BackupRefusedError and errors of the file system: then everything is as it was, or the message says where
 */
export function placeShop({
  file,
  orderKeyFile,
  draft,
  orderKey,
  replaces,
  nowMs,
}: Placement): string | null {
  const folder = dirname(file);
  const keyEnding = orderKeyFile.slice(file.length);
  const keyDraft = `${draft}${keyEnding}`;
  const aside = newAside(file, nowMs);
  const moved = replaces
    ? [...databaseEndings, keyEnding].filter((ending) => isThere(`${file}${ending}`))
    : [];
  const placesKey = orderKey !== null && (replaces || !isThere(orderKeyFile));
  const marker = restoreMarkerOf(file);
  const placed: string[] = [];
  try {
    // What may fail for want of room or rights fails before anything is moved.
    if (placesKey) writeFileSync(keyDraft, orderKey, { flag: 'wx', mode: 0o600, flush: true });
    const put = findWayToPut(draft);
    writeMarker(marker, { aside: basename(aside), moved });
    try {
      for (const ending of moved) renameSync(`${file}${ending}`, `${aside}${ending}`);
      syncPath(folder);
      if (placesKey) put(keyDraft, orderKeyFile);
      if (placesKey) placed.push(orderKeyFile);
      put(draft, file);
      placed.push(file);
      syncPath(folder);
      removeMarker(marker);
    } catch (error) {
      putBack(error, () => {
        for (const path of placed) rmSync(path);
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
        `The shop can't be put in place (${reasonOf(error)}), nor what was there before (${reasonOf(cause)}), which is ${aside} now: give its files their old names, then remove ${marker}.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** How long a restore may be about to place its shop before it counts as killed, in milliseconds; a few renames. */
const placingMsMax = 5_000;

/**
 * @returns whether a restore had been killed while it placed a shop; then what was there before is there again
 * @throws BackupRefusedError when it can't be told what that was
 */
export async function undoKilledRestore(file: string, nowMs: () => number): Promise<boolean> {
  const marker = restoreMarkerOf(file);
  for (;;) {
    const found = lstatSync(marker, { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (Math.abs(nowMs() - found.mtimeMs) > placingMsMax) break;
    await sleep(100);
  }
  undo(file, marker, nowMs());
  return true;
}

function undo(file: string, marker: string, nowMs: number): void {
  const { aside: name, moved } = readMarker(marker);
  const aside = join(dirname(file), name);
  // What the killed one has put there is not removed: perhaps an older program has taken orders in it.
  const placedAside = newAside(file, nowMs);
  for (const ending of moved) {
    if (isThere(`${aside}${ending}`) && isThere(`${file}${ending}`))
      renameSync(`${file}${ending}`, `${placedAside}${ending}`);
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

/** Where files can have two names, a link: unlike a rename, it never takes the place of what another process has made. */
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

/** The name is taken first, which nobody else can then; the marker keeps services from what has it meanwhile. */
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
      `${path} has appeared meanwhile: was a service started? Stop it, look at what it has taken, and restore with --force.`,
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

/** @throws BackupRefusedError when nobody can say what was moved */
function readMarker(marker: string): z.infer<typeof markerSchema> {
  const text = readFileSync(marker, 'utf8');
  // It is on disk, whole, before anything is moved.
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
