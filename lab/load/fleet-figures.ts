/**
 * Puts the reports of the workers together: samples of one number into one, and all of them into the totals.
 *
 * Histograms are merged, never percentiles. A sample is complete when every worker that still runs has sent
 * the one of its number.
 */
import type { FailureKind, FleetSample, FleetTotals, Latency, RouteTotals } from './fleet.ts';
import { addSparse, type LatencyHistogram, newHistogram, valuesAtPercentiles } from './histogram.ts';
import { voidReasonsOf } from './void-reasons.ts';
import type { TallySample, WorkerSample } from './worker-messages.ts';

export interface FleetFigures {
  /** @returns the samples that are complete now */
  add(worker: number, sample: WorkerSample): readonly FleetSample[];
  workerDone(
    worker: number,
    orders: { readonly ordersPlaced: number; readonly ordersUnknown: number },
  ): readonly FleetSample[];
  totals(): FleetTotals;
}

interface RouteSum {
  requests: number;
  failures: number;
  answered: number;
  readonly latency: LatencyHistogram;
}

/** The counts of one part of the run. */
interface Part {
  readonly routes: Map<string, RouteSum>;
  readonly failures: Map<string, FailureKind>;
}

const newPart = (): Part => ({ routes: new Map(), failures: new Map() });

export function createFleetFigures(workers: number): FleetFigures {
  const gathering = createGathering(workers);
  const window = createWindow(workers);
  const silence = createSilence();
  const warmUp = newPart();
  const measured = newPart();
  const warmUpSeconds = Array.from({ length: workers }, () => 0);
  const orders = { placed: 0, unknown: 0 };

  function count(worker: number, sample: WorkerSample): void {
    const isWarmUp = sample.phase === 'warm-up';
    for (const { route, measured: inside, unmeasured, answeredInWindow } of sample.routes) {
      if (inside.requests > 0 || inside.failures > 0 || answeredInWindow > 0)
        addTally(routeOf(measured, route), inside, answeredInWindow);
      if (isWarmUp && (unmeasured.requests > 0 || unmeasured.failures > 0))
        addTally(routeOf(warmUp, route), unmeasured, unmeasured.requests);
    }
    for (const failure of sample.failures) addFailure(isWarmUp ? warmUp : measured, failure);
    if (isWarmUp) warmUpSeconds[worker] = (warmUpSeconds[worker] ?? 0) + sample.seconds;
    if (sample.phase === 'measuring') window.count(worker, sample);
  }

  function merge(samples: readonly WorkerSample[]): FleetSample {
    const phase = samples[0]?.phase ?? 'draining';
    const part = phase === 'warm-up' ? warmUp : measured;
    if (phase === 'measuring') silence.note(samples);
    return {
      ...mergeSamples(samples, phase),
      routes: routeTotals(part, phase === 'warm-up' ? mean(warmUpSeconds) : window.seconds()),
      failuresByKind: Array.from(part.failures.values()),
    };
  }

  return {
    add(worker, sample) {
      count(worker, sample);
      return gathering.add(worker, sample).map(merge);
    },
    workerDone(worker, { ordersPlaced, ordersUnknown }) {
      orders.placed += ordersPlaced;
      orders.unknown += ordersUnknown;
      return gathering.workerDone(worker).map(merge);
    },
    totals() {
      const seconds = window.seconds();
      const { all, requests, failures, answered } = sumRoutes(measured);
      const generator = { ...window.figures(), requests, p99Ms: latencyOf(all).p99Ms };
      return {
        seconds,
        requests,
        failures,
        requestsPerSecond: seconds > 0 ? answered / seconds : 0,
        latency: latencyOf(all),
        percentiles: percentileCurve(all),
        routes: routeTotals(measured, seconds),
        failuresByKind: Array.from(measured.failures.values()),
        silentSecondsMax: silence.secondsMax(),
        ordersPlaced: orders.placed,
        ordersUnknown: orders.unknown,
        cpuCoresMax: generator.cpuCoresMax,
        latenessP99Ms: generator.latenessP99Ms,
        stallMaxMs: generator.stallMaxMs,
        workers,
        voidReasons: [...(answered === 0 ? ['nothing was answered'] : []), ...voidReasonsOf(generator)],
      };
    },
  };
}

