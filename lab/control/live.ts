/** The state of a run as pages and other clients get it: by server-sent events and by GET /api/run. */
import type { FailureKind, FleetTotals, LoadPhase, RouteTotals } from '../load/fleet.ts';
import type { TruthVerdict } from '../truth/truth.ts';
import type { RunPlan } from './run-plan.ts';

export type RunState = 'starting' | 'running' | 'stopping' | 'checking' | 'ended' | 'failed';

/** Four times a second; every rate is of the last second. */
export interface LiveSample {
  readonly atSecond: number;
  readonly phase: LoadPhase;
  readonly requestsPerSecond: number;
  readonly failuresPerSecond: number;
  readonly intendedPerSecond: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly p999Ms: number | null;
  readonly users: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly generatorCores: number;
  readonly latenessP99Ms: number | null;
  /** From the service's /metrics; null while it does not answer, or has none. */
  readonly service: ServiceSample | null;
}

export interface ServiceSample {
  /** Orders in a commit batch, mean of the last second; null without a commit. */
  readonly batchSize: number | null;
  readonly commitMs: number | null;
  readonly queueDepth: number;
}

/** Something that happened, drawn on the charts. */
export interface RunEvent {
  readonly atSecond: number;
  /** `down` and `up`: the service stopped answering, and answers again. */
  readonly kind: 'fault' | 'down' | 'up' | 'change' | 'warning';
  readonly text: string;
}

export interface RunView {
  /** `2026-11-25T04-10-00-125Z-order-pipeline`, also the name of its files. */
  readonly id: string;
  readonly plan: RunPlan;
  readonly state: RunState;
  /** One sentence; null unless `failed`. */
  readonly problem: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly url: string;
  /** At most `samplesKeptMax`; older ones are thinned out. */
  readonly samples: readonly LiveSample[];
  readonly events: readonly RunEvent[];
  readonly routes: readonly RouteTotals[];
  readonly failures: readonly FailureKind[];
  /** Orders checked so far, while `checking`. */
  readonly checking: { readonly checked: number; readonly orders: number } | null;
  /** Once the load has ended. */
  readonly totals: FleetTotals | null;
  readonly truth: TruthVerdict | null;
  /** Why the figures are void; known at the end, and as soon as seen. */
  readonly voidReasons: readonly string[];
  /** Sentences about broken objectives, failed drills and other failures; empty when all held. */
  readonly broken: readonly string[];
  readonly limit: LimitSearchView | null;
  /** The faults done to the service. Missing in runs that were kept by an older version. */
  readonly drills?: readonly DrillView[];
  /** Missing in runs that were kept before it was written down. */
  readonly environment?: RunEnvironment;
}

/** One kind of fault, and its result. */
export interface DrillView {
  readonly name: string;
  readonly title: string;
  /** One sentence: the fault, and the promise that must hold. */
  readonly about: string;
  /** How often it was done. */
  readonly count: number;
  readonly isGoingOn: boolean;
  /** In words; empty when all held as far as it was seen. */
  readonly problems: readonly string[];
}

/** Of the machine that makes the load, which is also the service's when the lab has started it. */
export interface RunEnvironment {
  /** Of the lab, such as `Bun 1.3.14`. */
  readonly runtime: string;
  readonly system: string;
  readonly processor: string;
  /** That the lab may use. */
  readonly cores: number;
  readonly memoryGib: number;
  /** The service that the lab has started itself; null when a host was named. */
  readonly service: {
    readonly engine: string;
    readonly settings: Readonly<Record<string, string>>;
  } | null;
}

/** Half an hour at 4 Hz in full; a longer run is thinned. */
export const samplesKeptMax = 7_200;

export interface LimitSearchView {
  readonly objective: { readonly p99MsMax: number; readonly failureShareMax: number };
  readonly steps: readonly LimitStep[];
  /** The rate that is tried now. */
  readonly tryingPerSecond: number | null;
  /** The highest rate that held, and held again when tried twice; null until found. */
  readonly holdsPerSecond: number | null;
  /** One sentence at the end: the reason why the rate is not higher, or why none was found; null before. */
  readonly ending: string | null;
}

export interface LimitStep {
  readonly perSecond: number;
  readonly answeredPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly failureShare: number;
  /** Of the objective; a rate that held although the generator was late has held. */
  readonly holds: boolean;
  /** A second try of a rate that held. */
  readonly isConfirmation: boolean;
  readonly voidReasons: readonly string[];
}

/** One line of `GET /api/runs`. */
export interface RunSummary {
  readonly id: string;
  readonly scenario: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly requests: number;
  readonly failures: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly p999Ms: number | null;
  readonly verdict: TruthVerdict['kind'] | null;
  readonly isVoid: boolean;
  /** A limit that the run was compared with did not hold. */
  readonly isBroken: boolean;
  /** A search for the limit: the figures are of its last step. */
  readonly isSearch: boolean;
}

/** Data that the page needs before a run. */
export interface LabView {
  readonly scenarios: readonly { readonly name: string; readonly title: string; readonly about: string }[];
  /** The plan that the form shows first. */
  readonly plan: RunPlan;
  /** The lab's own service; null when a host was named. */
  readonly service: { readonly url: string; readonly engine: string; readonly isRunning: boolean } | null;
  readonly faults: readonly {
    readonly name: string;
    readonly title: string;
    readonly about: string;
    /** True, or a sentence why it can't be done here. */
    readonly isPossible: true | string;
  }[];
  readonly cores: number;
}
