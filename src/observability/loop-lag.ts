/**
 * Measures how late the event loop is: a timer is set again and again, and its lateness is the lag.
 *
 * The lag is that of all requests, orders among them: the timer waits for every handler. A loop that runs no timers at
 * all can't be noticed by its timers, so requests that read look at the clock too ({@link LoopLag.look}). Always holds: a loop that is late for longer than `lateMs` is told once when that is
 * noticed, and once when it has been in time for `recoveredMs` since.
 */

export interface LoopLag {
  /** How late the loop is, or was when it last came round, in milliseconds; 0 or more. */
  lagMs(nowMs: number): number;
  /** For requests: notices that the loop has not come round for too long. @param nowMs by `performance.now()` */
  look(nowMs: number): void;
  stop(): void;
}

export interface LoopLagOptions {
  /** Milliseconds from which the loop is too late. */
  readonly lateMs: number;
  /** So long after the loop was late, in milliseconds, it counts as over; a delay that comes sooner belongs to the same one. */
  readonly recoveredMs: number;
  /** Called with each measured lag, in milliseconds, twenty times a second at most. */
  readonly onSample: (lagMs: number) => void;
  /** Called when the loop is found to be too late, with its lag so far. */
  readonly onLate: (lagMs: number) => void;
  /** Called when it has been in time again for `recoveredMs`, with the worst lag in between. */
  readonly onRecovered: (worstMs: number) => void;
}

const sampleMs = 50;

export function createLoopLag(options: LoopLagOptions): LoopLag {
  const { lateMs, recoveredMs, onSample, onLate, onRecovered } = options;
  let dueMs = 0;
  let lastLagMs = 0;
  let worstMs = 0;
  /** Null while the loop is in time. */
  let lastLateMs: number | null = null;
  let timer = arm();

  function arm(): NodeJS.Timeout {
    dueMs = performance.now() + sampleMs;
    return setTimeout(sample, sampleMs).unref();
  }

  function sample(): void {
    const nowMs = performance.now();
    lastLagMs = Math.max(0, nowMs - dueMs);
    onSample(lastLagMs);
    note(lastLagMs, nowMs);
    timer = arm();
  }

  function note(lagMs: number, nowMs: number): void {
    if (lagMs >= lateMs) {
      worstMs = Math.max(worstMs, lagMs);
      if (lastLateMs === null) onLate(lagMs);
      lastLateMs = nowMs;
    } else if (lastLateMs !== null && nowMs - lastLateMs >= recoveredMs) {
      onRecovered(worstMs);
      lastLateMs = null;
      worstMs = 0;
    }
  }

  return {
    lagMs: (nowMs) => Math.max(lastLagMs, nowMs - dueMs),
    look(nowMs) {
      if (nowMs - dueMs >= lateMs) note(nowMs - dueMs, nowMs);
    },
    stop: () => clearTimeout(timer),
  };
}
