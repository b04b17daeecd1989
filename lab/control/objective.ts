/** The parts of the stated objective that did not hold, and failures that no objective has to name. */
import type { FleetTotals } from '../load/fleet.ts';
import type { Objective } from './run-plan.ts';

/** Without an answer for so long, and for so many times the median, and no figure tells it: a service that hangs. */
const silentSecondsMax = 1;
const silentMediansMax = 3;

/** In words, each with the figure and the limit; empty when everything held. */
export function brokenOf(objective: Objective, totals: FleetTotals): string[] {
  const { p99MsMax, failureShareMax, requestsPerSecondMin } = objective;
  const broken: string[] = [];
  const { p99Ms } = totals.latency;
  if (p99MsMax !== null && p99Ms === null) {
    broken.push(`nothing was answered, so that p99 is not ≤ ${p99MsMax} ms`);
  } else if (p99MsMax !== null && p99Ms !== null && p99Ms > p99MsMax) {
    broken.push(`p99 was ${p99Ms.toFixed(1)} ms, above ${p99MsMax} ms`);
  }
  const share = totals.requests === 0 ? 0 : totals.failures / totals.requests;
  if (failureShareMax !== null && totals.requests === 0) {
    broken.push('not a single request was answered or failed');
  } else if (failureShareMax !== null && share > failureShareMax) {
    broken.push(
      `${percent(share)} of the requests failed (${totals.failures.toLocaleString('en')} of ` +
        `${totals.requests.toLocaleString('en')}), above ${percent(failureShareMax)}`,
    );
  }
  if (requestsPerSecondMin !== null && totals.requestsPerSecond < requestsPerSecondMin) {
    broken.push(
      `${totals.requestsPerSecond.toFixed(1)} requests a second were done, fewer than ${requestsPerSecondMin}`,
    );
  }
  return broken;
}

/** Failures that spoil a run without a stated objective, unless it had faults on purpose. */
export function misfortunesOf({
  requests,
  failures,
  seconds,
  silentSecondsMax: silent,
  latency,
}: FleetTotals): string[] {
  const misfortunes: string[] = [];
  if (requests > 0 && failures >= requests) misfortunes.push('every request failed');
  const usualSeconds = (latency.p50Ms ?? 0) / 1_000;
  if (silent >= silentSecondsMax && silent > silentMediansMax * usualSeconds) {
    misfortunes.push(`nothing was answered for ${silent.toFixed(1)} of ${seconds.toFixed(1)} s`);
  }
  return misfortunes;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
