/** The messages to a worker on its standard input and from it on its standard output, one JSON document a line. */
import type { Pace, RunPlan } from '../control/run-plan.ts';
import type { ListedProduct } from '../scenarios/scenario.ts';
import type { FailureKind, LoadPhase } from './fleet.ts';
import type { SparseHistogram } from './histogram.ts';

export interface WorkerSettings extends Omit<RunPlan, 'host' | 'hostIsMine' | 'objective'> {
  readonly url: string;
  /** 0 and up, below `workers`. */
  readonly worker: number;
  readonly products: readonly ListedProduct[];
  readonly ledgerFile: string | null;
}

export type WorkerCommand =
  | { readonly do: 'prepare'; readonly settings: WorkerSettings }
  | { readonly do: 'start' }
  | { readonly do: 'pace'; readonly pace: Pace }
  | { readonly do: 'cut' }
  | { readonly do: 'stop' };

export type WorkerReport =
  | { readonly is: 'ready' }
  | { readonly is: 'sample'; readonly sample: WorkerSample }
  /** Orders of the whole run. */
  | { readonly is: 'done'; readonly ordersPlaced: number; readonly ordersUnknown: number }
  | { readonly is: 'problem'; readonly message: string };

/** Since the sample before, unless a field says otherwise. Samples of one number are of about the same time. */
export interface WorkerSample {
  /** At its end, since the first request was due. */
  readonly atSecond: number;
  readonly seconds: number;
  readonly phase: LoadPhase;
  readonly routes: readonly RouteSample[];
  readonly failures: readonly FailureKind[];
  readonly cpuSeconds: number;
  /** The longest time in which the worker did nothing at all, in milliseconds. */
  readonly stallMs: number;
  /** Of sending in an open loop, of the clock in a closed one. */
  readonly lateness: SparseHistogram;
  readonly dropped: number;
  /** Journeys of an open loop. */
  readonly due: number;
  /** Of these, the journeys that were delayed because users paused, and not because the service was slow. */
  readonly unready: number;
  /** At its end. */
  readonly users: number;
  readonly inFlight: number;
  readonly waiting: number;
  readonly intendedPerSecond: number | null;
}

export interface RouteSample {
  readonly route: string;
  readonly measured: TallySample;
  readonly unmeasured: TallySample;
  readonly answeredInWindow: number;
}

export interface TallySample {
  readonly requests: number;
  readonly failures: number;
  readonly latency: SparseHistogram;
}

/** Splits whole numbers so that the parts add up. */
export function shareOf(total: number, worker: number, workers: number): number {
  return Math.floor(total / workers) + (worker < total % workers ? 1 : 0);
}
