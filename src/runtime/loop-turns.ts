/**
 * Keeps every turn of the event loop short, so that commits and timers, which wait for the next turn, come soon.
 *
 * A turn answers requests for up to twice `budgetMs`. The requests that come later in the same turn wait for the next
 * one, in the order they came; no turn begins new ones before those. This is more than fairness on Bun: its accept
 * loop runs the handler of each new connection before it accepts the next, so while a new connection is there each
 * time a handler returns, that loop never ends, and no timer, worker message or `setImmediate` runs
 * (docs/decisions/0027). A client that waits opens no new connection, and the loop ends.
 *
 * Limits: `heldMax` requests wait; more are refused. A handler that takes long by itself is not cut short. Clients
 * that open connections faster than the thread can accept them, whatever comes of the ones before, are beyond it.
 */

export interface LoopTurns {
  /**
   * Called when a request has come. Null: it may be answered at once. A promise: once that resolves. `full`: so
   * many wait that it has to be refused.
   * @param nowMs by `performance.now()`
   */
  admit(nowMs: number): Promise<void> | null | 'full';
  /** Requests that wait for a later turn. */
  heldCount(): number;
}

export interface LoopTurnsOptions {
  /** Milliseconds of a turn in which requests begin to be answered. */
  readonly budgetMs: number;
  /** 1 or more. */
  readonly heldMax: number;
}

export function createLoopTurns({ budgetMs, heldMax }: LoopTurnsOptions): LoopTurns {
  let isInTurn = false;
  let turnBeganMs = -Infinity;
  let held: (() => void)[] = [];

  function begin(nowMs: number): void {
    isInTurn = true;
    turnBeganMs = nowMs;
    setImmediate(turned);
  }

  function turned(): void {
    isInTurn = false;
    if (held.length === 0) return;
    begin(performance.now());
    void release();
  }

  /** Each is answered, as far as that goes without waiting for anything, before the next is let go. */
  async function release(): Promise<void> {
    let released = 0;
    for (const letGo of held) {
      if (released > 0 && performance.now() - turnBeganMs >= budgetMs) break;
      letGo();
      released += 1;
      for (let step = 0; step < stepsOfAnswer; step += 1) await null;
    }
    held = held.slice(released);
  }

  return {
    admit(nowMs) {
      // The end of a turn is asked for once in a budget, not in each turn: a `setImmediate` keeps the loop from waiting
      // for its sockets (docs/decisions/0027).
      if (!isInTurn && nowMs - turnBeganMs >= budgetMs) begin(nowMs);
      if (held.length === 0 && nowMs - turnBeganMs < budgetMs) return null;
      if (held.length >= heldMax) return 'full';
      return new Promise((resolve) => held.push(resolve));
    },
    heldCount: () => held.length,
  };
}

/** An answer that waits for nothing is ready after so many steps of the microtask queue. */
const stepsOfAnswer = 8;
