/** Why figures of a run are not to be believed: they may show the generator instead of the service. */

export interface GeneratorFigures {
  /** Of the busiest worker, by wall time. */
  readonly cpuCoresMax: number;
  /** Of sending in an open loop, of the clock in a closed one. */
  readonly latenessP99Ms: number | null;
  /** The longest time in which a worker stood still. */
  readonly stallMaxMs: number;
  /** Journeys that were due and never sent. */
  readonly dropped: number;
  /** Of journeys that were due, 0 to 1: waited for a user of ours that was thinking, not for the service. */
  readonly unreadyShare: number;
  /** Open loop: journeys that were due, and requests that the rate asked for; 0 in a closed loop. */
  readonly due: number;
  readonly intended: number;
  readonly requests: number;
  readonly p99Ms: number | null;
}

/** With more than this share of a core, the worker may limit the figure. */
export const cpuCoresPerWorkerMax = 0.95;
export const latenessP99MsMax = 3;
/** In a closed loop no request is sent late, but answers are noticed as late as the clock is. */
export const clockLatenessP99MsMax = 100;
/** Whatever was under way then seems to have taken so long. */
export const stallMsMax = 500;
/** A wait for users of the generator looks like latency of the service; p99 must not consist of it. */
export const unreadyShareMax = 0.005;
/** So much less than was asked for, chance set aside. */
export const missingShareMax = 0.1;
const chanceDeviations = 3;
/** A service that is slower than this keeps journeys from going on, so that the rate is its own matter. */
const answersInTimeMs = 500;

/** One clause each; empty when nothing speaks against the figures. */
export function voidReasonsOf({
  cpuCoresMax,
  latenessP99Ms,
  stallMaxMs,
  dropped,
  unreadyShare,
  due,
  intended,
  requests,
  p99Ms,
}: GeneratorFigures): readonly string[] {
  const reasons: string[] = [];
  if (cpuCoresMax > cpuCoresPerWorkerMax) {
    reasons.push(`the generator was saturated: a worker used ${cpuCoresMax.toFixed(2)} cores`);
  }
  const isOpenLoop = due > 0;
  if (latenessP99Ms !== null && latenessP99Ms > (isOpenLoop ? latenessP99MsMax : clockLatenessP99MsMax)) {
    reasons.push(`the generator was late: p99 ${latenessP99Ms.toFixed(1)} ms`);
  }
  if (stallMaxMs > stallMsMax) {
    reasons.push(`the generator stood still for ${(stallMaxMs / 1_000).toFixed(1)} s`);
  }
  if (dropped > 0) reasons.push(`${dropped} journeys were dropped: too many were waiting`);
  if (unreadyShare > unreadyShareMax) {
    const percent = (unreadyShare * 100).toFixed(1);
    reasons.push(
      `${percent} % of the journeys waited for a user who was thinking: more users at once are needed`,
    );
  }
  // Journeys come at random (Poisson), and each brings its requests.
  const byChance = due === 0 ? 0 : (chanceDeviations * requests) / Math.sqrt(due);
  const isMissing = intended - requests > missingShareMax * intended + byChance;
  if (isMissing && p99Ms !== null && p99Ms < answersInTimeMs) {
    reasons.push(
      `only ${Math.round((requests / intended) * 100)} % of the requests that the rate means were sent: journeys are shorter than thought`,
    );
  }
  return reasons;
}
