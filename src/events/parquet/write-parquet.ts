/**
 * Writes rows as a Parquet file, whole in memory: callers bound the rows of a file.
 *
 * Compressed by Zstandard, which both runtimes have built in and all readers know: it is faster here than Snappy in
 * JavaScript and halves the file (docs/decisions/0040).
 */
import { constants, zstdCompressSync } from 'node:zlib';
import type { ColumnMetaData, Encoding, RowGroup } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import type { ColumnBatch, ColumnValues } from '../tables/column-values.ts';
import type { LakeColumn } from '../tables/lake-table.ts';
import { type ColumnBounds, joinBounds, type RowRange } from './column-bounds.ts';
import { type EncodedColumn, encodeColumn } from './column-pages.ts';
import { parquetElement, parquetSchemaOf } from './parquet-schema.ts';

/** Rows of a row group at most: readers skip by row groups, and read each as a whole. */
export const groupRowsMax = 65_536;
/** UTF-16 units of a column of texts within a row group at most, except that a group has one row at least. */
export const groupTextMax = 16 * 1024 ** 2;

const zstd = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface ParquetFile {
  readonly bytes: Uint8Array;
  readonly rowCount: number;
  /** By column. */
  readonly bounds: ReadonlyMap<string, ColumnBounds>;
}

/** A file that is being written: batches in, bytes out at the end. Of the rows it keeps the compressed pages alone. */
export interface ParquetDraft {
  /** @param range of the batch, which has a value or none for each row of each column */
  add(batch: ColumnBatch, range?: RowRange): void;
  /** Nothing can be added afterwards. */
  finish(): ParquetFile;
}

/** @param columns in the order of the file */
export function beginParquet(columns: readonly LakeColumn[]): ParquetDraft {
  const writer = new ByteWriter(65_536);
  const schema = parquetSchemaOf(columns);
  const file = new ParquetWriter({ writer, schema, codec: 'ZSTD', createdBy: 'Nozama' });
  const bounds = new Map<string, ColumnBounds>();
  let rowCount = 0;
  return {
    add(batch, range = { from: 0, to: batch.rowCount }) {
      const filled = columns.map((column) => ({ column, values: valuesOf(batch, column) }));
      const all = filled.map(({ values }) => values);
      for (const group of groupsOf(all, range)) {
        const start = writer.offset;
        const chunks = filled.map(({ column, values }) => {
          const encoded = encodeColumn(values, group, column.nullable);
          const before = bounds.get(column.name);
          bounds.set(column.name, before ? joinBounds(before, encoded.bounds) : encoded.bounds);
          return writeChunk(writer, column, encoded, group.to - group.from);
        });
        file.row_groups.push(toRowGroup(chunks, group, writer.offset - start));
      }
      rowCount += range.to - range.from;
    },
    finish() {
      file.num_rows = BigInt(rowCount);
      file.finish();
      return { bytes: writer.getBytes(), rowCount, bounds };
    },
  };
}

/** One batch as a file. */
export function writeParquet(
  columns: readonly LakeColumn[],
  batch: ColumnBatch,
  range?: RowRange,
): ParquetFile {
  const draft = beginParquet(columns);
  draft.add(batch, range);
  return draft.finish();
}

function valuesOf(batch: ColumnBatch, { name }: LakeColumn): ColumnValues {
  const values = batch.columns.get(name);
  if (values === undefined) throw new Error(`the batch has no column ${name}`);
  if (values.values.length !== batch.rowCount) throw new Error(`column ${name} is not as long as the batch`);
  return values;
}

/** Parts of the range within the bounds of a row group. */
function groupsOf(columns: readonly ColumnValues[], range: RowRange): readonly RowRange[] {
  const groups: RowRange[] = [];
  const split = (from: number, to: number) => {
    if (to <= from) return;
    const fits = to - from === 1 || columns.every((column) => textIn(column, from, to) <= groupTextMax);
    if (fits) groups.push({ from, to });
    else {
      const middle = (from + to) >>> 1;
      split(from, middle);
      split(middle, to);
    }
  };
  for (let from = range.from; from < range.to; from += groupRowsMax)
    split(from, Math.min(from + groupRowsMax, range.to));
  return groups;
}

function textIn(column: ColumnValues, from: number, to: number): number {
  if (column.kind !== 'text') return 0;
  let units = 0;
  for (let row = from; row < to; row += 1) units += column.values[row]?.length ?? 0;
  return units;
}

function toRowGroup(columns: readonly ColumnMetaData[], { from, to }: RowRange, bytes: number): RowGroup {
  return {
    columns: columns.map((meta_data) => ({ meta_data, file_offset: firstOffset(meta_data) })),
    total_byte_size: columns.reduce((sum, { total_uncompressed_size }) => sum + total_uncompressed_size, 0n),
    num_rows: BigInt(to - from),
    total_compressed_size: BigInt(bytes),
  };
}

function firstOffset({ dictionary_page_offset, data_page_offset }: ColumnMetaData): bigint {
  return dictionary_page_offset ?? data_page_offset;
}

function writeChunk(
  writer: ByteWriter,
  column: LakeColumn,
  encoded: EncodedColumn,
  rowCount: number,
): ColumnMetaData {
  const { dictionary, levels, values, bounds } = encoded;
  const start = writer.offset;
  let uncompressed = 0;
  if (dictionary !== null) {
    const body = compress(dictionary.bytes);
    writePageHeader(writer, {
      type: 'DICTIONARY_PAGE',
      uncompressed_page_size: dictionary.bytes.length,
      compressed_page_size: body.length,
      dictionary_page_header: { num_values: dictionary.count, encoding: 'PLAIN' },
    });
    uncompressed += writer.offset - start + dictionary.bytes.length;
    writer.appendBytes(body);
  }
  const dataStart = writer.offset;
  const encoding: Encoding = dictionary === null ? 'PLAIN' : 'RLE_DICTIONARY';
  const body = compress(values);
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: levels.length + values.length,
    compressed_page_size: levels.length + body.length,
    data_page_header_v2: {
      num_values: rowCount,
      num_nulls: bounds.nullCount,
      num_rows: rowCount,
      encoding,
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: values.length > 0,
    },
  });
  uncompressed += writer.offset - dataStart + levels.length + values.length;
  writer.appendBytes(levels);
  writer.appendBytes(body);
  return {
    type: parquetElement(column).type ?? 'BYTE_ARRAY',
    encodings: dictionary === null ? [encoding] : ['PLAIN', encoding],
    path_in_schema: [column.name],
    codec: 'ZSTD',
    num_values: BigInt(rowCount),
    total_compressed_size: BigInt(writer.offset - start),
    total_uncompressed_size: BigInt(uncompressed),
    data_page_offset: BigInt(dataStart),
    ...(dictionary === null ? {} : { dictionary_page_offset: BigInt(start) }),
    statistics: toStatistics(bounds),
  };
}

function toStatistics({ min, max, nullCount }: ColumnBounds): NonNullable<ColumnMetaData['statistics']> {
  const null_count = BigInt(nullCount);
  return min === null || max === null ? { null_count } : { min_value: min, max_value: max, null_count };
}

/** An empty page stays empty, and its header says that it is not compressed. A dictionary is never empty. */
function compress(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? bytes : zstdCompressSync(bytes, zstd);
}
