/**
 * Encodes a part of a column as Parquet pages: plain, or by a dictionary for texts that repeat.
 *
 * hyparquet-writer writes the frame of a file (page headers, statistics, footer). The values themselves are encoded here,
 * because that is nearly all of the work: it wants a BigInt for each integer and an encoder for each text, and took
 * 3 to 7 times as long (docs/decisions/0040). Sources: Apache Parquet, parquet-format, Encodings.md and "Data Pages".
 */

import type { ColumnValues, Nulls } from '../tables/column-values.ts';
import { boundsOf, type ColumnBounds, type RowRange, textBounds } from './column-bounds.ts';
import { encodeTexts } from './text-encoding.ts';

export interface EncodedColumn {
  /** The plainly encoded distinct texts, when the values are indexes into them. */
  readonly dictionary: { readonly bytes: Uint8Array; readonly count: number } | null;
  /** 1 bit for each row, in Parquet's hybrid of runs; empty for a column without nulls in its schema. */
  readonly levels: Uint8Array;
  readonly values: Uint8Array;
  readonly bounds: ColumnBounds;
}

/** Of a dictionary's texts: more than this many repeat too seldom to be worth it. */
const dictionaryCountMax = 32_768;
const sampleCount = 512;

/** @param nullable whether the column's schema allows nulls */
export function encodeColumn(column: ColumnValues, range: RowRange, nullable: boolean): EncodedColumn {
  if (column.kind === 'text') return encodeTextColumn(column.values, range, nullable);
  const bounds = boundsOf(column, range);
  if (!nullable && bounds.nullCount > 0) throw new Error('a column that is never null has a null');
  const { nulls } = column;
  const levels = nullable ? levelsOf(range, (row) => nulls?.[row] !== 1, bounds.nullCount) : empty;
  const present =
    bounds.nullCount === 0 ? column.values.subarray(range.from, range.to) : compact(column, range);
  const values = column.kind === 'boolean' ? packBits(present as Uint8Array, 1) : bytesOf(present);
  return { dictionary: null, levels, values, bounds };
}

const empty = new Uint8Array(0);

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The values of the rows that have one. */
function compact(column: Exclude<ColumnValues, { kind: 'text' }>, range: RowRange) {
  const { values, nulls } = column;
  const kept = values.slice(range.from, range.to);
  let length = 0;
  for (let row = range.from; row < range.to; row += 1) {
    if ((nulls as NonNullable<Nulls>)[row] === 1) continue;
    kept[length] = values[row] as never;
    length += 1;
  }
  return kept.subarray(0, length);
}

function encodeTextColumn(
  all: readonly (string | null)[],
  range: RowRange,
  nullable: boolean,
): EncodedColumn {
  const rows = all.slice(range.from, range.to);
  const texts = nullable ? (rows.filter((text) => text !== null) as string[]) : (rows as string[]);
  const nullCount = rows.length - texts.length;
  if (!nullable && rows.includes(null)) throw new Error('a column that is never null has a null');
  const levels = nullable
    ? levelsOf({ from: 0, to: rows.length }, (row) => rows[row] !== null, nullCount)
    : empty;
  const indexed = indexTexts(texts);
  const distinct = indexed?.distinct ?? texts;
  const { bytes, isPlain } = encodeTexts(distinct);
  const bounds = { ...textBounds(distinct, isPlain), nullCount };
  if (indexed === null) return { dictionary: null, levels, values: bytes, bounds };
  return {
    dictionary: { bytes, count: distinct.length },
    levels,
    values: encodeIndexes(indexed.indexes, distinct.length),
    bounds,
  };
}

/** Null when the texts repeat too seldom. */
function indexTexts(texts: readonly string[]) {
  const step = Math.max(1, Math.floor(texts.length / sampleCount));
  const sample = new Set<string>();
  let seen = 0;
  for (let i = 0; i < texts.length; i += step) {
    sample.add(texts[i] as string);
    seen += 1;
  }
  // A sample of rare repetitions shows fewer of them than the whole has, so that half of it is enough.
  if (texts.length === 0 || sample.size > Math.max(1, (seen * 3) / 4)) return null;
  const places = new Map<string, number>();
  const distinct: string[] = [];
  const indexes = new Uint32Array(texts.length);
  for (let i = 0; i < texts.length; i += 1) {
    const text = texts[i] as string;
    let index = places.get(text);
    if (index === undefined) {
      index = distinct.push(text) - 1;
      if (index >= dictionaryCountMax) return null;
      places.set(text, index);
    }
    indexes[i] = index;
  }
  return { distinct, indexes };
}

/** One byte with the width, then one run: of the same index, or of packed ones. */
function encodeIndexes(indexes: Uint32Array, count: number): Uint8Array {
  if (count === 1) return Uint8Array.of(1, ...varint(indexes.length << 1), 0);
  const width = 32 - Math.clz32(count - 1);
  return joined([Uint8Array.of(width), ...packedRun(indexes, width)]);
}

function levelsOf({ from, to }: RowRange, hasValue: (row: number) => boolean, nullCount: number): Uint8Array {
  const count = to - from;
  if (nullCount === 0 || nullCount === count)
    return Uint8Array.of(...varint(count << 1), nullCount === 0 ? 1 : 0);
  const bits = new Uint8Array(count);
  for (let row = from; row < to; row += 1) bits[row - from] = hasValue(row) ? 1 : 0;
  return joined(packedRun(bits, 1));
}

/** A run of bit-packed values: eight at a time, the last eight filled up. */
function packedRun(values: Uint8Array | Uint32Array, width: number): readonly Uint8Array[] {
  const groups = Math.ceil(values.length / 8);
  const header = Uint8Array.from(varint((groups << 1) | 1));
  const bits = packBits(values, width);
  const whole = new Uint8Array(groups * width);
  whole.set(bits);
  return [header, whole];
}

/** The lowest bit first. @param width 1 to 16 bits for each value */
function packBits(values: Uint8Array | Uint32Array, width: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil((values.length * width) / 8));
  let waiting = 0;
  let waitingBits = 0;
  let at = 0;
  for (let i = 0; i < values.length; i += 1) {
    waiting |= (values[i] as number) << waitingBits;
    waitingBits += width;
    while (waitingBits >= 8) {
      packed[at] = waiting;
      at += 1;
      waiting >>>= 8;
      waitingBits -= 8;
    }
  }
  if (waitingBits > 0) packed[at] = waiting;
  return packed;
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
