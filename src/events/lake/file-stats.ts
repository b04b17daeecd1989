/**
 * Statistics of a file as an `add` action has them (delta-io/delta, PROTOCOL.md, "Per-file Statistics"). Readers leave out
 * files by them, so that each bound is at or outside of the true one. Of personal data they tell only whether there is any.
 */
import type { ColumnBounds } from '../parquet/column-bounds.ts';
import { lowerBound, upperBound } from '../parquet/text-bounds.ts';
import type { ParquetFile } from '../parquet/write-parquet.ts';
import type { LakeColumn } from '../tables/lake-table.ts';

const dayMs = 86_400_000;
/** Years 1 to 9999: what texts of four-digit years can tell, which every reader understands. */
const yearOneMs = new Date('0001-01-01T00:00:00Z').getTime();
const yearEndMs = new Date('9999-12-31T23:59:59.999Z').getTime();

/** @returns JSON. By hand where it needs to be: a JavaScript number does not hold every 64-bit integer. */
export function statsTextOf(columns: readonly LakeColumn[], { rowCount, bounds }: ParquetFile): string {
  const mins: string[] = [];
  const maxs: string[] = [];
  const nulls: string[] = [];
  for (const column of columns) {
    const known = bounds.get(column.name);
    if (known === undefined) continue;
    const key = JSON.stringify(column.name);
    nulls.push(`${key}:${known.nullCount}`);
    // The log keeps statistics for weeks after an erasure.
    if (column.personal) continue;
    const min = boundText(column, known.min, 'min');
    const max = boundText(column, known.max, 'max');
    if (min !== null) mins.push(`${key}:${min}`);
    if (max !== null) maxs.push(`${key}:${max}`);
  }
  return `{"numRecords":${rowCount},"minValues":{${mins}},"maxValues":{${maxs}},"nullCount":{${nulls}}}`;
}

/** A day as partitions and statistics name it, such as `2026-11-30`. @param days since the Unix epoch */
export function dayText(days: number): string {
  const ms = days * dayMs;
  if (!isTellable(ms)) throw new RangeError(`day ${days} is not in the years 1 to 9999`);
  return new Date(ms).toISOString().slice(0, 10);
}

function boundText({ type }: LakeColumn, value: ColumnBounds['min'], which: 'min' | 'max'): string | null {
  if (value === null) return null;
  if (typeof value === 'string') {
    const bound = which === 'min' ? lowerBound(value) : upperBound(value);
    return bound === null ? null : JSON.stringify(bound);
  }
  if (type === 'timestamp') return instantText(BigInt(value), which);
  if (type !== 'date') return String(value);
  return isTellable(Number(value) * dayMs) ? `"${dayText(Number(value))}"` : null;
}

/** Delta's statistics have milliseconds: the least is rounded down, the greatest up. */
function instantText(micros: bigint, which: 'min' | 'max'): string | null {
  const below = micros >= 0n || micros % 1_000n === 0n ? micros / 1_000n : micros / 1_000n - 1n;
  const ms = Number(which === 'max' && micros % 1_000n !== 0n ? below + 1n : below);
  return isTellable(ms) ? `"${new Date(ms).toISOString()}"` : null;
}

function isTellable(ms: number): boolean {
  return ms >= yearOneMs && ms <= yearEndMs;
}
