/** Data files of a table: a batch of rows, one file for each day or some. */

import type { ObjectStore } from '../../objects/object-store.ts';
import { type ParquetFile, writeParquet } from '../parquet/write-parquet.ts';
import { type ColumnBatch, type ColumnValues, takeRows } from '../tables/column-values.ts';
import type { LakeColumn } from '../tables/lake-table.ts';
import type { AddFile } from './delta-actions.ts';
import { dayText, statsTextOf } from './file-stats.ts';

/** Rows of a data file at most: a file is written whole in memory. */
export const fileRowsMax = 1_000_000;

export interface DataFilesOptions {
  readonly files: ObjectStore;
  /** The columns of the table, with the one that it is partitioned by. */
  readonly columns: readonly LakeColumn[];
  readonly partitionColumn: string;
  readonly dataChange: boolean;
  readonly nowMs: () => number;
  /** Makes a UUID: a data file's name is never used twice. */
  readonly newId: () => string;
}

const namePattern = /(?:^|\/)nozama-[^/]+\.parquet$/;

/** Whether the file was written by this program; OPTIMIZE of others names files otherwise. */
export function isOurDataFile(path: string): boolean {
  return namePattern.test(path);
}

/** Writes the rows; nobody sees them before a version names them. Rows of a day keep their order. */
export async function writeDataFiles(
  options: DataFilesOptions,
  batch: ColumnBatch,
): Promise<readonly AddFile[]> {
  const { columns, partitionColumn } = options;
  const stored = storedColumns(options);
  const added: AddFile[] = [];
  for (const { day, rows } of byDay(withAllColumns(batch, columns), partitionColumn)) {
    for (let from = 0; from < rows.rowCount; from += fileRowsMax) {
      const range = { from, to: Math.min(from + fileRowsMax, rows.rowCount) };
      added.push(await writeDataFile(options, day, writeParquet(stored, rows, range)));
    }
  }
  return added;
}

/** The columns that a file has: its day is in its path. */
export function storedColumns({
  columns,
  partitionColumn,
}: Pick<DataFilesOptions, 'columns' | 'partitionColumn'>): readonly LakeColumn[] {
  return columns.filter(({ name }) => name !== partitionColumn);
}

/** @param day such as `2026-11-30`, of all rows */
export async function writeDataFile(
  options: DataFilesOptions,
  day: string,
  file: ParquetFile,
): Promise<AddFile> {
  const { files, partitionColumn, dataChange, nowMs, newId } = options;
  const path = `${partitionColumn}=${day}/nozama-${newId()}.parquet`;
  await files.write(path, file.bytes);
  return {
    path,
    partitionValues: { [partitionColumn]: day },
    size: file.bytes.length,
    modificationTime: nowMs(),
    dataChange,
    stats: statsTextOf(storedColumns(options), file),
  };
}

/** An optional column may be missing in the batch. Of nulls alone, a column looks the same whatever its type. */
function withAllColumns(batch: ColumnBatch, columns: readonly LakeColumn[]): ColumnBatch {
  const all = new Map(batch.columns);
  for (const { name, nullable } of columns) {
    if (nullable && !all.has(name))
      all.set(name, { kind: 'text', values: new Array<null>(batch.rowCount).fill(null) });
  }
  return { rowCount: batch.rowCount, columns: all };
}

interface RowsOfDay {
  readonly day: string;
  readonly rows: ColumnBatch;
}

function byDay(batch: ColumnBatch, partitionColumn: string): readonly RowsOfDay[] {
  if (batch.rowCount === 0) return [];
  const column = batch.columns.get(partitionColumn);
  if (column?.kind !== 'integer') throw new Error(`the batch has no days in ${partitionColumn}`);
  const counts = new Map<number, number>();
  for (const day of column.values) counts.set(day, (counts.get(day) ?? 0) + 1);
  const days = [...counts.keys()].sort((a, b) => a - b);
  if (days.length === 1) return [{ day: dayText(days[0] as number), rows: batch }];
  return days.map((day) => ({ day: dayText(day), rows: rowsOf(batch, column, day, counts.get(day) ?? 0) }));
}

function rowsOf(batch: ColumnBatch, days: ColumnValues, day: number, count: number): ColumnBatch {
  const rows = new Uint32Array(count);
  let next = 0;
  for (let row = 0; row < batch.rowCount; row += 1) {
    if (days.values[row] !== day) continue;
    rows[next] = row;
    next += 1;
  }
  const columns = new Map(Array.from(batch.columns, ([name, values]) => [name, takeRows(values, rows)]));
  return { rowCount: count, columns };
}
