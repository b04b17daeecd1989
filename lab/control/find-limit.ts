/**
 * Looks for the highest arrival rate at which an objective holds: up in large steps until it breaks, then
 * between the last rate that held and the first that broke, and once more, for longer, at what was found.
 */
import type { LimitSearch } from './check-plan.ts';
import type { LimitSearchView, LimitStep } from './live.ts';

/** The figures of one rate. */
export type RateTried = Omit<LimitStep, 'holds' | 'isConfirmation'>;

type LimitObjective = LimitSearchView['objective'];

export interface FindLimitOptions {
  readonly search: LimitSearch;
  /** Offers a rate for a while; `isConfirmation` asks for a longer one. */
  readonly tryRate: (perSecond: number, isConfirmation: boolean) => Promise<RateTried>;
  readonly onChange: (view: LimitSearchView) => void;
  /** Asked before each try. */
  readonly isStopped: () => boolean;
}

const climbFactor = 1.5;

/** The search ends when the lowest rate that broke is so close to the highest that held. */
const precision = 0.03;

/** Below the first rate by so much, the search gives up. */
const fallMax = 100;

/** A rate that does not hold for longer is lowered, by more each time, so often at the most. */
const confirmationsMax = 6;

const brokenTriesMax = 2;
const voidTriesMax = 3;

/** Poisson arrivals and the ends of a try move the answered rate by some per cent; this is a service that lags. */
const answeredShareMin = 0.9;

/** Why a search ended before it had found the limit. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

export async function findLimit(options: FindLimitOptions): Promise<LimitSearchView> {
  const search = new Search(options);
  try {
    const bounds = await search.findBounds();
    return bounds === null
      ? search.end(nothingHolds(search.view))
      : await search.confirm(await search.narrow(bounds));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return search.end(error.message);
  }
}

interface Bounds {
  readonly held: number;
  /** The lowest rate that did not hold; null when all did. */
  readonly upper: LimitStep | null;
}

class Search {
  readonly #options: FindLimitOptions;
  view: LimitSearchView;

  constructor(options: FindLimitOptions) {
    this.#options = options;
    const { p99MsMax, failureShareMax } = options.search;
    this.view = {
      objective: { p99MsMax, failureShareMax },
      steps: [],
      tryingPerSecond: null,
      holdsPerSecond: null,
      ending: null,
    };
  }

  /** Climbs until a rate breaks, and falls until one holds. Null when none did. */
  async findBounds(): Promise<Bounds | null> {
    const { fromPerSecond, toPerSecond } = this.#options.search;
    let upper: LimitStep | null = null;
    let held: number | null = null;
    // The last rate is the bound as it was given: rounded, it would be beyond the bound, or never reach it.
    for (let rate = fromPerSecond; ; rate = Math.min(nice(rate * climbFactor), toPerSecond)) {
      const step = await this.#insist(rate);
      if (!step.holds) {
        upper = step;
        break;
      }
      held = rate;
      if (rate >= toPerSecond) break;
    }
    for (let rate = fromPerSecond / climbFactor; held === null; rate /= climbFactor) {
      if (rate < fromPerSecond / fallMax) return null;
      const step = await this.#insist(nice(rate));
      if (step.holds) held = nice(rate);
      else upper = step;
    }
    return { held, upper };
  }

  async narrow({ held, upper }: Bounds): Promise<Bounds> {
    let [low, high] = [held, upper];
    while (high !== null && high.perSecond - low > low * precision) {
      const step = await this.#insist(nice((low + high.perSecond) / 2));
      if (step.holds) low = step.perSecond;
      else high = step;
    }
    return { held: low, upper: high };
  }

