/**
 * How many requests each caller may make in a window of time, by the generic cell rate algorithm (GCRA, ITU-T I.371): one
 * number for each caller, the time until which all that it asked for has been paid.
 *
 * Trades exactness across instances for costing no database: each instance counts by itself, and forgets at its end. A
 * caller may use its window at once, and gets it back evenly. Memory is bounded: callers are remembered in two
 * generations, and the older is forgotten as a whole when the younger is full or a window old. After a window that loses
 * nothing, since every debt is paid by then. When there are too many callers, those that asked longest ago begin anew.
 */

export interface RateLimit {
  /** Counts a request, unless it is one too many. @param nowMs must not go back */
  take(caller: string, nowMs: number): Allowance;
  /** The same without counting. */
  look(caller: string, nowMs: number): Allowance;
  /** Entries that are remembered. */
  size(): number;
}

export interface Allowance {
  readonly isAllowed: boolean;
  /** Requests that may follow at once. */
  readonly remaining: number;
  /** Milliseconds until all of the window is there again. */
  readonly resetMs: number;
  /** Milliseconds until the next request is allowed; 0 when it is now. */
  readonly retryMs: number;
}

/** Some 10 MB. */
export const callersMax = 100_000;

export const minuteMs = 60_000;

/** @param quota requests in a window, 1 or more @param countMax callers that are remembered, 2 or more */
export function createRateLimit(quota: number, countMax = callersMax, windowMs = minuteMs): RateLimit {
  const costMs = windowMs / quota;
  const generationMax = Math.floor(countMax / 2);
  let younger = new Map<string, number>();
  let older = new Map<string, number>();
  let begunMs = Number.NEGATIVE_INFINITY;

  /** The time until which all that it asked for has been paid. */
  function paidUntil(caller: string, nowMs: number): number {
    return Math.max(nowMs, younger.get(caller) ?? older.get(caller) ?? nowMs);
  }

  function look(caller: string, nowMs: number): Allowance {
    const paidMs = paidUntil(caller, nowMs);
    // Sums of fractions end a little beside the whole number.
    return allowance(paidMs, nowMs, paidMs + costMs - nowMs <= windowMs + 1e-6);
  }

  function allowance(paidMs: number, nowMs: number, isAllowed: boolean): Allowance {
    const debtMs = paidMs - nowMs;
    // The same sums: one that is refused has none left.
    const remaining = isAllowed ? Math.max(0, Math.floor((windowMs - debtMs) / costMs + 1e-6)) : 0;
    return { isAllowed, remaining, resetMs: debtMs, retryMs: isAllowed ? 0 : debtMs + costMs - windowMs };
  }

  function remember(caller: string, paidMs: number, nowMs: number): void {
    if (nowMs - begunMs >= windowMs || (younger.size >= generationMax && !younger.has(caller))) {
      older = younger;
      younger = new Map();
      begunMs = nowMs;
    }
    younger.set(caller, paidMs);
  }

  return {
    look,
    take(caller, nowMs) {
      const before = look(caller, nowMs);
      if (!before.isAllowed) return before;
      const paidMs = paidUntil(caller, nowMs) + costMs;
      remember(caller, paidMs, nowMs);
      return allowance(paidMs, nowMs, true);
    },
    size: () => younger.size + older.size,
  };
}
