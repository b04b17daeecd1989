/** Where journeys come from: the engine asks for one step after the other, and hands over each answer. */
import type { RequestStep } from '../scenarios/scenario.ts';

export type NextStep = RequestStep | Pause;

export interface Pause {
  readonly kind: 'pause';
  readonly ms: number;
}

export interface Traffic {
  /** As expected: turns a rate of requests into one of journeys until enough of them have ended to know. */
  readonly requestsPerJourney: number;
  journeysOf(userId: number): UserJourneys;
}

/** One user's journeys, one after the other. An error that a method throws is a failure of the journey. */
export interface UserJourneys {
  /** The first step of a new journey; its bytes need only be valid until another is asked for. Null: none. */
  begin(): NextStep | null;
  /** The step after an answer. @param status 0 when none came; @param body valid during the call */
  answered(status: number, body: () => Buffer): NextStep | null;
  /** The step after a pause. */
  resumed(): NextStep | null;
  /** The journey is given up. */
  end(): void;
}
