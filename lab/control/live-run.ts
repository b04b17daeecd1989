/** The state of a run while it goes on. Its listeners are told of each change. */
import {
  type FailureKind,
  type FleetSample,
  type FleetTotals,
  type RouteTotals,
  samplesPerSecond,
} from '../load/fleet.ts';
import type { TruthVerdict } from '../truth/truth.ts';
import {
  type DrillView,
  type LimitSearchView,
  type LiveSample,
  type RunEnvironment,
  type RunEvent,
  type RunState,
  type RunView,
  type ServiceSample,
  samplesKeptMax,
} from './live.ts';
import { readEnvironment } from './run-environment.ts';
import type { RunPlan } from './run-plan.ts';

/** A server-sent event: its name and its data. */
export type RunMessage =
  | { readonly name: 'run'; readonly data: RunView }
  | { readonly name: 'sample'; readonly data: LiveSample }
  | {
      readonly name: 'routes';
      readonly data: { readonly routes: readonly RouteTotals[]; readonly failures: readonly FailureKind[] };
    }
  | { readonly name: 'event'; readonly data: RunEvent }
  | { readonly name: 'checking'; readonly data: { readonly checked: number; readonly orders: number } }
  | { readonly name: 'limit'; readonly data: LimitSearchView };

export interface LiveRunOptions {
  readonly id: string;
  readonly plan: RunPlan;
  readonly startedAt: string;
  readonly url: string;
  readonly tell: (message: RunMessage) => void;
}

/** Parts that change seldom. Listeners get them with the whole view. */
export interface RunChange {
  readonly state?: RunState;
  readonly problem?: string | null;
  readonly plan?: RunPlan;
  readonly url?: string;
  readonly totals?: FleetTotals | null;
  readonly truth?: TruthVerdict | null;
  readonly voidReasons?: readonly string[];
  readonly broken?: readonly string[];
  readonly environment?: RunEnvironment;
  readonly drills?: readonly DrillView[];
}

export interface LiveRun {
  view(): RunView;
  change(part: RunChange): void;
  /** For one generator's samples, whose seconds begin at 0; those of the run go on. */
  sampler(readService: () => ServiceSample | null): (sample: FleetSample) => void;
  event(kind: RunEvent['kind'], text: string): void;
  checking(checked: number, orders: number): void;
  limit(view: LimitSearchView): void;
}

/** More would be a fault that never ends, and no longer readable. */
const eventsKeptMax = 500;

const checkingEveryMs = 250;

export function createLiveRun({ id, plan, startedAt, url, tell }: LiveRunOptions): LiveRun {
  let samples: readonly LiveSample[] = [];
  let view: Omit<RunView, 'samples'> = {
    id,
    plan,
    state: 'starting',
    problem: null,
    startedAt,
    url,
    events: [],
    routes: [],
    failures: [],
    checking: null,
    totals: null,
    truth: null,
    voidReasons: [],
    broken: [],
    limit: null,
    drills: [],
    environment: readEnvironment(),
  };
  let firstRequestMs: number | null = null;
  let checkingToldMs = Number.NEGATIVE_INFINITY;

  const elapsedSeconds = () =>
    firstRequestMs === null ? 0 : Math.max(0, (performance.now() - firstRequestMs) / 1_000);

  return {
    view: () => ({ ...view, samples }),
    change(part) {
      view = { ...view, ...part };
      tell({ name: 'run', data: { ...view, samples } });
    },
    sampler(readService) {
      let startSecond: number | null = null;
      let recent: readonly FleetSample[] = [];
      let count = 0;
      return (sample) => {
        firstRequestMs ??= performance.now() - sample.atSecond * 1_000;
        startSecond ??= Math.max(0, elapsedSeconds() - sample.atSecond);
        // Rates are of the last second.
        recent = [...recent, sample].slice(-samplesPerSecond);
        const live = liveSampleOf(sample, recent, startSecond, readService());
        samples = thinned([...samples, live]);
        view = { ...view, routes: sample.routes, failures: sample.failuresByKind };
        tell({ name: 'sample', data: live });
        count += 1;
        if (count % samplesPerSecond === 0) {
          tell({ name: 'routes', data: { routes: view.routes, failures: view.failures } });
        }
      };
    },
    event(kind, text) {
      const event = { atSecond: Number(elapsedSeconds().toFixed(3)), kind, text };
      view = { ...view, events: [...view.events, event].slice(-eventsKeptMax) };
      tell({ name: 'event', data: event });
    },
    checking(checked, orders) {
      const checking = { checked, orders };
      view = { ...view, checking };
      if (performance.now() - checkingToldMs < checkingEveryMs && checked < orders) return;
      checkingToldMs = performance.now();
      tell({ name: 'checking', data: checking });
    },
    limit(limit) {
      view = { ...view, limit };
      tell({ name: 'limit', data: limit });
    },
  };
}

/** The older half loses every second sample, as often as it must. */
export function thinned(samples: readonly LiveSample[]): readonly LiveSample[] {
  if (samples.length <= samplesKeptMax) return samples;
  const half = samplesKeptMax / 2;
  return samples.filter((_, index) => index >= half || index % 2 === 0);
}

function liveSampleOf(
  sample: FleetSample,
  recent: readonly FleetSample[],
  startSecond: number,
  service: ServiceSample | null,
): LiveSample {
  const seconds = recent.reduce((sum, one) => sum + one.seconds, 0);
  const rateOf = (read: (one: FleetSample) => number) =>
    seconds === 0 ? 0 : recent.reduce((sum, one) => sum + read(one), 0) / seconds;
  const { latency } = sample;
  return {
    atSecond: Number((startSecond + sample.atSecond).toFixed(3)),
    phase: sample.phase,
    requestsPerSecond: rateOf(({ requests }) => requests),
    failuresPerSecond: rateOf(({ failures }) => failures),
    intendedPerSecond: sample.intendedPerSecond,
    p50Ms: latency.p50Ms,
    p95Ms: latency.p95Ms,
    p99Ms: latency.p99Ms,
    p999Ms: latency.p999Ms,
    users: sample.users,
    inFlight: sample.inFlight,
    waiting: sample.waiting,
    generatorCores: sample.cpuCores,
    latenessP99Ms: sample.latenessP99Ms,
    service,
  };
}
