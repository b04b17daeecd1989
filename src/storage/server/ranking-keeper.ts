/**
 * Keeps rankings tidy. A product comes into its state’s ranking in the transaction of its order; the products that
 * it has pushed beyond the last rank are taken out here, in a transaction of its own a moment later. Until then a
 * ranking is only longer than it need be, never wrong. A ranking that a cancelled order has shortened is filled up again
 * here, before its spare ranks are used up.
 */

/** How long states are gathered before their rankings are tidied. */
export const shortenAfterMs = 250;

export interface RankingKeeper {
  /** A counter came into the rankings of these states, or fell in them. */
  ranked(states: readonly string[]): void;
  /** Waits for what is under way and drops the rest: rankings stay right without it. */
  stop(): Promise<void>;
}

/** @param shorten fills up the rankings of these states, and takes out the counters that are beyond the last rank */
export function createRankingKeeper(shorten: (states: readonly string[]) => Promise<void>): RankingKeeper {
  const states = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();
  let isStopped = false;

  async function shortenDue(): Promise<void> {
    timer = undefined;
    const due = [...states];
    states.clear();
    try {
      await shorten(due);
    } catch {
      // The database is away, or busy: commits report it. The next product that comes in tries again.
    }
  }

  return {
    ranked(more) {
      for (const state of more) states.add(state);
      if (states.size === 0 || timer !== undefined || isStopped) return;
      timer = setTimeout(() => {
        underWay = shortenDue();
      }, shortenAfterMs);
      timer.unref();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await underWay;
    },
  };
}
