/** Reads a Parquet file of ours into columns, as {@link writeParquet} takes them. */
import { type ColumnData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import type { buildBatch, ColumnBuilder } from './column-builder.ts';
import type { LakeColumn } from './lake-table.ts';
import { parquetCompressors, toAsyncBuffer } from './parquet-bytes.ts';

/** Instants and days stay numbers: a Date would lose microseconds, and the first and last years. */
const parsers = {
  timestampFromMicroseconds: (micros: bigint) => micros,
  dateFromDays: (days: number) => days,
};

/**
 * Adds the rows of the file to the batch.
 * @param columns of the batch; one that the file lacks is null in its rows
 * @throws Error when it can't be read
 */
export async function readParquetInto(
  batch: ReturnType<typeof buildBatch>,
  columns: readonly LakeColumn[],
  bytes: Uint8Array,
): Promise<void> {
  const file = toAsyncBuffer(bytes);
  const metadata = await parquetMetadataAsync(file);
  const there = new Set(metadata.schema.slice(1).map(({ name }) => name));
  const chunks = new Map<string, ColumnData[]>();
  await parquetRead({
    file,
    metadata,
    columns: columns.map(({ name }) => name).filter((name) => there.has(name)),
    compressors: parquetCompressors,
    parsers,
    onChunk: (chunk) => {
      const before = chunks.get(chunk.columnName);
      if (before === undefined) chunks.set(chunk.columnName, [chunk]);
      else before.push(chunk);
    },
  });
  const rowCount = Number(metadata.num_rows);
  for (const { name } of columns) {
    const builder = batch.columns.get(name);
    if (builder === undefined) throw new Error(`the batch has no column ${name}`);
    if (there.has(name)) pushChunks(builder, chunks.get(name) ?? [], name, rowCount);
    else for (let row = 0; row < rowCount; row += 1) builder.push(null);
  }
}

function pushChunks(
  builder: ColumnBuilder,
  chunks: readonly ColumnData[],
  name: string,
  rowCount: number,
): void {
  let next = 0;
  for (const { rowStart, columnData } of chunks.toSorted((a, b) => a.rowStart - b.rowStart)) {
    if (rowStart !== next) throw new Error(`column ${name} has a gap at row ${next}`);
    for (const value of columnData) builder.push(value ?? null);
    next += columnData.length;
  }
  if (next !== rowCount) throw new Error(`column ${name} has ${next} of ${rowCount} rows`);
}
