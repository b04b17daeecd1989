/**
 * Everything that the benchmark does otherwise on one engine than on another: one object for each. Where its runs get
 * their databases from is in the file that `databases.ts` describes.
 */
import { versionOf } from './environment.ts';

/** At least so much; null is shown and not judged. */
type Least = number | null;

export interface BenchEngine {
  /** Whether several instances can share it: then two are measured as well, and more connections. */
  readonly isServer: boolean;
  /** Whether a program runs the engine's own statements without the service here. */
  readonly runsStatementsAlone: () => boolean;
  readonly leastRatios: {
    readonly toHttpCeiling: Least;
    readonly hotToAll: Least;
    readonly mixToOrders: Least;
    readonly toTextbook: Least;
    readonly filledToEmpty: (ordersStored: number) => Least;
    readonly loneBatchedToUnbatched: Least;
    readonly loggedToUnlogged: Least;
  };
  /** Requests per second, of a measurement of Nozama. */
  readonly leastRates: readonly {
    readonly measurement: string;
    readonly label: string;
    readonly least: number;
  }[];
  /** In milliseconds, at half the peak; none when that depends on a server beside. */
  readonly openLoopMost: readonly {
    readonly field: 'p99Ms' | 'p999Ms';
    readonly name: string;
    readonly most: number;
  }[];
}

export const benchEngines = {
  sqlite: {
    isServer: false,
    runsStatementsAlone: () => false,
    leastRatios: {
      toHttpCeiling: 0.35,
      hotToAll: 0.9,
      mixToOrders: 0.85,
      toTextbook: null,
      filledToEmpty: (ordersStored) => (ordersStored >= 10_000_000 ? 0.85 : 0.9),
      loneBatchedToUnbatched: 0.95,
      loggedToUnlogged: 0.95,
    },
    leastRates: [
      { measurement: 'pipeline', label: 'POST then GET', least: 15_000 },
      { measurement: 'orders', label: 'Orders only', least: 15_000 },
    ],
    openLoopMost: [
      { field: 'p99Ms', name: 'p99', most: 10 },
      { field: 'p999Ms', name: 'p99.9', most: 50 },
    ],
  },
  postgres: {
    isServer: true,
    runsStatementsAlone: () => versionOf('pgbench') !== null,
    // The database and its disk share the cores: its cost is compared with its own ceiling.
    leastRatios: {
      toHttpCeiling: null,
      hotToAll: 0.8,
      mixToOrders: 0.85,
      toTextbook: 3,
      filledToEmpty: () => null,
      loneBatchedToUnbatched: null,
      loggedToUnlogged: null,
    },
    leastRates: [
      { measurement: 'pipeline', label: 'POST then GET', least: 10_000 },
      { measurement: 'pipeline-many', label: 'POST then GET, 256 connections', least: 10_000 },
    ],
    openLoopMost: [],
  },
} satisfies Readonly<Record<string, BenchEngine>>;

export type EngineName = keyof typeof benchEngines;

export const engineNames = Object.keys(benchEngines) as readonly EngineName[];

export function benchEngine(name: EngineName): BenchEngine {
  return benchEngines[name];
}
