/** Latencies in microseconds, and how they travel from a worker to the lab. */
import { Int32Histogram, type JsHistogram } from 'hdr-histogram-js';

export type LatencyHistogram = JsHistogram;

/** Longer latencies are recorded as this one. */
export const latencyUsMax = 600_000_000;

/** Only what was counted: index, count, index, count …, and the highest value as it was recorded. */
export interface SparseHistogram {
  readonly maxUs: number;
  readonly counts: readonly number[];
}

/** Microseconds, three significant digits. */
export function newHistogram(): LatencyHistogram {
  return new Int32Histogram(1, latencyUsMax, 3);
}

export function toMicroseconds(ms: number): number {
  return Math.min(latencyUsMax, Math.max(0, Math.round(ms * 1_000)));
}

/** What was recorded, and forgets it. */
export function takeSparse(histogram: LatencyHistogram): SparseHistogram {
  const counts: number[] = [];
  if (histogram.totalCount === 0) return { maxUs: 0, counts };
  const { maxValue } = histogram;
  const last = histogram.countsArrayIndex(maxValue);
  for (let i = 0; i <= last; i += 1) {
    const count = histogram.getCountAtIndex(i);
    if (count > 0) counts.push(i, count);
  }
  histogram.reset();
  return { maxUs: maxValue, counts };
}

export function addSparse(histogram: LatencyHistogram, { maxUs, counts }: SparseHistogram): void {
  for (let i = 0; i < counts.length; i += 2) {
    const isLast = i === counts.length - 2;
    const value = isLast ? maxUs : histogram.valueFromIndex(counts[i] ?? 0);
    histogram.recordValueWithCount(value, counts[i + 1] ?? 0);
  }
}
