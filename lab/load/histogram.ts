/** Latencies in microseconds, and how they travel from a worker to the lab. */
import { Int32Histogram, type JsHistogram } from 'hdr-histogram-js';

export type LatencyHistogram = JsHistogram;

/** Longer latencies are recorded as this one. */
export const latencyUsMax = 600_000_000;

/** The counts above zero: index, count, index, count …, and the highest value as it was recorded. */
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

/** Takes the recorded values out of the histogram. */
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

/** Of the recorded values, in one pass. The percentiles must ascend. @returns microseconds */
export function valuesAtPercentiles(
  histogram: LatencyHistogram,
  percentiles: readonly number[],
): { readonly meanUs: number; readonly valuesUs: readonly number[] } {
  const total = histogram.totalCount;
  const valuesUs: number[] = [];
  if (total === 0) return { meanUs: 0, valuesUs: percentiles.map(() => 0) };
  const last = histogram.countsArrayIndex(histogram.maxValue);
  let seen = 0;
  let sum = 0;
  for (let i = 0; i <= last; i += 1) {
    const count = histogram.getCountAtIndex(i);
    if (count === 0) continue;
    seen += count;
    const value = histogram.valueFromIndex(i);
    sum += histogram.medianEquivalentValue(value) * count;
    for (let next = percentiles[valuesUs.length]; next !== undefined; next = percentiles[valuesUs.length]) {
      // A little less, because 99.9 % of 1,000 must be 999 and not 999.0000000000001.
      if (seen < Math.max(1, Math.ceil((next / 100) * total - 1e-6))) break;
      valuesUs.push(Math.min(histogram.highestEquivalentValue(value), histogram.maxValue));
    }
  }
  return { meanUs: sum / total, valuesUs };
}
