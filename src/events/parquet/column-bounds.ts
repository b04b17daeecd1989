/** The least and greatest value of a part of a column, and how many rows have none. */
import type { ColumnValues, Nulls } from '../tables/column-values.ts';
import { compareUtf8 } from './text-bounds.ts';

/** Min and max are null when no row has a value, and for booleans, where they exclude nothing worth it. */
export interface ColumnBounds {
  readonly min: string | number | bigint | null;
  readonly max: string | number | bigint | null;
  readonly nullCount: number;
}

/** Rows `from` (inclusive) to `to` (exclusive). */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

export function boundsOf(column: Exclude<ColumnValues, { kind: 'text' }>, range: RowRange): ColumnBounds {
  const nullCount = countNulls(column.nulls, range);
  if (column.kind === 'boolean' || nullCount === range.to - range.from)
    return { min: null, max: null, nullCount };
  if (column.kind === 'long') return { ...longBounds(column.values, column.nulls, range), nullCount };
  let min = 2 ** 31;
  let max = -(2 ** 31) - 1;
  const { values, nulls } = column;
  for (let row = range.from; row < range.to; row += 1) {
    if (nulls !== null && nulls[row] === 1) continue;
    const value = values[row] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max, nullCount };
}

/** @param isPlain whether all texts are ASCII, which `<` puts in the same order as UTF-8 and much faster */
export function textBounds(
  texts: Iterable<string | null>,
  isPlain: boolean,
): Omit<ColumnBounds, 'nullCount'> {
  let min: string | null = null;
  let max: string | null = null;
  for (const text of texts) {
    if (text === null) continue;
    if (min === null || max === null) {
      min = text;
      max = text;
    } else if (isPlain) {
      if (text < min) min = text;
      else if (text > max) max = text;
    } else if (compareUtf8(text, min) < 0) min = text;
    else if (compareUtf8(text, max) > 0) max = text;
  }
  return { min, max };
}

/** The bounds of two parts of the same column together. */
export function joinBounds(a: ColumnBounds, b: ColumnBounds): ColumnBounds {
  const pick = (left: ColumnBounds['min'], right: ColumnBounds['min'], wanted: -1 | 1) => {
    if (left === null || right === null) return left ?? right;
    return Math.sign(compare(left, right)) === wanted ? left : right;
  };
  return { min: pick(a.min, b.min, -1), max: pick(a.max, b.max, 1), nullCount: a.nullCount + b.nullCount };
}

function compare(a: string | number | bigint, b: string | number | bigint): number {
  if (typeof a === 'string' && typeof b === 'string') return compareUtf8(a, b);
  return a < b ? -1 : Number(a > b);
}

function countNulls(nulls: Nulls, { from, to }: RowRange): number {
  if (nulls === null) return 0;
  let count = 0;
  for (let row = from; row < to; row += 1) count += nulls[row] as number;
  return count;
}

const two32 = 2 ** 32;
/** Of the upper half: an integer with it within these is a number that is exact. */
const exactHighMax = 2 ** 21 - 1;

/** By the halves of the integers: a BigInt for each value would cost more than all the rest. */
function longBounds(values: BigInt64Array, nulls: Nulls, range: RowRange) {
  const highs = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const lows = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = range.from; row < range.to; row += 1) {
    if (nulls !== null && nulls[row] === 1) continue;
    const high = highs[row * 2 + 1] as number;
    if (high > exactHighMax || high < -exactHighMax) return bigBounds(values, nulls, range);
    const value = high * two32 + (lows[row * 2] as number);
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min: BigInt(min), max: BigInt(max) };
}

function bigBounds(values: BigInt64Array, nulls: Nulls, { from, to }: RowRange) {
  let min: bigint | null = null;
  let max: bigint | null = null;
  for (let row = from; row < to; row += 1) {
    if (nulls !== null && nulls[row] === 1) continue;
    const value = values[row] as bigint;
    if (min === null || value < min) min = value;
    if (max === null || value > max) max = value;
  }
  return { min, max };
}
