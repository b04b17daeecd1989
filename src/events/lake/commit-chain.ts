/**
 * The chain of our commits: each begins after the position with which the one before has ended.
 *
 * It shows what the state of a table can't: a version of ours that another writer overwrote. Spark does so on S3, where it
 * writes versions without a condition (Delta 4.4). The rows of that version are then gone, while a later one goes on.
 */

import type { ObjectStore } from '../../objects/object-store.ts';
import { logFolder, parseActions, versionPath } from './delta-actions.ts';

export interface ChainBreak {
  /** The version that does not follow. */
  readonly version: number;
  /** The position with which our commit before it has ended. */
  readonly endedAt: number;
  /** The position after which it begins. A lower one: rows stand twice. A higher one: rows are missing. */
  readonly beginsAfter: number;
}

export interface CommitChain {
  /** The position before the first of our commits that the log still has; null when it has none. */
  readonly after: number | null;
  /** The position with which the last has ended. */
  readonly through: number | null;
  readonly breaks: readonly ChainBreak[];
}

/** Versions that are read at once: a place far away answers slowly. */
const readAheadMax = 16;

/** Reads all versions that the log still has. */
export async function readCommitChain(files: ObjectStore): Promise<CommitChain> {
  let after: number | null = null;
  let through: number | null = null;
  const breaks: ChainBreak[] = [];
  const versions = await versionsIn(files);
  for (let from = 0; from < versions.length; from += readAheadMax) {
    const some = versions.slice(from, from + readAheadMax);
    const contents = await Promise.all(some.map((version) => files.read(versionPath(version))));
    for (const [index, bytes] of contents.entries()) {
      const version = some[index];
      // A vacuum may have removed it since.
      if (bytes === null || version === undefined) continue;
      for (const action of parseActions(bytes, `${files.description}/${versionPath(version)}`)) {
        const positions = 'commitInfo' in action ? action.commitInfo.nozama : undefined;
        if (positions === undefined) continue;
        if (through !== null && positions.after !== through)
          breaks.push({ version, endedAt: through, beginsAfter: positions.after });
        after ??= positions.after;
        through = positions.through;
      }
    }
  }
  return { after, through, breaks };
}

async function versionsIn(files: ObjectStore): Promise<readonly number[]> {
  const versions: number[] = [];
  for await (const { name } of files.list(logFolder)) {
    const found = /^_delta_log\/(\d{20})\.json$/.exec(name)?.[1];
    if (found !== undefined) versions.push(Number(found));
  }
  return versions.sort((a, b) => a - b);
}
