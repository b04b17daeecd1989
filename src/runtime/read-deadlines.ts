/**
 * Ends reads that take too long, without a timer for each: entries expire in the order they came in, and one
 * unreferenced interval looks at the oldest. Precise to a quarter of the time bound.
 */
export interface ReadDeadlines {
  /** Calls `expire` once, unless the returned function is called before. */
  begin(expire: () => void): () => void;
  stop(): void;
}

export function createReadDeadlines(timeoutMs: number): ReadDeadlines {
  const pending = new Map<() => void, number>();
  const sweep = () => {
    const oldest = performance.now() - timeoutMs;
    for (const [expire, startedAt] of pending) {
      if (startedAt > oldest) break;
      pending.delete(expire);
      expire();
    }
  };
  const interval = setInterval(sweep, timeoutMs / 4);
  interval.unref();
  return {
    begin(expire) {
      pending.set(expire, performance.now());
      return () => {
        pending.delete(expire);
      };
    },
    stop: () => clearInterval(interval),
  };
}
