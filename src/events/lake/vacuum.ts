/**
 * Removes what no reader needs any more: data files that the table has not named for a while, and versions of its log that
 * a checkpoint stands for.
 */

import type { ListedObject } from '../../objects/object-store.ts';
import { ObjectStoreError } from '../../objects/object-store-error.ts';
import { temporaryFolder } from '../../objects/store-below.ts';
import { decodePath } from './data-paths.ts';
import { logFolder } from './delta-actions.ts';
import { removedFileRetentionMs } from './forget-removed.ts';
import { type LakeSession, readNewest } from './lake-session.ts';

const hourMs = 3_600_000;

/**
 * A retention is at least this long. A writer's file lies unnamed until its version is published, and a reader may take a
 * while with the files of the version that it began with.
 */
export const retentionMsMin = 24 * hourMs;

/** How long versions of the log are kept, as Delta does unless told otherwise. */
export const logRetentionMs = 30 * 24 * hourMs;

/** Files that are removed at once: a busy table has 17,000 a day, and a place far away answers slowly. */
const removalsMax = 4;

const never = () => false;

export interface Vacuumed {
  readonly removedFiles: number;
  readonly removedBytes: number;
}

/**
 * Removes data files that are in no version younger than the retention. Files with names that begin with `.` or `_` belong to
 * others, as in Delta.
 * @param retentionMs from {@link retentionMsMin} to {@link removedFileRetentionMs}: the log forgets older removals
 * @param isStopped asked before each file; the rest is left to the next vacuum
 */
export async function vacuumFiles(
  session: LakeSession,
  retentionMs: number,
  isStopped: () => boolean = never,
): Promise<Vacuumed> {
  assertRetention(retentionMs);
  if (retentionMs > removedFileRetentionMs)
    throw new RangeError(`a retention of ${retentionMs} ms is above ${removedFileRetentionMs} ms`);
  const { state } = await readNewest(session);
  const before = (await earlierNow(session)) - retentionMs;
  const named = new Set(Array.from(state.files.keys(), decodePath));
  for (const { path, deletionTimestamp = 0 } of state.removed.values())
    if (deletionTimestamp > before) named.add(decodePath(path));
  const isUnneeded = ({ name: path, changedAtMs }: ListedObject) =>
    path.endsWith('.parquet') && !/(?:^|\/)[._]/.test(path) && !named.has(path) && changedAtMs < before;
  return removeAll(session, '', isUnneeded, isStopped);
}

/**
 * Removes versions and checkpoints before the newest checkpoint that is older than the retention. Reading a version as it
 * was before then is no longer possible.
 * @param retentionMs {@link retentionMsMin} or more, such as {@link logRetentionMs}
 * @param isStopped as in {@link vacuumFiles}
 */
export async function vacuumLog(
  session: LakeSession,
  retentionMs: number,
  isStopped: () => boolean = never,
): Promise<Vacuumed> {
  assertRetention(retentionMs);
  const { files } = session.options;
  await readNewest(session);
  const before = (await earlierNow(session)) - retentionMs;
  let kept = -1;
  for await (const { name: path, changedAtMs } of files.list(logFolder)) {
    const version = versionIn(path);
    if (version !== null && path.endsWith('.checkpoint.parquet') && changedAtMs < before)
      kept = Math.max(kept, version);
  }
  const isUnneeded = ({ name: path, changedAtMs }: ListedObject) => {
    const version = versionIn(path);
    return version !== null && version < kept && changedAtMs < before;
  };
  return removeAll(session, logFolder, isUnneeded, isStopped);
}

/**
 * By our clock or by the store's, which the age of files goes by, whichever is earlier: a clock that runs days ahead must
 * not make the file of a commit that is under way look old.
 */
async function earlierNow({ options: { files, nowMs, newId } }: LakeSession): Promise<number> {
  const name = `${temporaryFolder}clock-${newId()}`;
  await files.write(name, new Uint8Array(1));
  try {
    for await (const { changedAtMs } of files.list(name)) return Math.min(nowMs(), changedAtMs);
  } finally {
    await files.remove(name);
  }
  throw new ObjectStoreError(`${files.description} does not list what was written a moment ago.`);
}

function assertRetention(retentionMs: number): void {
  if (!(retentionMs >= retentionMsMin))
    throw new RangeError(`a retention of ${retentionMs} ms is below ${retentionMsMin} ms`);
}

/** Of a version's file, a checkpoint or a checksum; null of any other file. */
function versionIn(path: string): number | null {
  const found = /^_delta_log\/(\d{20})\.(?:json|crc|checkpoint\.(?:[\d.]+\.)?parquet)$/.exec(path)?.[1];
  return found === undefined ? null : Number(found);
}

async function removeAll(
  { options: { files } }: LakeSession,
  folder: string,
  isUnneeded: (file: ListedObject) => boolean,
  isStopped: () => boolean,
): Promise<Vacuumed> {
  let removedFiles = 0;
  let removedBytes = 0;
  let next: ListedObject[] = [];
  const removeNext = async () => {
    const removing = next;
    next = [];
    await Promise.all(removing.map(({ name }) => files.remove(name)));
    removedFiles += removing.length;
    for (const { bytes } of removing) removedBytes += bytes;
  };
  for await (const file of files.list(folder)) {
    if (isStopped()) return { removedFiles, removedBytes };
    if (isUnneeded(file)) next.push(file);
    if (next.length === removalsMax) await removeNext();
  }
  await removeNext();
  return { removedFiles, removedBytes };
}