/** Samples of one number, until every worker that still runs has sent its own. */
function createGathering(workers: number) {
  const numbers = Array.from({ length: workers }, () => 0);
  const isDone = Array.from({ length: workers }, () => false);
  /** By their number; those before `nextNumber` have been reported. */
  const gathered = new Map<number, WorkerSample[]>();
  let nextNumber = 0;

  function takeComplete(): readonly (readonly WorkerSample[])[] {
    const complete: WorkerSample[][] = [];
    for (;;) {
      const samples = gathered.get(nextNumber);
      const isAwaited = numbers.some((number, worker) => number <= nextNumber && isDone[worker] !== true);
      if (samples === undefined || isAwaited) return complete;
      gathered.delete(nextNumber);
      nextNumber += 1;
      complete.push(samples);
    }
  }

  return {
    add(worker: number, sample: WorkerSample) {
      const number = numbers[worker] ?? 0;
      numbers[worker] = number + 1;
      const others = gathered.get(number);
      if (others === undefined) gathered.set(number, [sample]);
      else others.push(sample);
      return takeComplete();
    },
    workerDone(worker: number) {
      isDone[worker] = true;
      return takeComplete();
    },
  };
}

/** Figures of the workers themselves while the run is measured. */
function createWindow(workers: number) {
  const seconds = Array.from({ length: workers }, () => 0);
  const cpuSeconds = Array.from({ length: workers }, () => 0);
  const lateness = newHistogram();
  const sums = { dropped: 0, due: 0, unready: 0, intended: 0 };
  let stallMaxMs = 0;

  return {
    count(worker: number, sample: WorkerSample): void {
      seconds[worker] = (seconds[worker] ?? 0) + sample.seconds;
      cpuSeconds[worker] = (cpuSeconds[worker] ?? 0) + sample.cpuSeconds;
      addSparse(lateness, sample.lateness);
      stallMaxMs = Math.max(stallMaxMs, sample.stallMs);
      sums.dropped += sample.dropped;
      sums.due += sample.due;
      sums.unready += sample.unready;
      sums.intended += (sample.intendedPerSecond ?? 0) * sample.seconds;
    },
    seconds: () => mean(seconds),
    figures() {
      const { dropped, due, unready, intended } = sums;
      const coresOf = (cpu: number, wall: number) => (wall > 0 ? cpu / wall : 0);
      return {
        cpuCoresMax: Math.max(0, ...cpuSeconds.map((cpu, worker) => coresOf(cpu, seconds[worker] ?? 0))),
        latenessP99Ms: latencyOf(lateness).p99Ms,
        stallMaxMs,
        dropped,
        unreadyShare: due === 0 ? 0 : unready / due,
        due,
        intended,
      };
    },
  };
}

/** Seconds in a row in which something was asked and nothing answered, whatever the reason. */
function createSilence() {
  let now = 0;
  let most = 0;
  return {
    note(samples: readonly WorkerSample[]): void {
      const isAnswered = samples.some(({ routes }) => routes.some((route) => route.answeredInWindow > 0));
      const isAsked = samples.some(
        ({ inFlight, waiting, routes }) =>
          inFlight + waiting > 0 || routes.some((route) => route.measured.failures > 0),
      );
      if (isAnswered || !isAsked) now = 0;
      else now += Math.max(...samples.map(({ seconds }) => seconds));
      most = Math.max(most, now);
    },
    secondsMax: () => most,
  };
}

