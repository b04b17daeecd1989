/** The settings of a run; the page's form, the command line and the API all make one of these. */
export interface RunPlan {
  /** Name of a file in `lab/scenarios/`, without `.ts`. */
  readonly scenario: string;
  /** Where the service listens; null: the lab starts one of its own. */
  readonly host: string | null;
  /** Must be true for a host that is not this machine: "it is mine, and I may load it". */
  readonly hostIsMine: boolean;
  readonly pace: Pace;
  /**
   * Of the measured part: all after the warm-up, a ramp included. 0.1 to `runSecondsMax`; null: until stopped,
   * `runSecondsMax` at the most.
   */
  readonly seconds: number | null;
  readonly warmupSeconds: number;
  /** `each-request` opens a new connection for every request. */
  readonly connections: 'keep-alive' | 'each-request';
  /** Generator processes. */
  readonly workers: number;
  readonly seed: number;
  /** Without an answer for so long, a request is given up. */
  readonly timeoutMs: number;
  readonly objective: Objective;
}

/**
 * - `users`: a closed loop. So many users, each on its connection, who start the next journey when the last
 *   has ended; `spawnPerSecond` more of them each second until all are there.
 * - `arrivals`: an open loop. Requests are due at times that do not depend on the answers; at most
 *   `usersMax` at once, the others wait, and their latency counts from when they were due.
 */
export type Pace =
  | { readonly kind: 'users'; readonly users: number; readonly spawnPerSecond: number }
  | { readonly kind: 'arrivals'; readonly profile: ArrivalProfile; readonly usersMax: number };

/** Requests a second over time; seconds count from the start of the run, warm-up included. */
export type ArrivalProfile =
  | { readonly shape: 'constant'; readonly perSecond: number }
  /** From one rate to another in a straight line, which is then kept. */
  | {
      readonly shape: 'ramp';
      readonly fromPerSecond: number;
      readonly toPerSecond: number;
      readonly overSeconds: number;
    }
  /** Up by `byPerSecond` every `everySeconds`, to `toPerSecond` at the most. */
  | {
      readonly shape: 'step';
      readonly fromPerSecond: number;
      readonly byPerSecond: number;
      readonly everySeconds: number;
      readonly toPerSecond: number;
    }
  /** One spike of `forSeconds`. */
  | {
      readonly shape: 'spike';
      readonly perSecond: number;
      readonly peakPerSecond: number;
      readonly atSecond: number;
      readonly forSeconds: number;
    }
  | {
      readonly shape: 'sine';
      readonly perSecond: number;
      readonly amplitudePerSecond: number;
      readonly periodSeconds: number;
    };

/** What the run is compared with; null: not looked at. A broken one makes the command end with 1. */
export interface Objective {
  readonly p99MsMax: number | null;
  /** Failures by requests, 0 to 1. */
  readonly failureShareMax: number | null;
  readonly requestsPerSecondMin: number | null;
}

/** Every bound of a plan: least and most. */
export const planBounds = {
  users: [1, 20_000],
  spawnPerSecond: [0.1, 20_000],
  perSecond: [0.1, 500_000],
  seconds: [0.1, 86_400],
  warmupSeconds: [0, 600],
  workers: [1, 64],
  seed: [0, 0xffff_ffff],
  timeoutMs: [10, 600_000],
} as const;

/** A run without an end is stopped after a day. */
export const runSecondsMax = 86_400;
