/**
 * When a table may be loaded again. BigQuery allows 1,500 loads a day into a table, failed ones too. So there is one a
 * minute; minutes in which nothing was loaded are kept, so that a backlog of an hour is loaded at once.
 *
 * The minutes are counted from the last change of the table, as BigQuery tells it. So an instance that is restarted
 * again and again, or several of them, keep to the same pace.
 */

/** Between two loads of a table in the long run, in milliseconds. */
export const loadIntervalMs = 60_000;

/** Loads that are kept: with one a minute for a day that makes the 1,500 that BigQuery allows. */
export const loadsKeptMax = 60;

export interface LoadPace {
  /** How long the next load has to wait, in milliseconds. */
  waitMs(): number;
  /** A load is about to be sent. */
  take(): void;
}

/** @param changedAtMs when the table was changed last; null for a table that never had a row */
export function beginPace(changedAtMs: number | null, nowMs: () => number): LoadPace {
  // The time at which no load would be kept. It may lie ahead by as much as a load has to wait.
  let emptyAtMs = changedAtMs ?? Number.NEGATIVE_INFINITY;
  const keptSinceMs = () => Math.max(Math.min(emptyAtMs, nowMs()), nowMs() - loadsKeptMax * loadIntervalMs);
  return {
    waitMs: () => Math.max(0, keptSinceMs() + loadIntervalMs - nowMs()),
    take() {
      emptyAtMs = keptSinceMs() + loadIntervalMs;
    },
  };
}