function mergeSamples(
  samples: readonly WorkerSample[],
  phase: WorkerSample['phase'],
): Omit<FleetSample, 'routes' | 'failuresByKind'> {
  const total = (value: (sample: WorkerSample) => number) =>
    samples.reduce((sum, sample) => sum + value(sample), 0);
  const all = newHistogram();
  const late = newHistogram();
  let requests = 0;
  let failures = 0;
  for (const sample of samples) {
    addSparse(late, sample.lateness);
    for (const { measured, unmeasured } of sample.routes) {
      for (const tally of [measured, unmeasured]) {
        addSparse(all, tally.latency);
        requests += tally.requests;
        failures += tally.failures;
      }
    }
  }
  const isOpen = samples.some(({ intendedPerSecond }) => intendedPerSecond !== null);
  return {
    atSecond: Math.max(...samples.map(({ atSecond }) => atSecond)),
    seconds: total(({ seconds }) => seconds) / samples.length,
    phase,
    requests,
    failures,
    latency: latencyOf(all),
    users: total(({ users }) => users),
    inFlight: total(({ inFlight }) => inFlight),
    waiting: total(({ waiting }) => waiting),
    intendedPerSecond: isOpen ? total(({ intendedPerSecond }) => intendedPerSecond ?? 0) : null,
    cpuCores: total(({ seconds, cpuSeconds }) => (seconds > 0 ? cpuSeconds / seconds : 0)),
    latenessP99Ms: latencyOf(late).p99Ms,
  };
}

function sumRoutes({ routes }: Part) {
  const all = newHistogram();
  let requests = 0;
  let failures = 0;
  let answered = 0;
  for (const route of routes.values()) {
    all.add(route.latency);
    requests += route.requests;
    failures += route.failures;
    answered += route.answered;
  }
  return { all, requests, failures, answered };
}

function routeOf({ routes }: Part, name: string): RouteSum {
  let route = routes.get(name);
  if (route === undefined) {
    route = { requests: 0, failures: 0, answered: 0, latency: newHistogram() };
    routes.set(name, route);
  }
  return route;
}

function addTally(sum: RouteSum, { requests, failures, latency }: TallySample, answered: number): void {
  sum.requests += requests;
  sum.failures += failures;
  sum.answered += answered;
  addSparse(sum.latency, latency);
}

function addFailure({ failures }: Part, failure: FailureKind): void {
  const id = `${failure.route} ${failure.reason}`;
  const known = failures.get(id);
  failures.set(id, known === undefined ? failure : { ...known, count: known.count + failure.count });
}

function routeTotals({ routes }: Part, seconds: number): readonly RouteTotals[] {
  return Array.from(routes, ([route, { requests, failures, answered, latency }]) => ({
    route,
    requests,
    failures,
    requestsPerSecond: seconds > 0 ? answered / seconds : 0,
    latency: latencyOf(latency),
  }));
}

function latencyOf(histogram: LatencyHistogram): Latency {
  const count = histogram.totalCount;
  if (count === 0)
    return { count, meanMs: null, p50Ms: null, p95Ms: null, p99Ms: null, p999Ms: null, maxMs: null };
  const { meanUs, valuesUs } = valuesAtPercentiles(histogram, [50, 95, 99, 99.9]);
  const [p50Ms, p95Ms, p99Ms, p999Ms] = valuesUs.map((us) => us / 1_000) as [number, number, number, number];
  return { count, meanMs: meanUs / 1_000, p50Ms, p95Ms, p99Ms, p999Ms, maxMs: histogram.maxValue / 1_000 };
}

/** Steps between a percentile and the one half as far from 100. */
const stepsPerHalf = 5;

/** Finer and finer towards 100, as far as there are requests to tell the difference. */
function percentileCurve(histogram: LatencyHistogram): readonly (readonly [number, number])[] {
  const count = histogram.totalCount;
  if (count === 0) return [];
  const percentiles: number[] = [];
  for (let half = 1; half >= 1 / count && half > 1e-6; half /= 2) {
    for (let step = 0; step < stepsPerHalf; step += 1) {
      percentiles.push(100 * (1 - half * (1 - step / (2 * stepsPerHalf))));
    }
  }
  percentiles.push(100);
  const { valuesUs } = valuesAtPercentiles(histogram, percentiles);
  return percentiles.map((percentile, i) => [percentile, (valuesUs[i] ?? 0) / 1_000]);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