  /** Tries the rate for longer, and lower ones when it does not hold. */
  async confirm({ held, upper }: Bounds): Promise<LimitSearchView> {
    const { search } = this.#options;
    let [rate, broken] = [held, upper];
    for (let count = 1; count <= confirmationsMax; count += 1) {
      const step = await this.#insist(rate, true);
      if (step.holds) return this.end(endingOf(broken, search), rate);
      broken = step;
      rate = nice(rate * (1 - precision * count));
    }
    return this.end(
      `No rate held when it was tried for longer: ${whatBroke(this.view.steps.at(-1), search)}.`,
    );
  }

  end(ending: string, holdsPerSecond: number | null = null): LimitSearchView {
    return this.#change({ tryingPerSecond: null, holdsPerSecond, ending });
  }

  #change(part: Partial<LimitSearchView>): LimitSearchView {
    this.view = { ...this.view, ...part };
    this.#options.onChange(this.view);
    return this.view;
  }

  /**
   * One stall of the machine is not the limit of the service, nor of the generator: what breaks must break
   * twice, and thrice where the generator may be to blame. A rate that held although the generator was late has
   * held, as latency counts from when a request was due; but the figures of a confirmation are to be sound.
   */
  async #insist(perSecond: number, isConfirmation = false): Promise<LimitStep> {
    let broken = 0;
    let voided = 0;
    for (;;) {
      const step = await this.#attempt(perSecond, isConfirmation);
      const isVoid = step.voidReasons.length > 0;
      if (step.holds && !(isVoid && isConfirmation)) return step;
      if (isVoid) voided += 1;
      else broken += 1;
      if (broken === brokenTriesMax || voided === voidTriesMax) return step;
    }
  }

  async #attempt(perSecond: number, isConfirmation: boolean): Promise<LimitStep> {
    const { search, tryRate } = this.#options;
    this.#assertGoingOn();
    this.#change({ tryingPerSecond: perSecond });
    const tried = await tryRate(perSecond, isConfirmation);
    this.#assertGoingOn();
    const step = { ...tried, isConfirmation, holds: reasonsBroken(tried, search).length === 0 };
    this.#change({ steps: [...this.view.steps, step] });
    return step;
  }

  #assertGoingOn(): void {
    if (this.#options.isStopped()) throw new Stopped('The search was stopped before it had found the limit.');
  }
}

function reasonsBroken(tried: RateTried, { p99MsMax, failureShareMax }: LimitObjective): readonly string[] {
  const reasons: string[] = [];
  if (tried.p99Ms === null) reasons.push('nothing was answered');
  else if (tried.p99Ms > p99MsMax) reasons.push(`p99 was ${tried.p99Ms.toFixed(1)} ms, above ${p99MsMax} ms`);
  if (tried.failureShare > failureShareMax) {
    reasons.push(
      `${(tried.failureShare * 100).toFixed(2)} % failed, above ${(failureShareMax * 100).toFixed(2)} %`,
    );
  }
  if (tried.answeredPerSecond < tried.perSecond * answeredShareMin) {
    reasons.push(`only ${Math.round(tried.answeredPerSecond).toLocaleString('en')} a second were answered`);
  }
  return reasons;
}

function whatBroke(step: LimitStep | undefined, objective: LimitObjective): string {
  if (step === undefined) return 'nothing was tried';
  const reasons = [...step.voidReasons, ...reasonsBroken(step, objective)];
  return `at ${step.perSecond.toLocaleString('en')}/s ${reasons.join('; ')}`;
}

function endingOf(upper: LimitStep | null, search: LimitSearch): string {
  if (upper === null) {
    return `The highest rate that was to be tried holds: ${search.toPerSecond.toLocaleString('en')}/s.`;
  }
  return upper.voidReasons.length > 0
    ? `The generator, not the service, was at its end: ${whatBroke(upper, search)}.`
    : `The objective broke ${whatBroke(upper, search)}.`;
}

function nothingHolds({ steps, objective }: LimitSearchView): string {
  return `The objective does not hold at any rate: ${whatBroke(steps.at(-1), objective)}.`;
}

/** Four digits are as many as a rate deserves. */
function nice(rate: number): number {
  return Number(rate.toPrecision(4));
}
