/**
 * One user on one connection: takes the steps of its journeys, one at a time.
 *
 * Always holds: every request is recorded once, as answered or as lost; every journey begun ends with one
 * call of `freed`. What comes after an answer is due at once. After a connection that could not be made the
 * user waits a little, so that a service that is down is not hammered.
 */
import type { RequestStep } from '../scenarios/scenario.ts';
import type { Target } from './client-socket.ts';
import { createConnection } from './connection.ts';
import type { LoadRecorder, RouteRecord } from './load-recorder.ts';
import type { NextStep, UserJourneys } from './traffic.ts';

/** After the first failure to connect, and at most; doubled each time. */
export const reconnectMs = { first: 25, most: 250 } as const;
/** Before the next journey of a user whose last one had no request in it. */
const emptyJourneyMs = 100;
/** A slow client sends in pieces, this often. */
const pieceMs = 50;

export interface LoadUser {
  /** Starts a journey; only when it is on none. */
  begin(intendedAtMs: number, nowMs: number): void;
  isOnJourney(): boolean;
  /** When its outstanding request was to be sent; null without one. */
  outstandingSinceMs(): number | null;
  isConnected(): boolean;
  connect(): void;
  /** Tears the connection of the outstanding request. */
  cut(reason: string): void;
  /** Stops waiting for the outstanding request, which counts as having taken at least so long. */
  giveUp(reason: string, nowMs: number): void;
  /** Leaves for good: its journey ends, its connection closes. */
  leave(): void;
}

/** Told of every request that places an order and that was sent, whatever came of it. */
export interface OrderSink {
  /** @param status 0 when no answer came; @param body of the answer, valid during the call */
  wrote(step: RequestStep, status: number, body: Buffer): void;
}

export interface LoadUserOptions {
  readonly target: Target;
  readonly journeys: UserJourneys;
  readonly recorder: LoadRecorder;
  readonly orders: OrderSink | null;
  /** A connection for each request. */
  readonly connectsEachTime: boolean;
  /** Shared by all users. */
  readonly crowd: Crowd;
  /** The journey has ended. */
  freed(user: LoadUser, nowMs: number): void;
}

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

const noBytes = Buffer.alloc(0);
const noBody = () => noBytes;

