/** The users of one engine, counted: each of them keeps these figures right. */
export interface Crowd {
  onJourney: number;
  /** Of these, in a pause of their scenario. */
  pausing: number;
  outstanding: number;
  /** Journeys end where they would pause. */
  isDraining: boolean;
  /** Those with a request in them. */
  journeysEnded: number;
  /** In those journeys. */
  requestsEnded: number;
}

export function newCrowd(): Crowd {
  return {
    onJourney: 0,
    pausing: 0,
    outstanding: 0,
    isDraining: false,
    journeysEnded: 0,
    requestsEnded: 0,
  };
}
