/**
 * Puts together what the workers tell: samples of one number into one, and all of them into the totals.
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

/** What was counted in one part of the run. */
interface Part {
  readonly routes: Map<string, RouteSum>;
  readonly failures: Map<string, FailureKind>;
}

const newPart = (): Part => ({ routes: new Map(), failures: new Map() });

export function createFleetFigures(workers: number): FleetFigures {
  const numbers = Array.from({ length: workers }, () => 0);
  const isDone = Array.from({ length: workers }, () => false);
  /** By their number; those before `nextNumber` have been told. */
  const gathered = new Map<number, WorkerSample[]>();
  let nextNumber = 0;
  const warmUp = newPart();
  const measured = newPart();
  const warmUpSeconds = Array.from({ length: workers }, () => 0);
  const seconds = Array.from({ length: workers }, () => 0);
  const cpuSeconds = Array.from({ length: workers }, () => 0);
  const lateness = newHistogram();
  let stallMaxMs = 0;
  let dropped = 0;
  let due = 0;
  let unready = 0;
  let intended = 0;
  /** Seconds without any answer: those of now, and the most. */
  let silentNow = 0;
  let silentMost = 0;
  let ordersPlaced = 0;
  let ordersUnknown = 0;

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
    if (sample.phase !== 'measuring') return;
    seconds[worker] = (seconds[worker] ?? 0) + sample.seconds;
    cpuSeconds[worker] = (cpuSeconds[worker] ?? 0) + sample.cpuSeconds;
    addSparse(lateness, sample.lateness);
    stallMaxMs = Math.max(stallMaxMs, sample.stallMs);
    dropped += sample.dropped;
    due += sample.due;
    unready += sample.unready;
    intended += (sample.intendedPerSecond ?? 0) * sample.seconds;
  }

  function takeComplete(): readonly FleetSample[] {
    const complete: FleetSample[] = [];
    for (;;) {
      const samples = gathered.get(nextNumber);
      const isAwaited = numbers.some((number, worker) => number <= nextNumber && isDone[worker] !== true);
      if (samples === undefined || isAwaited) return complete;
      gathered.delete(nextNumber);
      nextNumber += 1;
      complete.push(fleetSample(samples));
    }
  }

  function fleetSample(samples: readonly WorkerSample[]): FleetSample {
    const total = (value: (sample: WorkerSample) => number) =>
      samples.reduce((sum, sample) => sum + value(sample), 0);
    const all = newHistogram();
    const late = newHistogram();
    let requests = 0;
    let failures = 0;
    for (const sample of samples) {
      addSparse(late, sample.lateness);
      for (const { measured: inside, unmeasured } of sample.routes) {
        for (const tally of [inside, unmeasured]) {
          addSparse(all, tally.latency);
          requests += tally.requests;
          failures += tally.failures;
        }
      }
    }
    const phase = samples[0]?.phase ?? 'draining';
    const part = phase === 'warm-up' ? warmUp : measured;
    if (phase === 'measuring') noteSilence(samples);
    const isOpen = samples.some(({ intendedPerSecond }) => intendedPerSecond !== null);
    return {
      atSecond: Math.max(...samples.map(({ atSecond }) => atSecond)),
      seconds: total((sample) => sample.seconds) / samples.length,
      phase,
      requests,
      failures,
      latency: latencyOf(all),
      users: total(({ users }) => users),
      inFlight: total(({ inFlight }) => inFlight),
      waiting: total(({ waiting }) => waiting),
      intendedPerSecond: isOpen ? total(({ intendedPerSecond }) => intendedPerSecond ?? 0) : null,
      cpuCores: total((sample) => (sample.seconds > 0 ? sample.cpuSeconds / sample.seconds : 0)),
      latenessP99Ms: latencyOf(late).p99Ms,
      routes: routeTotals(part, mean(phase === 'warm-up' ? warmUpSeconds : seconds)),
      failuresByKind: Array.from(part.failures.values()),
    };
  }

  /** A quarter of a second in which something was asked and nothing answered, whoever is to blame. */
  function noteSilence(samples: readonly WorkerSample[]): void {
    const isAnswered = samples.some(({ routes }) => routes.some((route) => route.answeredInWindow > 0));
    const isAsked = samples.some(
      ({ inFlight, waiting, routes }) =>
        inFlight + waiting > 0 || routes.some((route) => route.measured.failures > 0),
    );
    if (isAnswered || !isAsked) silentNow = 0;
    else silentNow += Math.max(...samples.map(({ seconds: length }) => length));
    silentMost = Math.max(silentMost, silentNow);
  }

  return {
    add(worker, sample) {
      count(worker, sample);
      const number = numbers[worker] ?? 0;
      numbers[worker] = number + 1;
      const others = gathered.get(number);
      if (others === undefined) gathered.set(number, [sample]);
      else others.push(sample);
      return takeComplete();
    },
    workerDone(worker, orders) {
      isDone[worker] = true;
      ordersPlaced += orders.ordersPlaced;
      ordersUnknown += orders.ordersUnknown;
      return takeComplete();
    },
    totals() {
      const all = newHistogram();
      const sums = Array.from(measured.routes.values());
      for (const { latency } of sums) all.add(latency);
      const answered = sums.reduce((sum, route) => sum + route.answered, 0);
      const windowSeconds = mean(seconds);
      const figures = {
        cpuCoresMax: Math.max(
          0,
          ...cpuSeconds.map((cpu, worker) => {
            const wall = seconds[worker] ?? 0;
            return wall > 0 ? cpu / wall : 0;
          }),
        ),
        latenessP99Ms: latencyOf(lateness).p99Ms,
        stallMaxMs,
        dropped,
        unreadyShare: due === 0 ? 0 : unready / due,
        due,
        intended,
        requests: sums.reduce((sum, { requests }) => sum + requests, 0),
        p99Ms: latencyOf(all).p99Ms,
      };
      return {
        seconds: windowSeconds,
        requests: figures.requests,
        failures: sums.reduce((sum, { failures }) => sum + failures, 0),
        requestsPerSecond: windowSeconds > 0 ? answered / windowSeconds : 0,
        latency: latencyOf(all),
        percentiles: percentileCurve(all),
        routes: routeTotals(measured, windowSeconds),
        failuresByKind: Array.from(measured.failures.values()),
        silentSecondsMax: silentMost,
        ordersPlaced,
        ordersUnknown,
        cpuCoresMax: figures.cpuCoresMax,
        latenessP99Ms: figures.latenessP99Ms,
        stallMaxMs,
        workers,
        voidReasons: [...(answered === 0 ? ['nothing was answered'] : []), ...voidReasonsOf(figures)],
      };
    },
  };
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
