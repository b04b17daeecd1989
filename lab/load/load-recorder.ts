/**
 * Counts the outcomes of all requests, by route, and how long each took.
 *
 * A request belongs to the measured part or not, and is counted on that side only: in a closed loop when any of its
 * wait was in it, so that a service which hangs until the end does not go unseen; in an open loop when it was meant to
 * be sent in it. Limits: `routesMax` routes and `failureKindsMax` kinds of failure; more are counted together.
 */
import { type LatencyHistogram, newHistogram, toMicroseconds } from './histogram.ts';

export const routesMax = 100;
export const failureKindsMax = 200;
export const exampleCharactersMax = 500;
const otherRoutes = '(other routes)';
const otherReasons = '(other reasons)';

export interface Tally {
  requests: number;
  failures: number;
  readonly latency: LatencyHistogram;
}

/** All requests of one route. Counts are of the whole run unless their comment says otherwise. */
export interface RouteRecord {
  readonly route: string;
  readonly measured: Tally;
  /** Requests of the warm-up, and those after the end. */
  readonly unmeasured: Tally;
  /** Answers within the window, whenever they were meant to be sent. */
  answeredInWindow: number;
  /** Whether its requests place orders. */
  placesOrders: boolean;
  /** Answers 201. */
  created: number;
  /** Sent, and the answer never came. */
  unanswered: number;
}

export interface FailureRecord {
  readonly route: string;
  /** A status, or the failure without one. */
  readonly reason: string;
  count: number;
  readonly example: string;
}

export interface LoadRecorder {
  route(name: string): RouteRecord;
  readonly routes: readonly RouteRecord[];
  /** Of the whole run, or since they were last taken. */
  failures(): readonly FailureRecord[];
  takeFailures(): readonly FailureRecord[];
  /** @param example is only called for the first of a kind */
  answered(
    route: RouteRecord,
    status: number,
    isExpected: boolean,
    intendedAtMs: number,
    nowMs: number,
    example: () => string,
  ): void;
  /** A request that was to be sent and has no answer. One that was sent took at least until now. */
  lost(route: RouteRecord, reason: string, wasSent: boolean, intendedAtMs: number, nowMs: number): void;
  /** Anything else that went wrong: a failure, and no request. */
  failed(route: RouteRecord, reason: string, example: string, nowMs: number): void;
  /** The request is given up before it was sent. Its latency is at least the time until now, and is counted as such. */
  gaveUp(route: RouteRecord, intendedAtMs: number, nowMs: number): void;
  openWindow(nowMs: number): void;
  closeWindow(nowMs: number): void;
  /** Answers by status, of the whole run. */
  readonly statuses: Uint32Array;
  /** Answers in each second of the window. */
  readonly perSecond: readonly number[];
}

/** Which requests are measured: those under way at any time in the window, or those meant to be sent in it. */
export type MeasureBy = 'wait' | 'intent';

export function createLoadRecorder(measureBy: () => MeasureBy): LoadRecorder {
  const { routes, findRoute } = createRouteBook();
  const failures = createFailureBook();
  const statuses = new Uint32Array(1_000);
  const perSecond: number[] = [];
  let windowOpenedAtMs = Number.POSITIVE_INFINITY;
  let windowClosedAtMs = Number.POSITIVE_INFINITY;

  const isInWindow = (atMs: number) => atMs >= windowOpenedAtMs && atMs < windowClosedAtMs;

  function tallyOf(route: RouteRecord, intendedAtMs: number, nowMs: number): Tally {
    const isMeasured =
      measureBy() === 'intent'
        ? isInWindow(intendedAtMs)
        : intendedAtMs < windowClosedAtMs && nowMs >= windowOpenedAtMs;
    return isMeasured ? route.measured : route.unmeasured;
  }

  return {
    route: findRoute,
    routes,
    statuses,
    perSecond,
    failures: failures.list,
    takeFailures: failures.take,
    answered(route, status, isExpected, intendedAtMs, nowMs, example) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 201) route.created += 1;
      const tally = tallyOf(route, intendedAtMs, nowMs);
      tally.requests += 1;
      tally.latency.recordValue(toMicroseconds(nowMs - intendedAtMs));
      if (!isExpected) {
        tally.failures += 1;
        failures.count(route.route, String(status), example);
      }
      if (isInWindow(nowMs)) {
        route.answeredInWindow += 1;
        const second = Math.floor((nowMs - windowOpenedAtMs) / 1_000);
        perSecond[second] = (perSecond[second] ?? 0) + 1;
      }
    },
    lost(route, reason, wasSent, intendedAtMs, nowMs) {
      if (wasSent) route.unanswered += 1;
      const tally = tallyOf(route, intendedAtMs, nowMs);
      tally.requests += 1;
      tally.failures += 1;
      if (wasSent) tally.latency.recordValue(toMicroseconds(nowMs - intendedAtMs));
      failures.count(route.route, reason, () =>
        wasSent ? `sent, and no answer came: ${reason}` : `not sent: ${reason}`,
      );
    },
    failed(route, reason, example, nowMs) {
      tallyOf(route, nowMs, nowMs).failures += 1;
      failures.count(route.route, reason, () => example);
    },
    gaveUp(route, intendedAtMs, nowMs) {
      const tally = tallyOf(route, intendedAtMs, nowMs);
      tally.latency.recordValue(toMicroseconds(nowMs - intendedAtMs));
    },
    openWindow(nowMs) {
      windowOpenedAtMs = nowMs;
    },
    closeWindow(nowMs) {
      windowClosedAtMs = nowMs;
    },
  };
}

function createRouteBook() {
  const routes: RouteRecord[] = [];
  const routesByName = new Map<string, RouteRecord>();

  function addRoute(name: string): RouteRecord {
    if (routes.length >= routesMax && name !== otherRoutes) return findRoute(otherRoutes);
    const route: RouteRecord = {
      route: name,
      measured: newTally(),
      unmeasured: newTally(),
      answeredInWindow: 0,
      placesOrders: false,
      created: 0,
      unanswered: 0,
    };
    routes.push(route);
    routesByName.set(name, route);
    return route;
  }

  function findRoute(name: string): RouteRecord {
    return routesByName.get(name) ?? addRoute(name);
  }

  return { routes, findRoute };
}

function createFailureBook() {
  let failures = new Map<string, FailureRecord>();

  function count(route: string, reason: string, example: () => string): void {
    const id = `${route} ${reason}`;
    const known = failures.get(id);
    if (known !== undefined) {
      known.count += 1;
    } else if (failures.size < failureKindsMax || reason === otherReasons) {
      failures.set(id, { route, reason, count: 1, example: example().slice(0, exampleCharactersMax) });
    } else {
      count(otherRoutes, otherReasons, example);
    }
  }

  return {
    count,
    list: () => Array.from(failures.values()),
    take() {
      const taken = Array.from(failures.values());
      if (taken.length > 0) failures = new Map();
      return taken;
    },
  };
}

function newTally(): Tally {
  return { requests: 0, failures: 0, latency: newHistogram() };
}
