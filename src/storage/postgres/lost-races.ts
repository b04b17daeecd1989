/** What lost to another transaction is undone as a whole, and so can be done again from its start. */
import { setTimeout as sleep } from 'node:timers/promises';
import { StatementFailedError } from './failures.ts';

/** A race is lost once or twice, seldom more. */
const triesMax = 8;
const pauseMinMs = 5;
const pauseMaxMs = 400;

/** Serialisation failure, deadlock (PostgreSQL manual, appendix A). */
const lostRace = ['40001', '40P01'];

/** Calls `work`, one transaction, until it loses no race any more, 8 times at most. @param random 0 to below 1 */
export async function retryLostRaces<Result>(
  work: () => Promise<Result>,
  random: () => number = Math.random,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isLostRace = error instanceof StatementFailedError && lostRace.includes(error.sqlState);
      if (!isLostRace || tries >= triesMax) throw error;
    }
    await sleep(Math.min(pauseMinMs * 2 ** tries, pauseMaxMs) * (0.5 + random() / 2));
  }
}
