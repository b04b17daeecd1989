/**
 * Appends rows of the shop's log to a table, exactly once.
 *
 * The version that names the new files also moves the table's position, so that both happen or neither. A writer that finds
 * another position than it has read from writes nothing: its rows are there already, or others are missing before them.
 * What the part erases goes in the same version, so that it happens once too.
 */
import type { LogPart } from '../table-sink.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { writeDataFiles } from './data-files.ts';
import { type AddFile, type DeltaAction, removalOf } from './delta-actions.ts';
import { beginErasure, type Replacements } from './erase-rows.ts';
import { commitInfoOf, commitNext, type LakeSession, type NewestTable, readNewest } from './lake-session.ts';
import { transactionsAt } from './table-position.ts';

export type Appended =
  | { readonly kind: 'appended'; readonly version: number; readonly files: readonly AddFile[] }
  /** Another writer was faster, and nothing was written. The log is to be read on from this position. */
  | { readonly kind: 'moved'; readonly position: number };

/** Commits of others that one append lives through, such as those of a compaction. */
export const appendTriesMax = 20;

/**
 * @throws TableRefusedError when this shop can't write the table, or when the outcome is not known. Either way the table's
 * position tells the truth, and the next call goes by it.
 */
export async function appendRows(session: LakeSession, part: LogPart): Promise<Appended> {
  const { after, through } = part;
  if (!(through > after))
    throw new RangeError(`a part of the log ends at ${through} and begins after ${after}`);
  const erasure = beginErasure(session.options, part.erasedOrderIds ?? []);
  const rows = erasure.withoutPersonalData(part.rows);
  let written: readonly AddFile[] | null = null;
  for (let tries = 0; tries < appendTriesMax; tries += 1) {
    const newest = await readNewest(session);
    if (newest.position !== after) {
      await discard(session, [...(written ?? []), ...erasure.written()]);
      return { kind: 'moved', position: newest.position };
    }
    written ??= await writeRows(session, newest, { ...part, rows });
    // Anew each time: a compaction may have moved rows to other files.
    const replaced = await erasure.replace(newest);
    assertErasable(session, newest, replaced);
    if (await commitNext(session, actionsOf(session, newest, part, written, replaced))) {
      session.provenPosition = through;
      await discard(session, unneeded(erasure.written(), replaced));
      return { kind: 'appended', version: newest.state.version, files: written };
    }
  }
  await discard(session, [...(written ?? []), ...erasure.written()]);
  const { position } = await readNewest(session);
  return { kind: 'moved', position };
}

/** Files that stand for some that went before the commit. */
function unneeded(written: readonly AddFile[], { added }: Replacements): readonly AddFile[] {
  const published = new Set(added);
  return written.filter((file) => !published.has(file));
}

/** @throws TableRefusedError when somebody forbade what an erasure does */
function assertErasable(
  { options: { files } }: LakeSession,
  { state, growth }: NewestTable,
  { removed }: Replacements,
): void {
  const { configuration = {} } = growth ?? state.metaData ?? {};
  if (removed.length === 0 || configuration['delta.appendOnly'] !== 'true') return;
  throw new TableRefusedError(
    `${files.description} has personal data of an erased order, and takes no changes of its rows. Set its property delta.appendOnly to false.`,
  );
}

async function writeRows(
  { options }: LakeSession,
  { columns }: NewestTable,
  { rows, after, through }: LogPart,
): Promise<readonly AddFile[]> {
  const { positionColumn, partitionColumn } = options.table;
  const positions = rows.columns.get(positionColumn);
  if (rows.rowCount > 0 && positions?.kind !== 'long') throw new Error(`the rows have no ${positionColumn}`);
  if (positions?.kind === 'long') {
    for (const position of [positions.values.at(0), positions.values.at(-1)]) {
      if (position !== undefined && (position <= BigInt(after) || position > BigInt(through)))
        throw new RangeError(`row ${position} is not after ${after} and up to ${through}`);
    }
  }
  return writeDataFiles({ ...options, columns, partitionColumn, dataChange: true }, rows);
}

function actionsOf(
  { options }: LakeSession,
  { growth }: NewestTable,
  { after, through, fact }: LogPart,
  written: readonly AddFile[],
  replaced: Replacements,
): readonly DeltaAction[] {
  const partitionBy = JSON.stringify([options.table.partitionColumn]);
  const isErasing = replaced.removed.length > 0;
  const info = isErasing
    ? commitInfoOf(options, 'UPDATE', { predicate: '["erased orders"]' })
    : commitInfoOf(options, 'WRITE', { mode: 'Append', partitionBy });
  return [
    { commitInfo: { ...info, isBlindAppend: !isErasing, nozama: { after, through, fact } } },
    ...(growth === null ? [] : [{ metaData: growth }]),
    ...transactionsAt(options, through, fact, info.timestamp).map((txn) => ({ txn })),
    ...replaced.removed.map((file) => ({ remove: removalOf(file, info.timestamp, true) })),
    ...[...written, ...replaced.added].map((add) => ({ add })),
  ];
}

/** Removes files that no version names. When that fails, vacuum takes them later. */
export async function discard({ options }: LakeSession, added: readonly AddFile[]): Promise<void> {
  await Promise.allSettled(added.map(({ path }) => options.files.remove(path)));
}
