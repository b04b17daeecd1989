/** Journeys through a scenario file: each user's tasks by their weights, data by seed, answers handed in. */
import type {
  Answer,
  Journey,
  ListedProduct,
  RandomData,
  Scenario,
  Step,
  Task,
  User,
} from '../scenarios/scenario.ts';
import { below, type Random, seededRandom } from './random.ts';
import type { NextStep, Traffic, UserJourneys } from './traffic.ts';

export interface JourneyOptions {
  readonly seed: number;
  readonly products: readonly ListedProduct[];
}

const pauseMsMax = 600_000;

export function scenarioTraffic(scenario: Scenario, { seed, products }: JourneyOptions): Traffic {
  const chooseTask = weightedChoice(scenario.tasks);
  return {
    requestsPerJourney: scenario.requestsPerJourney ?? 1,
    journeysOf(id) {
      // Users of neighbouring numbers must not be alike: the seed is spread by the generator itself.
      const random = seededRandom((seed ^ Math.imul(id + 1, 0x9e3779b1)) >>> 0);
      return userJourneys(chooseTask, random, { id, random: randomData(random), products });
    },
  };
}

function userJourneys(chooseTask: (random: Random) => Task, random: Random, user: User): UserJourneys {
  let journey: Journey | null = null;
  let lastAnswer = emptyAnswer(0);
  let keepsBody = false;

  function advance(answer: Answer): NextStep | null {
    if (journey === null) return null;
    const { done, value } = journey.next(answer);
    if (done === true) {
      journey = null;
      return null;
    }
    return check(value);
  }

  /** A scenario is anybody's code, and not always compiled. */
  function check(step: Step): NextStep {
    if (step?.kind === 'request') {
      ({ keepsBody } = step);
      return step;
    }
    if (step?.kind !== 'pause')
      throw new TypeError('a task yielded something that is neither a request nor a pause');
    const ms = step.msMin + user.random.fraction() * (step.msMax - step.msMin);
    if (!(ms >= 0 && ms <= pauseMsMax)) throw new RangeError(`a pause is ${ms} ms, not 0 to ${pauseMsMax}`);
    return { kind: 'pause', ms };
  }

  return {
    begin() {
      lastAnswer = emptyAnswer(0);
      journey = chooseTask(random).run(user);
      return advance(lastAnswer);
    },
    answered(status, body) {
      lastAnswer = keepsBody ? keptAnswer(status, body()) : emptyAnswer(status);
      return advance(lastAnswer);
    },
    resumed: () => advance(lastAnswer),
    end() {
      const ended = journey;
      journey = null;
      try {
        ended?.return();
      } catch {
        // The journey is given up; errors that it throws now do not matter.
      }
    },
  };
}

/** By the sum of all weights. */
function weightedChoice<Item extends { readonly weight: number }>(
  items: readonly Item[],
): (random: Random) => Item {
  const [first, ...others] = items;
  if (first === undefined) throw new RangeError('there is nothing to choose from');
  if (others.length === 0) return () => first;
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  return (random) => {
    let left = (random() / 0x1_0000_0000) * total;
    for (const item of items) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return first;
  };
}

export function randomData(random: Random): RandomData {
  return {
    fraction: () => random() / 0x1_0000_0000,
    whole: (min, max) => min + below(random, max - min + 1),
    pick(items) {
      if (items.length === 0) throw new RangeError('there is nothing to pick from');
      return items[below(random, items.length)] as (typeof items)[number];
    },
  };
}

/** Shared, because nothing is in them but the status. */
const emptyAnswers: Answer[] = [];

function emptyAnswer(status: number): Answer {
  emptyAnswers[status] ??= answerOf(status, '');
  return emptyAnswers[status];
}

function keptAnswer(status: number, body: Buffer): Answer {
  return answerOf(status, body.toString());
}

function answerOf(status: number, text: string): Answer {
  return { status, text: () => text, json: () => JSON.parse(text) as unknown };
}
