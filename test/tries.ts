import { AssertionError } from 'node:assert';

/**
 * Repeats a check of durations or rates that failed because the machine stood still meanwhile.
 *
 * The check measures that itself, and tells it before it asserts. So a failure of an undisturbed try is final, and a
 * fault that shows in one try of three is not taken for the machine's.
 *
 * @param check tells what disturbed the try; false or null when nothing did
 * @throws the failure of the first undisturbed try, or of the last one; at once what is no failed assertion
 */
export async function repeatWhenDisturbed(
  check: (tell: (disturbance: string | false | null) => void) => Promise<void>,
  triesMax = 3,
): Promise<void> {
  for (let left = triesMax; left > 0; left -= 1) {
    let isDisturbed = false;
    try {
      return await check((disturbance) => {
        if (disturbance) isDisturbed = true;
      });
    } catch (error) {
      if (left === 1 || !isDisturbed || !(error instanceof AssertionError)) throw error;
    }
  }
}
