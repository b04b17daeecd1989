/**
 * Erases the personal data of orders in a table: each file that has some is replaced by one without it.
 *
 * The files before stay where they are until a vacuum, for those who read an older version. To find the files, the
 * statistics of the order ids leave most of them out: an order id begins with its time (UUIDv7).
 */

import { objectBytesMax } from '../../objects/object-store.ts';
import type { RowRange } from '../parquet/column-bounds.ts';
import { openParquet, readRowsInto } from '../parquet/read-parquet.ts';
import { compareUtf8 } from '../parquet/text-bounds.ts';
import { beginParquet } from '../parquet/write-parquet.ts';
import { buildBatch } from '../tables/column-builder.ts';
import { type ColumnBatch, type ColumnValues, isNull, withNulls } from '../tables/column-values.ts';
import type { LakeColumn } from '../tables/lake-table.ts';
import { TableRefusedError } from '../tables/table-refused-error.ts';
import { fileRowsMax, storedColumns, writeDataFile } from './data-files.ts';
import { decodePath } from './data-paths.ts';
import type { AddFile } from './delta-actions.ts';
import { fileMissing } from './file-missing.ts';
import type { LakeOptions, NewestTable } from './lake-session.ts';

/** The column by which rows are found, in each table that has personal data of orders. */
const orderIdColumn = 'order_id';

export interface Replacements {
  readonly removed: readonly AddFile[];
  readonly added: readonly AddFile[];
}

export interface Erasure {
  /**
   * Writes the files that stand for those of the newest state. A file that was read before is not read again.
   * @throws TableRefusedError when a file that may have such rows can't be read
   */
  replace(newest: NewestTable): Promise<Replacements>;
  /** The files that were written, and that no version needs unless it was published. */
  written(): readonly AddFile[];
  /** The rows without the personal data of the orders. */
  withoutPersonalData(rows: ColumnBatch): ColumnBatch;
}

/** @param orderIds of the erased orders; none leaves all as it is */
export function beginErasure(options: LakeOptions, orderIds: readonly string[]): Erasure {
  const ids = new Set(orderIds);
  const sorted = [...ids].sort(compareUtf8);
  const personal = options.table.columns.filter((column) => column.personal);
  /** By path. Null: the file stays. */
  const seen = new Map<string, readonly AddFile[] | null>();

  return {
    async replace({ state, columns }) {
      const there = columns.filter((column) => column.personal);
      if (ids.size === 0 || there.length === 0) return { removed: [], added: [] };
      const removed: AddFile[] = [];
      const added: AddFile[] = [];
      for (const file of state.files.values()) {
        if (!mayHold(file, sorted, there)) continue;
        let replaced = seen.get(file.path);
        if (replaced === undefined) {
          replaced = await rewrite(options, columns, file, ids);
          seen.set(file.path, replaced);
        }
        if (replaced === null) continue;
        removed.push(file);
        added.push(...replaced);
      }
      return { removed, added };
    },

    written: () => [...seen.values()].flatMap((replaced) => replaced ?? []),

    withoutPersonalData: (rows) => erasedRows(rows, personal, ids) ?? rows,
  };
}

interface KnownStats {
  readonly numRecords?: number;
  readonly minValues?: Readonly<Record<string, unknown>>;
  readonly maxValues?: Readonly<Record<string, unknown>>;
  readonly nullCount?: Readonly<Record<string, unknown>>;
}

/** By the file's statistics: whether one of the orders is within its bounds, and whether it has personal data at all. */
function mayHold({ stats }: AddFile, sorted: readonly string[], personal: readonly LakeColumn[]): boolean {
  const { numRecords, minValues = {}, maxValues = {}, nullCount = {} } = statsIn(stats);
  if (numRecords !== undefined && personal.every(({ name }) => nullCount[name] === numRecords)) return false;
  const min = minValues[orderIdColumn];
  const max = maxValues[orderIdColumn];
  const first = typeof min === 'string' ? firstFrom(sorted, min) : 0;
  const id = sorted[first];
  return id !== undefined && (typeof max !== 'string' || compareUtf8(id, max) <= 0);
}

function statsIn(stats: string | undefined): KnownStats {
  try {
    return JSON.parse(stats ?? '{}') as KnownStats;
  } catch {
    return {};
  }
}

