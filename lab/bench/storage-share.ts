/** Orders through the whole service against the database alone at the same batch size. */
import type { BenchOptions } from './bench-options.ts';
import { figuresOf, type Round, type Verdict } from './comparison.ts';
import type { StorageFigure } from './report.ts';
import { spreadOf } from './statistics.ts';

export const storageShareLeast = 0.5;

export interface StorageShare {
  readonly batchSize: number;
  readonly ratio: number;
}

/** Rounds without both are left out. @param ceilings one for each round, in their order */
export function storageShares(
  rounds: readonly Round[],
  ceilings: readonly (StorageFigure | undefined)[],
  id: string,
): readonly StorageShare[] {
  return rounds.flatMap((round, nth) => {
    const [figure] = figuresOf([round], id);
    const batches = ceilings[nth]?.batches;
    if (figure?.work == null || figure.ordersStored === null || batches === undefined) return [];
    const batchSize = Math.max(1, figure.ordersStored / figure.work.commits);
    const ceiling = ordersPerSecondAt(batches, batchSize);
    return ceiling === null ? [] : [{ batchSize, ratio: figure.requestsPerSecond / ceiling }];
  });
}

/** Between two measured sizes, in proportion to the logarithm of the size. */
export function ordersPerSecondAt(batches: StorageFigure['batches'], size: number): number | null {
  const sorted = batches.toSorted((a, b) => a.size - b.size);
  const above = sorted.find((batch) => batch.size >= size) ?? sorted.at(-1);
  const below = sorted.findLast((batch) => batch.size <= size) ?? sorted[0];
  if (above === undefined || below === undefined) return null;
  if (above.size === below.size) return above.ordersPerSecond;
  const share = Math.log(size / below.size) / Math.log(above.size / below.size);
  return below.ordersPerSecond + share * (above.ordersPerSecond - below.ordersPerSecond);
}

export function judgeStorageShares(
  rounds: readonly Round[],
  ceilings: readonly (StorageFigure | undefined)[],
  ceilingName: string,
  { runtimes }: BenchOptions,
): readonly Verdict[] {
  return runtimes.map((runtime) => {
    const shares = storageShares(rounds, ceilings, `nozama.orders@${runtime}`);
    const ratio = spreadOf(shares.map((share) => share.ratio))?.median;
    const size = spreadOf(shares.map(({ batchSize }) => batchSize))?.median ?? 0;
    return {
      label: `Orders only / ${ceilingName} at the same batch size (${runtime})`,
      bar: `≥ ${storageShareLeast}`,
      found: ratio === undefined ? '–' : `${ratio.toFixed(2)} at ${size.toFixed(1)} orders`,
      outcome: ratio === undefined ? 'not measured' : ratio >= storageShareLeast ? 'pass' : 'fail',
    };
  });
}