export function createLoadUser(options: LoadUserOptions): LoadUser {
  const { journeys, recorder, orders, connectsEachTime, crowd } = options;
  let step: RequestStep | null = null;
  let route: RouteRecord | null = null;
  let intendedAtMs = 0;
  let sinceMs = 0;
  let wasSent = false;
  /** To be sent once the connection is open. */
  let unsent: Uint8Array | null = null;
  let isOnJourney = false;
  let isPausing = false;
  let hasLeft = false;
  let requestsInJourney = 0;
  let hasJustFailed = false;
  let failedToConnect = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const connection = createConnection(options.target, { opened, answered, closed });

  function perform(next: NextStep | null, dueAtMs: number, nowMs: number): void {
    if (next === null) {
      finish(nowMs);
      return;
    }
    if (next.kind === 'pause') {
      if (crowd.isDraining) {
        journeys.end();
        finish(nowMs);
      } else {
        isPausing = true;
        crowd.pausing += 1;
        wait(next.ms, resume);
      }
      return;
    }
    step = next;
    if (route === null || route.route !== next.route) route = recorder.route(next.route);
    intendedAtMs = dueAtMs;
    sinceMs = nowMs;
    wasSent = false;
    requestsInJourney += 1;
    crowd.outstanding += 1;
    if (connection.isOpen()) {
      send(next.bytes);
    } else {
      // Whoever made the bytes may use them again before the connection is there.
      unsent = next.bytes.slice();
      connection.open();
    }
  }

  function send(bytes: Uint8Array): void {
    if (step === null) return;
    wasSent = true;
    const keepsBody = step.keepsBody || (orders !== null && step.order !== null);
    if (step.bytesPerSecond === null) connection.send(bytes, keepsBody);
    else sendSlowly(bytes.slice(), step.bytesPerSecond, keepsBody);
  }

  function sendSlowly(bytes: Uint8Array, bytesPerSecond: number, keepsBody: boolean): void {
    const pieceBytes = Math.max(1, Math.round((bytesPerSecond * pieceMs) / 1_000));
    const everyMs = (pieceBytes / bytesPerSecond) * 1_000;
    const startedAtMs = performance.now();
    let sent = Math.min(pieceBytes, bytes.length);
    connection.send(bytes.subarray(0, sent), keepsBody);
    // By the clock, because timers are late and would add up.
    const sendMore = () => {
      const pieces = 1 + Math.floor((performance.now() - startedAtMs) / everyMs);
      const until = Math.min(bytes.length, pieces * pieceBytes);
      if (until > sent) connection.write(bytes.subarray(sent, until));
      sent = Math.max(sent, until);
      if (sent < bytes.length) wait(everyMs, sendMore);
    };
    if (sent < bytes.length) wait(everyMs, sendMore);
  }

  function opened(): void {
    failedToConnect = 0;
    const bytes = unsent;
    unsent = null;
    if (bytes !== null) send(bytes);
  }

  function answered(): void {
    const nowMs = performance.now();
    const { parser } = connection;
    const status = parser.status();
    const done = step;
    if (done === null || route === null) return;
    // An answer before all was sent leaves a connection that nothing can be sent on.
    const isCutShort = stopWaiting();
    step = null;
    crowd.outstanding -= 1;
    const { expects } = done;
    hasJustFailed = expects[0] !== status && !expects.includes(status);
    recorder.answered(route, status, !hasJustFailed, intendedAtMs, nowMs, () => exampleOf(parser.body()));
    if (done.order !== null) {
      route.placesOrders = true;
      orders?.wrote(done, status, parser.body());
    }
    if (connectsEachTime || isCutShort) connection.close('done');
    let next: NextStep | null;
    try {
      next = journeys.answered(status, parser.body);
    } catch (error) {
      breakOff(error, nowMs);
      return;
    }
    perform(next, nowMs, nowMs);
  }

  function closed(reason: string, hadOpened: boolean): void {
    if (step !== null) lose(reason, hadOpened);
  }

  function lose(reason: string, hadOpened: boolean): void {
    const done = step;
    if (done === null || route === null) return;
    const nowMs = performance.now();
    stopWaiting();
    step = null;
    unsent = null;
    crowd.outstanding -= 1;
    hasJustFailed = true;
    recorder.lost(route, reason, wasSent, intendedAtMs, nowMs);
    if (done.order !== null) {
      route.placesOrders = true;
      if (wasSent) orders?.wrote(done, 0, noBytes);
    }
    if (hadOpened || hasLeft) {
      goOn();
    } else {
      wait(Math.min(reconnectMs.most, reconnectMs.first * 2 ** failedToConnect), goOn);
      failedToConnect += 1;
    }
  }

  /** After a request without an answer. */
  function goOn(): void {
    const nowMs = performance.now();
    if (hasLeft || crowd.isDraining) {
      journeys.end();
      finish(nowMs);
      return;
    }
    goOnWith(() => journeys.answered(0, noBody), nowMs);
  }

  function resume(): void {
    endPause();
    goOnWith(() => journeys.resumed(), performance.now());
  }

  function endPause(): void {
    if (!isPausing) return;
    isPausing = false;
    crowd.pausing -= 1;
  }

  function goOnWith(ask: () => NextStep | null, nowMs: number): void {
    let next: NextStep | null;
    try {
      next = ask();
    } catch (error) {
      breakOff(error, nowMs);
      return;
    }
    perform(next, nowMs, nowMs);
  }

  /** The journey threw. When its request had just failed, that is what was counted. */
  function breakOff(error: unknown, nowMs: number): void {
    if (!hasJustFailed) {
      const about = error instanceof Error ? error.message : String(error);
      recorder.failed(route ?? recorder.route('(no request)'), 'journey_failed', about, nowMs);
    }
    finish(nowMs);
  }

  function finish(nowMs: number): void {
    isOnJourney = false;
    crowd.onJourney -= 1;
    if (requestsInJourney > 0) crowd.journeysEnded += 1;
    crowd.requestsEnded += requestsInJourney;
    if (hasLeft) return;
    if (requestsInJourney === 0) wait(emptyJourneyMs, () => options.freed(user, performance.now()));
    else options.freed(user, nowMs);
  }

  function wait(ms: number, then: () => void): void {
    timer = setTimeout(() => {
      timer = null;
      then();
    }, ms);
  }

  function stopWaiting(): boolean {
    if (timer === null) return false;
    clearTimeout(timer);
    timer = null;
    return true;
  }

  const user: LoadUser = {
    begin(dueAtMs, nowMs) {
      isOnJourney = true;
      crowd.onJourney += 1;
      requestsInJourney = 0;
      hasJustFailed = false;
      let next: NextStep | null;
      try {
        next = journeys.begin();
      } catch (error) {
        breakOff(error, nowMs);
        return;
      }
      perform(next, dueAtMs, nowMs);
    },
    isOnJourney: () => isOnJourney,
    outstandingSinceMs: () => (step === null ? null : sinceMs),
    isConnected: connection.isOpen,
    connect: connection.open,
    cut(reason) {
      if (step !== null) connection.close(reason);
    },
    giveUp(reason, nowMs) {
      if (step === null || route === null) return;
      // Of what was sent, its loss records how long it took.
      if (!wasSent) recorder.gaveUp(route, intendedAtMs, nowMs);
      connection.close(reason);
    },
    leave() {
      hasLeft = true;
      if (step !== null) {
        connection.close('unanswered_at_end');
      } else {
        stopWaiting();
        endPause();
        connection.close('done');
        if (isOnJourney) {
          journeys.end();
          finish(performance.now());
        }
      }
    },
  };
  return user;
}

function exampleOf(body: Buffer): string {
  return body.length === 0 ? '(an answer without a body)' : body.toString();
}
