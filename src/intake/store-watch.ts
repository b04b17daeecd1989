/**
 * Knows whether orders can be stored, for `/readyz`: it is off until a first durable write has succeeded, a failed
 * commit turns it off, and the next good one on.
 *
 * While it is off, readiness may keep all traffic away, so no commit would ever turn it on again:
 * therefore it then tries a write of its own every `retryMs`, until one succeeds. What fails orders may let that
 * write pass. So each time when an order fails before one was stored again, readiness stays off twice as long, up to
 * `retryMaxMs`; the first good commit ends that.
 */
import type { OrderStore } from '../storage/order-store.ts';

export interface StoreWatch {
  isWritable(): boolean;
  /** Tries a small durable write, before the first order. Resolves when it has succeeded or failed. */
  prove(): Promise<void>;
  /** Takes the error of the last commit: null for a good one. */
  commitSeen(error: unknown): void;
  stop(): void;
}

export interface StoreWatchOptions {
  readonly store: Pick<OrderStore, 'checkWritable'>;
  /** Milliseconds between two tries while the store fails. */
  readonly retryMs: number;
  /** The longest time that it stays off before a try, in milliseconds. */
  readonly retryMaxMs: number;
  /** Called when it turns off (with what failed) and when it turns on again (null). */
  readonly onChange: (error: unknown) => void;
}

export function createStoreWatch({ store, retryMs, retryMaxMs, onChange }: StoreWatchOptions): StoreWatch {
  /** Null until it is known. */
  let writable: boolean | null = null;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  /** From a failed commit to the first try. */
  let offMs = retryMs;

  function commitSeen(error: unknown): void {
    if (error === null) offMs = retryMs;
    turn(error);
  }

  /** @param error null turns it on */
  function turn(error: unknown): void {
    const isGood = error === null;
    const before = writable;
    if (isGood === before) return;
    writable = isGood;
    clearTimeout(timer);
    if (!isGood) {
      retryAfter(offMs);
      offMs = Math.min(2 * offMs, retryMaxMs);
    }
    if (!isGood || before === false) onChange(error);
  }

  function retryAfter(delayMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => {
      store.checkWritable().then(
        () => turn(null),
        () => retryAfter(retryMs),
      );
    }, delayMs);
    timer.unref();
  }

  return {
    isWritable: () => writable === true,
    prove: () => store.checkWritable().then(() => turn(null), turn),
    commitSeen,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
