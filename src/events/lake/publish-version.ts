/**
 * Publishes a version of a table: whoever creates its file first has made the version, and the others read it.
 *
 * When the answer to a creation is lost, the version is read and its commit id compared. A creation that is repeated writes the
 * same bytes with the same id, so that it is ours whichever of the tries arrives.
 */

import type { ObjectStore } from '../../objects/object-store.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { type DeltaAction, formatActions, parseActions, versionPath } from './delta-actions.ts';

/** Tries of a creation whose answer is lost, within one call. */
export const publishTriesMax = 4;

export type Published = 'ours' | 'lost';

/**
 * @param actions the first has the commit info with its id
 * @throws TableRefusedError when it can't be known whether the version is ours. The data files must stay then: the version
 * may name them. The log tells at the next reading.
 */
export async function publishVersion(
  files: ObjectStore,
  version: number,
  actions: readonly DeltaAction[],
): Promise<Published> {
  const ours = commitIdOf(actions);
  if (ours === null) throw new Error('a commit has no id');
  const path = versionPath(version);
  const bytes = formatActions(actions);
  for (let tries = 0; tries < publishTriesMax; tries += 1) {
    const created = await files.create(path, bytes);
    if (created === 'created') return 'ours';
    const there = await files.read(path);
    if (there !== null)
      return commitIdOf(parseActions(there, `${files.description}/${path}`)) === ours ? 'ours' : 'lost';
  }
  throw new TableRefusedError(
    `${files.description} does not tell whether version ${version} was written: ${publishTriesMax} answers were lost. It is looked up again.`,
  );
}

export function commitIdOf(actions: readonly DeltaAction[]): string | null {
  for (const action of actions) if ('commitInfo' in action) return action.commitInfo.txnId ?? null;
  return null;
}
