/**
 * Removes what no reader needs any more: data files that the table has not named for a while, and versions of its log that
 * a checkpoint stands for.
 */

import type { ListedObject } from '../../objects/object-store.ts';
import { decodePath } from './data-paths.ts';
import { logFolder } from './delta-actions.ts';
import { type LakeSession, readNewest } from './lake-session.ts';
import { removedFileRetentionMs } from './write-checkpoint.ts';

const hourMs = 3_600_000;

/**
 * A retention is at least this long. A writer's file lies unnamed until its version is published, and a reader may take a
 * while with the files of the version that it began with.
 */
export const retentionMsMin = 24 * hourMs;

export interface Vacuumed {
  readonly removedFiles: number;
  readonly removedBytes: number;
}

/**
 * Removes data files that are in no version younger than the retention. Files with names that begin with `.` or `_` belong to
 * others, as in Delta.
 * @param retentionMs from {@link retentionMsMin} to {@link removedFileRetentionMs}: the log forgets older removals
 */
export async function vacuumFiles(session: LakeSession, retentionMs: number): Promise<Vacuumed> {
  assertRetention(retentionMs);
  if (retentionMs > removedFileRetentionMs)
    throw new RangeError(`a retention of ${retentionMs} ms is above ${removedFileRetentionMs} ms`);
  const { nowMs } = session.options;
  const { state } = await readNewest(session);
  const before = nowMs() - retentionMs;
  const named = new Set(Array.from(state.files.keys(), decodePath));
  for (const { path, deletionTimestamp = 0 } of state.removed.values())
    if (deletionTimestamp > before) named.add(decodePath(path));
  const isUnneeded = ({ name: path, changedAtMs }: ListedObject) =>
    path.endsWith('.parquet') && !/(?:^|\/)[._]/.test(path) && !named.has(path) && changedAtMs < before;
  return removeAll(session, '', isUnneeded);
}

/**
 * Removes versions and checkpoints before the newest checkpoint that is older than the retention. Reading a version as it
 * was before then is no longer possible.
 * @param retentionMs {@link retentionMsMin} or more; Delta's own default is 30 days
 */
export async function vacuumLog(session: LakeSession, retentionMs: number): Promise<Vacuumed> {
  assertRetention(retentionMs);
  const { files, nowMs } = session.options;
  await readNewest(session);
  const before = nowMs() - retentionMs;
  let kept = -1;
  for await (const { name: path, changedAtMs } of files.list(logFolder)) {
    const version = versionIn(path);
    if (version !== null && path.endsWith('.checkpoint.parquet') && changedAtMs < before)
      kept = Math.max(kept, version);
  }
  return removeAll(session, logFolder, ({ name: path, changedAtMs }) => {
    const version = versionIn(path);
    return version !== null && version < kept && changedAtMs < before;
  });
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
): Promise<Vacuumed> {
  let removedFiles = 0;
  let removedBytes = 0;
  for await (const file of files.list(folder)) {
    if (!isUnneeded(file)) continue;
    await files.remove(file.name);
    removedFiles += 1;
    removedBytes += file.bytes;
  }
  return { removedFiles, removedBytes };
}
