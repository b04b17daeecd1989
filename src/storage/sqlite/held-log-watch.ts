/**
 * Knows how long something has kept the write-ahead log from starting anew. Each checkpoint that ends lets it start
 * anew unless a reader still needs the log: a log that stays long means that there is such a reader.
 */
export interface HeldLogWatch {
  /** @param pages in the log now @param isLong whether it is due for a checkpoint */
  see(nowMs: number, pages: number, isLong: boolean): LogSeen;
  /** Whether it has been held for so long that a warning was given. */
  hasWarned(): boolean;
}

export interface LogSeen {
  readonly isHeld: boolean;
  /** 0 when it is not held. */
  readonly forMs: number;
  /** Whether a hold has begun or ended. */
  readonly changed: boolean;
  readonly isToWarn: boolean;
}

export interface HeldLogWatchOptions {
  readonly warnAfterMs: number;
  readonly warnEveryMs: number;
}

export function createHeldLogWatch({ warnAfterMs, warnEveryMs }: HeldLogWatchOptions): HeldLogWatch {
  let sinceMs: number | null = null;
  let pagesBefore = 0;
  let nextWarningMs = Number.POSITIVE_INFINITY;
  let hasWarned = false;

  return {
    see(nowMs, pages, isLong) {
      const hasStartedAnew = pages < pagesBefore;
      pagesBefore = pages;
      const before = sinceMs;
      if (!isLong || hasStartedAnew) sinceMs = null;
      else sinceMs ??= nowMs;
      const changed = (before === null) !== (sinceMs === null);
      if (sinceMs === null) {
        hasWarned = false;
        return { isHeld: false, forMs: 0, changed, isToWarn: false };
      }
      if (changed) nextWarningMs = nowMs + warnAfterMs;
      const isToWarn = nowMs >= nextWarningMs;
      if (isToWarn) {
        hasWarned = true;
        nextWarningMs = nowMs + warnEveryMs;
      }
      return { isHeld: true, forMs: nowMs - sinceMs, changed, isToWarn };
    },
    hasWarned: () => hasWarned,
  };
}
