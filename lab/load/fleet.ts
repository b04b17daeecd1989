/**
 * The generator as others see it: one or more worker processes that drive one service, and one stream of
 * samples that is theirs together.
 */
import type { Pace, RunPlan } from '../control/run-plan.ts';

/** After the end of the run, for answers that are still to come. */
export const drainMsMax = 10_000;
/** While a run goes on; how many of them a view keeps is the control's matter. */
export const samplesPerSecond = 4;

export interface Fleet {
  /** Changes the pace while running; a new profile's seconds count from now. */
  setPace(pace: Pace): void;
  /** Tears every connection that has a request outstanding, as a network that breaks does. */
  cutConnections(): void;
  /** No new journeys; those under way have `drainMsMax` to end, and end where they would pause. */
  stop(): void;
  /** Resolves when every worker has ended; rejects, with one sentence, when one could not do its work. */
  readonly ended: Promise<FleetTotals>;
}

export interface FleetOptions {
  readonly plan: RunPlan;
  /** With the host filled in. */
  readonly url: string;
  /** Where each worker writes its part of the ledger, `ledger-<worker>.tsv`; null: no ledger. */
  readonly ledgerFolder: string | null;
  /** Four times a second. */
  readonly onSample: (sample: FleetSample) => void;
}

/** Milliseconds by percentile; null when there was nothing to measure. */
export interface Latency {
  readonly count: number;
  readonly meanMs: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly p999Ms: number | null;
  readonly maxMs: number | null;
}

export type LoadPhase = 'warm-up' | 'measuring' | 'draining';

/** A quarter of a second, all workers together. */
export interface FleetSample {
  /** Seconds since the first request was due. */
  readonly atSecond: number;
  /** Length of the part of the run that is counted here. */
  readonly seconds: number;
  readonly phase: LoadPhase;
  readonly requests: number;
  readonly failures: number;
  readonly latency: Latency;
  /** Users on a journey, pauses included. */
  readonly users: number;
  /** Requests without an answer yet. */
  readonly inFlight: number;
  /** Open loop: due, and waiting for a free connection. */
  readonly waiting: number;
  /** Requests a second that were meant to be sent; null in a closed loop. */
  readonly intendedPerSecond: number | null;
  /** Processor time of all workers by wall time: 1 is one core. */
  readonly cpuCores: number;
  /**
   * Open loop: from when a request was due and a connection free, to when it was sent. Closed loop: by how much the
   * generator's clock, due every millisecond, was late.
   */
  readonly latenessP99Ms: number | null;
  /** From the beginning of the measured part (of the run, while warming up). */
  readonly routes: readonly RouteTotals[];
  readonly failuresByKind: readonly FailureKind[];
}

export interface RouteTotals {
  /** Such as `GET /orders/{id}`. */
  readonly route: string;
  readonly requests: number;
  readonly failures: number;
  readonly requestsPerSecond: number;
  readonly latency: Latency;
}

export interface FailureKind {
  readonly route: string;
  /** Such as `503`, `ECONNREFUSED`, `timeout`. */
  readonly reason: string;
  readonly count: number;
  /** The start of one such answer, at most 500 characters, or the words of the error. */
  readonly example: string;
}

export interface FleetTotals {
  /** Of the measured part. */
  readonly seconds: number;
  /** Closed loop: answered in the measured part. Open loop: due in it, whenever they were answered. */
  readonly requests: number;
  readonly failures: number;
  /** Answers within the measured part by its length. */
  readonly requestsPerSecond: number;
  readonly latency: Latency;
  /** For the report: latency at each percentile of a fine scale, all routes together. */
  readonly percentiles: readonly (readonly [percentile: number, ms: number])[];
  readonly routes: readonly RouteTotals[];
  readonly failuresByKind: readonly FailureKind[];
  /** In the measured part: the longest time in which something was asked and nothing answered, to a quarter of a second. */
  readonly silentSecondsMax: number;
  /**
   * Of the whole run: answers that acknowledged an order (one that is sent again with its key counts again),
   * and orders sent whose answer never came.
   */
  readonly ordersPlaced: number;
  readonly ordersUnknown: number;
  /** The busiest worker's, in the measured part. */
  readonly cpuCoresMax: number;
  /** As in a sample. */
  readonly latenessP99Ms: number | null;
  /** In the measured part: the longest time in which a worker stood still, in milliseconds. Missing in runs of older labs. */
  readonly stallMaxMs?: number;
  readonly workers: number;
  /** Why the figures are not to be believed: a generator that was saturated or late, requests dropped. */
  readonly voidReasons: readonly string[];
}
