/**
 * Makes few large files of the many small ones of a day. The rows stay the same, which the commit says (`dataChange` is
 * false): who follows the table sees nothing new. The table's position stays as it is.
 */

import { readParquetInto } from '../parquet/read-parquet.ts';
import { beginParquet, groupRowsMax } from '../parquet/write-parquet.ts';
import { buildBatch } from '../tables/column-builder.ts';
import { discard } from './append-rows.ts';
import { fileRowsMax, isOurDataFile, storedColumns, writeDataFile } from './data-files.ts';
import { type AddFile, type DeltaAction, removalOf } from './delta-actions.ts';
import { fileDamaged, fileMissing } from './file-missing.ts';
import { commitInfoOf, commitNext, type LakeSession, type NewestTable, readNewest } from './lake-session.ts';

export type Compacted =
  | { readonly kind: 'compacted'; readonly version: number; readonly removed: number; readonly added: number }
  /** There is at most one small file. */
  | { readonly kind: 'nothing_to_do' }
  /** Another writer removed one of the files meanwhile. */
  | { readonly kind: 'overtaken' };

export const compactTriesMax = 20;

/**
 * @param day such as `2026-11-30`
 * @param rowsMax rows of a file at most; see {@link isSmallFile}
 * @throws TableRefusedError when one of the files is missing or damaged, and as readNewest and commitNext do. Files that
 * no version names were removed then, unless the outcome of the commit is not known
 */
export async function compactDay(
  session: LakeSession,
  day: string,
  rowsMax: number = fileRowsMax,
): Promise<Compacted> {
  const newest = await readNewest(session);
  const bins = binsOf(smallFilesOf(session, newest, day, rowsMax), rowsMax);
  if (bins.length === 0) return { kind: 'nothing_to_do' };
  const added: AddFile[] = [];
  await orDiscard(session, added, async () => {
    for (const bin of bins) added.push(await rewrite(session, newest, day, bin));
  });
  const removed = bins.flat();
  for (let tries = 0; tries < compactTriesMax; tries += 1) {
    const { state } = await orDiscard(session, added, () => readNewest(session));
    if (removed.some(({ path }) => !state.files.has(path))) break;
    if (await commitNext(session, actionsOf(session, removed, added)))
      return { kind: 'compacted', version: state.version, removed: removed.length, added: added.length };
  }
  await discard(session, added);
  return { kind: 'overtaken' };
}

async function orDiscard<Result>(
  session: LakeSession,
  added: readonly AddFile[],
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    await discard(session, added);
    throw error;
  }
}

interface SmallFile extends AddFile {
  readonly rowCount: number;
}

/** Files of others are left alone: they may be written in ways that are not known here. */
function smallFilesOf(
  { options }: LakeSession,
  { state }: NewestTable,
  day: string,
  rowsMax: number,
): readonly SmallFile[] {
  return Array.from(state.files.values())
    .filter(
      ({ path, partitionValues }) =>
        isOurDataFile(path) && partitionValues[options.table.partitionColumn] === day,
    )
    .map((file) => ({ ...file, rowCount: rowCountIn(file) }))
    .filter(({ rowCount }) => isSmall(rowCount, rowsMax))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a file of a day counts among those that are made one. */
export function isSmallFile(file: AddFile, rowsMax: number = fileRowsMax): boolean {
  return isOurDataFile(file.path) && isSmall(rowCountIn(file), rowsMax);
}

/** A file with half as many rows as one may have stays as it is. */
function isSmall(rowCount: number, rowsMax: number): boolean {
  return rowCount <= rowsMax / 2;
}

function rowCountIn({ stats = '{}' }: AddFile): number {
  const { numRecords } = JSON.parse(stats) as { readonly numRecords?: number };
  return numRecords ?? Number.POSITIVE_INFINITY;
}

/** Files that go together: each group has two at least, and as many rows as a file may have at most. */
function binsOf(small: readonly SmallFile[], rowsMax: number): readonly (readonly SmallFile[])[] {
  const bins: SmallFile[][] = [];
  let rows = rowsMax;
  for (const file of small) {
    if (rows + file.rowCount > rowsMax) {
      bins.push([]);
      rows = 0;
    }
    bins.at(-1)?.push(file);
    rows += file.rowCount;
  }
  return bins.filter(({ length }) => length > 1);
}

/** One file of some. In memory are the rows of a row group, one small file, and the compressed rest. */
async function rewrite(
  { options }: LakeSession,
  { columns }: NewestTable,
  day: string,
  bin: readonly SmallFile[],
): Promise<AddFile> {
  const { files, table } = options;
  const dataFiles = { ...options, columns, partitionColumn: table.partitionColumn, dataChange: false };
  const stored = storedColumns(dataFiles);
  const draft = beginParquet(stored);
  let batch = buildBatch(stored);
  let rowCount = 0;
  for (const { path, rowCount: more } of bin) {
    if (rowCount > 0 && rowCount + more > groupRowsMax) {
      draft.add(batch.build());
      batch = buildBatch(stored);
      rowCount = 0;
    }
    const bytes = await files.read(path);
    if (bytes === null) throw fileMissing(files.description, path);
    try {
      await readParquetInto(batch, stored, bytes);
    } catch (error) {
      throw fileDamaged(files.description, path, (error as Error).message);
    }
    rowCount += more;
  }
  draft.add(batch.build());
  return writeDataFile(dataFiles, day, draft.finish());
}

function actionsOf(
  { options }: LakeSession,
  removed: readonly AddFile[],
  added: readonly AddFile[],
): readonly DeltaAction[] {
  const info = commitInfoOf(options, 'OPTIMIZE', { predicate: '[]' });
  return [
    { commitInfo: { ...info, isBlindAppend: false } },
    ...removed.map((file) => ({ remove: removalOf(file, info.timestamp, false) })),
    ...added.map((add) => ({ add })),
  ];
}
