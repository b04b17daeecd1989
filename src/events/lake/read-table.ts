/**
 * Reads the newest state of a table: its newest checkpoint, then version after version until one is missing.
 *
 * A state that was read before is brought up to date by the versions since. Such a state must not be old: when the log
 * has been cleaned up beyond it, its next version is missing and yet not free ({@link isTooOld}).
 */

import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../objects/object-store.ts';
import { type AddFile, parseActions, versionPath } from './delta-actions.ts';
import { findCheckpoints, readCheckpoint, readLastCheckpoint } from './read-checkpoint.ts';
import { applyVersion, emptyState, type TableState } from './table-state.ts';

/** A log keeps its versions for 30 days unless somebody shortens that; an hour is far from it. */
const stateAgeMaxMs = 3_600_000;

/** Versions that are read at once when many are there. */
const readAheadMax = 16;

/** Whether a state must be read anew. A clock that ran backwards makes it old, too. */
export function isTooOld(readAtMs: number, nowMs: number): boolean {
  return nowMs < readAtMs || nowMs - readAtMs > stateAgeMaxMs;
}

/** Null when there is no table. */
export async function readTable(files: ObjectStore): Promise<TableState | null> {
  const state = (await fromCheckpoint(files)) ?? emptyState();
  await readNewVersions(files, state);
  return state.version === -1 ? null : state;
}

/**
 * Brings the state up to date, in place.
 * @returns the files that the new versions have added; null when the state's own version is gone or is another one: the
 * table was removed, made anew or overwritten, and must be read from the beginning
 */
export async function readNewVersions(
  files: ObjectStore,
  state: TableState,
): Promise<readonly AddFile[] | null> {
  const added: AddFile[] = [];
  // One at first: usually there is none. Then more at once, as a place far away answers slowly.
  for (let count = 1; ; count = Math.min(count * 2, readAheadMax)) {
    const first = state.version + 1;
    const isFirst = count === 1;
    const [own, ...contents] = await Promise.all([
      isFirst && state.version >= 0 ? files.read(versionPath(state.version)) : null,
      ...Array.from({ length: count }, (_, index) => files.read(versionPath(first + index))),
    ]);
    if (isFirst && !isStillThere(state, own)) return null;
    for (const [index, bytes] of contents.entries()) {
      if (bytes === null) return added;
      const version = first + index;
      const actions = parseActions(bytes, `${files.description}/${versionPath(version)}`);
      applyVersion(state, version, actions, files.description);
      state.lastDigest = digestOf(bytes);
      for (const action of actions) if ('add' in action) added.push(action.add);
    }
  }
}

/** A checkpoint does not tell what its version's file holds; the file may be cleaned up. */
function isStillThere(state: TableState, bytes: Uint8Array | null): boolean {
  const digest = bytes === null ? null : digestOf(bytes);
  if (state.lastDigest !== null && digest !== state.lastDigest) return false;
  state.lastDigest = digest;
  return true;
}

export function digestOf(version: Uint8Array): string {
  return createHash('sha256').update(version).digest('base64url');
}

/** By `_last_checkpoint`, which is a hint: it may be missing, damaged, or name a checkpoint that is gone. */
async function fromCheckpoint(files: ObjectStore): Promise<TableState | null> {
  const hinted = await readLastCheckpoint(files);
  const state = hinted === null ? null : await readCheckpoint(files, hinted);
  if (state !== null) return state;
  // A young table has no checkpoint yet, and all of its versions.
  if (hinted === null && (await files.read(versionPath(0))) !== null) return null;
  for (const checkpoint of await findCheckpoints(files)) {
    const found = await readCheckpoint(files, checkpoint);
    if (found !== null) return found;
  }
  return null;
}