/** The index of the first that is not below the bound. */
function firstFrom(sorted: readonly string[], bound: string): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (compareUtf8(sorted[middle] ?? '', bound) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** @returns the files that stand for it; null when it has no personal data of the orders. In memory are its bytes and a row group. */
async function rewrite(
  options: LakeOptions,
  columns: readonly LakeColumn[],
  file: AddFile,
  ids: ReadonlySet<string>,
): Promise<readonly AddFile[] | null> {
  const rows = await openRows(options, file);
  const personal = columns.filter((column) => column.personal);
  const telling = columns.filter(({ name, personal: isPersonal }) => isPersonal || name === orderIdColumn);
  let isFound = false;
  for (const group of rows.groups)
    isFound ||= erasedRows(await rows.read(telling, group), personal, ids) !== null;
  if (!isFound) return null;

  const { partitionColumn } = options.table;
  const day = file.partitionValues[partitionColumn];
  if (typeof day !== 'string') throw unreadable(options, file, `its ${partitionColumn} is not known`);
  const dataFiles = { ...options, columns, partitionColumn, dataChange: true };
  const stored = storedColumns(dataFiles);
  const added: AddFile[] = [];
  let draft = beginParquet(stored);
  let rowCount = 0;
  for (const group of rows.groups) {
    const groupRows = group.to - group.from;
    if (rowCount > 0 && rowCount + groupRows > fileRowsMax) {
      added.push(await writeDataFile(dataFiles, day, draft.finish()));
      draft = beginParquet(stored);
      rowCount = 0;
    }
    const batch = await rows.read(stored, group);
    draft.add(erasedRows(batch, personal, ids) ?? batch);
    rowCount += groupRows;
  }
  added.push(await writeDataFile(dataFiles, day, draft.finish()));
  return added;
}

interface FileRows {
  readonly groups: readonly RowRange[];
  read(columns: readonly LakeColumn[], group: RowRange): Promise<ColumnBatch>;
}

async function openRows(options: LakeOptions, file: AddFile): Promise<FileRows> {
  const { files } = options;
  if (file.size > objectBytesMax) throw unreadable(options, file, `it has ${file.size} bytes`);
  const bytes = await files.read(decodePath(file.path));
  if (bytes === null) throw fileMissing(files.description, file.path);
  const orRefuse = async <Result>(read: () => Promise<Result>): Promise<Result> => {
    try {
      return await read();
    } catch (error) {
      throw unreadable(options, file, (error as Error).message);
    }
  };
  const open = await orRefuse(() => openParquet(bytes));
  return {
    groups: open.groups,
    read: (columns, group) =>
      orRefuse(async () => {
        const batch = buildBatch(columns);
        await readRowsInto(batch, columns, open, group);
        return batch.build();
      }),
  };
}

function unreadable({ files }: LakeOptions, { path }: AddFile, why: string): TableRefusedError {
  return new TableRefusedError(
    `${files.description}/${path} may have personal data of an erased order, and Nozama can't rewrite it: ${why}. Write its rows anew, in files of at most 256 MiB, with the program that wrote it.`,
  );
}

/** The rows with nulls where an order is erased; null when there is nothing to erase. */
function erasedRows(
  rows: ColumnBatch,
  personal: readonly LakeColumn[],
  ids: ReadonlySet<string>,
): ColumnBatch | null {
  if (ids.size === 0 || rows.rowCount === 0) return null;
  const orderIds = rows.columns.get(orderIdColumn);
  if (orderIds?.kind !== 'text') return null;
  const erased = new Uint8Array(rows.rowCount);
  for (let row = 0; row < rows.rowCount; row += 1) if (ids.has(orderIds.values[row] ?? '')) erased[row] = 1;
  const changed = new Map<string, ColumnValues>();
  for (const { name } of personal) {
    const values = rows.columns.get(name);
    if (values !== undefined && erased.some((isErased, row) => isErased === 1 && !isNull(values, row)))
      changed.set(name, withNulls(values, erased));
  }
  return changed.size === 0
    ? null
    : { rowCount: rows.rowCount, columns: new Map([...rows.columns, ...changed]) };
}
