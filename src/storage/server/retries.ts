/** A transaction that failed is undone as a whole, and so can be done again from its start. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Before the second try at the least; then twice as long each time, up to the most. */
const pauseMinMs = 5;
const pauseMaxMs = 400;

export interface RetryLimits {
  /** 1 or more. */
  readonly triesMax: number;
  /** Whether another try may go better. */
  readonly isHopeful: (error: unknown) => boolean;
  /** 0 to below 1. */
  readonly random: () => number;
}

/** Calls `work` until it succeeds. @throws what the last try threw */
export async function retry<Result>(
  work: () => Promise<Result>,
  { triesMax, isHopeful, random }: RetryLimits,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isHopeful(error) || tries >= triesMax) throw error;
    }
    await sleep(Math.min(pauseMinMs * 2 ** tries, pauseMaxMs) * (0.5 + random() / 2));
  }
}
