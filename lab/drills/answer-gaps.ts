/** For how long shoppers were without a good answer, from the generator's samples. */
import type { FleetSample } from '../load/fleet.ts';

export interface AnswerGaps {
  add(sample: FleetSample): void;
  /** The longest time without a good answer, in seconds, to a quarter of one; up to the last sample. */
  longestSeconds(): number;
  /** Whether the last second had good answers, and no others. */
  isGoodNow(): boolean;
}

const lastSeconds = 1;

export function createAnswerGaps(): AnswerGaps {
  let goodAt = 0;
  let longest = 0;
  let last: FleetSample[] = [];
  return {
    add(sample) {
      const { atSecond, seconds, requests, failures } = sample;
      // When within the sample the good answer came, it does not say.
      longest = Math.max(longest, atSecond - goodAt - (requests > failures ? seconds : 0));
      if (requests > failures) goodAt = atSecond;
      last = [...last.filter((one) => one.atSecond > atSecond - lastSeconds), sample];
    },
    longestSeconds: () => longest,
    isGoodNow: () =>
      last.some(({ requests }) => requests > 0) && last.every(({ failures }) => failures === 0),
  };
}
