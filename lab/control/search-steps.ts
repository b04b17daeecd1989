/** One step of a search for the limit: its result, and the place of its part of the ledger. */
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetTotals } from '../load/fleet.ts';
import type { RateTried } from './find-limit.ts';

export function triedOf(perSecond: number, totals: FleetTotals): RateTried {
  return {
    perSecond,
    answeredPerSecond: totals.requestsPerSecond,
    p50Ms: totals.latency.p50Ms,
    p99Ms: totals.latency.p99Ms,
    failureShare: totals.requests === 0 ? 0 : totals.failures / totals.requests,
    voidReasons: totals.voidReasons,
  };
}

/** The next generator's workers write files of the same names. */
export function keepLedger(folder: string, step: number): void {
  for (const name of readdirSync(folder).filter((file) => /^ledger-\d+\.tsv$/.test(file))) {
    const kept = join(folder, `step-${step}-${name}`);
    if (!existsSync(kept)) renameSync(join(folder, name), kept);
  }
}
