import type { RunSummary, RunView } from './live.ts';

/** The figures of a run in the list of runs. */
export function summaryOf(view: RunView): RunSummary {
  const { id, plan, startedAt, totals, truth, voidReasons, problem, broken } = view;
  // Runs of other labs may have been kept without it.
  const { limit = null } = view as Partial<RunView>;
  const latency = totals?.latency;
  return {
    id,
    scenario: plan.scenario,
    startedAt,
    seconds: totals?.seconds ?? 0,
    requests: totals?.requests ?? 0,
    failures: totals?.failures ?? 0,
    requestsPerSecond: totals?.requestsPerSecond ?? 0,
    p50Ms: latency?.p50Ms ?? null,
    p95Ms: latency?.p95Ms ?? null,
    p99Ms: latency?.p99Ms ?? null,
    p999Ms: latency?.p999Ms ?? null,
    verdict: truth?.kind ?? null,
    isVoid: voidReasons.length > 0 || problem !== null,
    isBroken: broken.length > 0,
    isSearch: limit !== null,
  };
}
