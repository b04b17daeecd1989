import { AssertionError } from 'node:assert';

/**
 * Of a check of durations or rates one good try is enough: a machine that stands still for a moment spoils one, and
 * what is wrong spoils all.
 *
 * @throws the failure of the last try; at once what is no failed assertion
 */
export async function passesOnce(check: () => Promise<void>, triesMax = 3): Promise<void> {
  for (let left = triesMax; left > 0; left -= 1) {
    try {
      return await check();
    } catch (error) {
      if (left === 1 || !(error instanceof AssertionError)) throw error;
    }
  }
}
