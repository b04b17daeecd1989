/** Reads Parquet files into columns, as {@link writeParquet} takes them: ours, and those that others made of ours. */
import {
  type AsyncBuffer,
  type ColumnData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
} from 'hyparquet';
import type { BatchBuilder, ColumnBuilder } from '../tables/column-builder.ts';
import type { LakeColumn } from '../tables/lake-table.ts';
import type { RowRange } from './column-bounds.ts';
import { parquetCompressors, toAsyncBuffer } from './parquet-bytes.ts';

/** Instants and days stay numbers: a Date would lose microseconds, and the first and last years. */
const parsers = {
  timestampFromMilliseconds: (ms: bigint) => ms * 1_000n,
  timestampFromMicroseconds: (micros: bigint) => micros,
  /** Also INT96, which Spark writes. Only whole microseconds were written here. */
  timestampFromNanoseconds(nanos: bigint) {
    if (nanos % 1_000n !== 0n) throw new RangeError(`${nanos} ns are no whole microseconds`);
    return nanos / 1_000n;
  },
  dateFromDays: (days: number) => days,
};

export interface OpenParquet {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly rowCount: number;
  /** The rows of each row group: a good part to have in memory. */
  readonly groups: readonly RowRange[];
  /** Names of the columns that the file has. */
  readonly columnNames: ReadonlySet<string>;
}

/** @throws Error when it is no Parquet file */
export async function openParquet(bytes: Uint8Array): Promise<OpenParquet> {
  const file = toAsyncBuffer(bytes);
  const metadata = await parquetMetadataAsync(file);
  let from = 0;
  const groups = metadata.row_groups.map(({ num_rows }) => {
    const range = { from, to: from + Number(num_rows) };
    from = range.to;
    return range;
  });
  const columnNames = new Set(metadata.schema.slice(1).map(({ name }) => name));
  return { file, metadata, rowCount: Number(metadata.num_rows), groups, columnNames };
}

/**
 * Adds the rows of the file to the batch.
 * @param columns of the batch; one that the file lacks is null in its rows
 * @throws Error when it can't be read
 */
export async function readParquetInto(
  batch: BatchBuilder,
  columns: readonly LakeColumn[],
  bytes: Uint8Array,
): Promise<void> {
  const open = await openParquet(bytes);
  await readRowsInto(batch, columns, open, { from: 0, to: open.rowCount });
}

/** The same of some rows. @param range of whole row groups */
export async function readRowsInto(
  batch: BatchBuilder,
  columns: readonly LakeColumn[],
  { file, metadata, columnNames }: OpenParquet,
  range: RowRange,
): Promise<void> {
  const chunks = new Map<string, ColumnData[]>();
  await parquetRead({
    file,
    metadata,
    columns: columns.map(({ name }) => name).filter((name) => columnNames.has(name)),
    rowStart: range.from,
    rowEnd: range.to,
    compressors: parquetCompressors,
    parsers,
    onChunk: (chunk) => {
      const before = chunks.get(chunk.columnName);
      if (before === undefined) chunks.set(chunk.columnName, [chunk]);
      else before.push(chunk);
    },
  });
  for (const { name } of columns) {
    const builder = batch.columns.get(name);
    if (builder === undefined) throw new Error(`the batch has no column ${name}`);
    if (columnNames.has(name)) pushChunks(builder, chunks.get(name) ?? [], name, range);
    else for (let row = range.from; row < range.to; row += 1) builder.push(null);
  }
}

function pushChunks(
  builder: ColumnBuilder,
  chunks: readonly ColumnData[],
  name: string,
  { from, to }: RowRange,
): void {
  let next = from;
  for (const { rowStart, columnData } of chunks.toSorted((a, b) => a.rowStart - b.rowStart)) {
    if (rowStart !== next) throw new Error(`column ${name} has a gap at row ${next}`);
    for (const value of columnData) builder.push(value ?? null);
    next += columnData.length;
  }
  if (next !== to) throw new Error(`column ${name} has ${next} of ${to} rows`);
}
