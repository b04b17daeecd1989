/** Why figures of a run are not to be believed: what they show may be the generator instead of the service. */

export interface GeneratorFigures {
  /** Of the busiest worker, by wall time. */
  readonly cpuCoresMax: number;
  readonly latenessP99Ms: number | null;
  /** Journeys that were due and never sent. */
  readonly dropped: number;
}

/** More than this share of a core, and the worker may be what limits the figure. */
export const cpuCoresPerWorkerMax = 0.95;
export const latenessP99MsMax = 3;

/** One clause each; empty when nothing speaks against the figures. */
export function voidReasonsOf({ cpuCoresMax, latenessP99Ms, dropped }: GeneratorFigures): readonly string[] {
  const reasons: string[] = [];
  if (cpuCoresMax > cpuCoresPerWorkerMax) {
    reasons.push(`the generator was saturated: a worker used ${cpuCoresMax.toFixed(2)} cores`);
  }
  if (latenessP99Ms !== null && latenessP99Ms > latenessP99MsMax) {
    reasons.push(`the generator was late: p99 ${latenessP99Ms.toFixed(1)} ms`);
  }
  if (dropped > 0) reasons.push(`${dropped} journeys were dropped: too many were waiting`);
  return reasons;
}
