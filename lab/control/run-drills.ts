/** The drills of one run: the faults, the promises that had to hold, and the results. */
import { type AnswerGaps, createAnswerGaps } from '../drills/answer-gaps.ts';
import type { Fault } from '../drills/fault.ts';
import { comes, isFeltIn, notFelt, notRecovered, waitedTooLong } from '../drills/recovery.ts';
import { type FleetSample, samplesPerSecond } from '../load/fleet.ts';
import type { DrillView } from './live.ts';

export interface RunDrills {
  /** Of every sample of the run. */
  add(sample: FleetSample): void;
  /**
   * Does the fault, and looks whether shoppers felt it and are served again. Resolves when all of that is over; what
   * went wrong is in the view.
   */
  make(fault: Fault, durationMs: number, run: () => Promise<void>): Promise<void>;
  view(): readonly DrillView[];
  /** Sentences about drills that failed in the run. */
  problems(): readonly string[];
}

interface Drill {
  readonly fault: Fault;
  count: number;
  isGoingOn: boolean;
  readonly problems: string[];
}

/**
 * @param isOver whether the load has ended, after which nothing more of a drill is seen
 * @param onChange the view is another
 */
export function createRunDrills(isOver: () => boolean, onChange: () => void): RunDrills {
  const gaps: AnswerGaps = createAnswerGaps();
  const drills = new Map<string, Drill>();
  let isFelt = false;
  let samplesSince = 0;
  let faultMs = 0;
  /** The longest wait of a shopper since the fault began. */
  let waitedMs = 0;

  function drillOf(fault: Fault): Drill {
    const known = drills.get(fault.name);
    if (known !== undefined) return known;
    const drill = { fault, count: 0, isGoingOn: false, problems: [] };
    drills.set(fault.name, drill);
    return drill;
  }

  /** @returns the promise that did not hold; null also when the load ended before it could be seen */
  async function problemOf(fault: Fault, run: () => Promise<void>): Promise<string | null> {
    // Where shoppers were turned away before it, that they are afterwards says nothing.
    const wasGood = gaps.isGoodNow();
    await run();
    samplesSince = 0;
    const isSeen = () => samplesSince > samplesPerSecond;
    const isRecovered = await comes(() => isSeen() && (!wasGood || gaps.isGoodNow()), isOver);
    if (isOver()) return null;
    if (!isRecovered) return notRecovered;
    return fault.isFelt && !isFelt ? notFelt : waitedTooLong(fault, waitedMs);
  }

  return {
    add(sample) {
      gaps.add(sample);
      samplesSince += 1;
      isFelt ||= isFeltIn(sample, faultMs);
      waitedMs = Math.max(waitedMs, sample.latency.maxMs ?? 0);
    },
    async make(fault, durationMs, run) {
      const drill = drillOf(fault);
      drill.count += 1;
      drill.isGoingOn = true;
      faultMs = durationMs;
      isFelt = false;
      waitedMs = 0;
      onChange();
      try {
        const problem = await problemOf(fault, run);
        if (problem !== null) drill.problems.push(problem);
      } catch (error) {
        drill.problems.push(error instanceof Error ? error.message : String(error));
      } finally {
        drill.isGoingOn = false;
        onChange();
      }
    },
    view: () =>
      Array.from(drills.values(), ({ fault: { name, title, about }, count, isGoingOn, problems }) => {
        return { name, title, about, count, isGoingOn, problems: [...problems] };
      }),
    problems: () =>
      Array.from(drills.values()).flatMap(({ fault, problems }) =>
        problems.map((problem) => `${fault.title}: ${problem}`),
      ),
  };
}
