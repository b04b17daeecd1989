/**
 * One user on one connection: takes the steps of its journeys, one at a time.
 *
 * Always holds: every request is recorded once, as answered or as lost; every journey begun ends with one
 * call of `freed`. What comes after an answer is due at once. After a connection that could not be made the
 * user waits a little, so that a service that is down is not hammered.
 */
import type { RequestStep } from '../scenarios/scenario.ts';
import type { Target } from './client-socket.ts';
import { type Connection, createConnection } from './connection.ts';
import type { Crowd } from './crowd.ts';
import type { LoadRecorder, RouteRecord } from './load-recorder.ts';
import { sendInPieces } from './slow-sending.ts';
import type { NextStep, UserJourneys } from './traffic.ts';

/** After the first failure to connect, and at most; doubled each time. */
export const reconnectMs = { first: 25, most: 250 } as const;
/** Before the next journey of a user whose last one had no request in it. */
const emptyJourneyMs = 100;
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

const noBytes = Buffer.alloc(0);
const noBody = () => noBytes;

export function createLoadUser(options: LoadUserOptions): LoadUser {
  return new UserOnConnection(options);
}

class UserOnConnection implements LoadUser {
  readonly #options: LoadUserOptions;
  readonly #journeys: UserJourneys;
  readonly #recorder: LoadRecorder;
  readonly #orders: OrderSink | null;
  readonly #crowd: Crowd;
  readonly #connection: Connection;
  #step: RequestStep | null = null;
  #route: RouteRecord | null = null;
  #intendedAtMs = 0;
  #sinceMs = 0;
  #wasSent = false;
  /** To be sent once the connection is open. */
  #unsent: Uint8Array | null = null;
  #onJourney = false;
  #isPausing = false;
  #hasLeft = false;
  #requestsInJourney = 0;
  #hasJustFailed = false;
  #failedToConnect = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: LoadUserOptions) {
    this.#options = options;
    this.#journeys = options.journeys;
    this.#recorder = options.recorder;
    this.#orders = options.orders;
    this.#crowd = options.crowd;
    this.#connection = createConnection(options.target, {
      opened: () => this.#opened(),
      answered: () => this.#answered(),
      closed: (reason, hadOpened) => this.#closed(reason, hadOpened),
    });
  }

  begin(dueAtMs: number, nowMs: number): void {
    this.#onJourney = true;
    this.#crowd.onJourney += 1;
    this.#requestsInJourney = 0;
    this.#hasJustFailed = false;
    let next: NextStep | null;
    try {
      next = this.#journeys.begin();
    } catch (error) {
      this.#breakOff(error, nowMs);
      return;
    }
    this.#perform(next, dueAtMs, nowMs);
  }

  isOnJourney(): boolean {
    return this.#onJourney;
  }

  outstandingSinceMs(): number | null {
    return this.#step === null ? null : this.#sinceMs;
  }

  isConnected(): boolean {
    return this.#connection.isOpen();
  }

  connect(): void {
    this.#connection.open();
  }

  cut(reason: string): void {
    if (this.#step !== null) this.#connection.close(reason);
  }

  giveUp(reason: string, nowMs: number): void {
    if (this.#step === null || this.#route === null) return;
    // For a request that was sent, its loss records how long it took.
    if (!this.#wasSent) this.#recorder.gaveUp(this.#route, this.#intendedAtMs, nowMs);
    this.#connection.close(reason);
  }

  leave(): void {
    this.#hasLeft = true;
    if (this.#step !== null) {
      this.#connection.close('unanswered_at_end');
    } else {
      this.#stopWaiting();
      this.#endPause();
      this.#connection.close('done');
      if (this.#onJourney) {
        this.#journeys.end();
        this.#finish(performance.now());
      }
    }
  }

  #perform(next: NextStep | null, dueAtMs: number, nowMs: number): void {
    if (next === null) {
      this.#finish(nowMs);
      return;
    }
    if (next.kind === 'pause') {
      if (this.#crowd.isDraining) {
        this.#journeys.end();
        this.#finish(nowMs);
      } else {
        this.#isPausing = true;
        this.#crowd.pausing += 1;
        this.#wait(next.ms, () => this.#resume());
      }
      return;
    }
    this.#step = next;
    if (this.#route === null || this.#route.route !== next.route)
      this.#route = this.#recorder.route(next.route);
    this.#intendedAtMs = dueAtMs;
    this.#sinceMs = nowMs;
    this.#wasSent = false;
    this.#requestsInJourney += 1;
    this.#crowd.outstanding += 1;
    if (this.#connection.isOpen()) {
      this.#send(next.bytes);
    } else {
      // A copy: the journey may use these bytes again before the connection is open.
      this.#unsent = next.bytes.slice();
      this.#connection.open();
    }
  }

  #send(bytes: Uint8Array): void {
    if (this.#step === null) return;
    this.#wasSent = true;
    const keepsBody = this.#step.keepsBody || (this.#orders !== null && this.#step.order !== null);
    if (this.#step.bytesPerSecond === null) this.#connection.send(bytes, keepsBody);
    else
      sendInPieces(this.#connection, bytes.slice(), this.#step.bytesPerSecond, keepsBody, (ms, then) =>
        this.#wait(ms, then),
      );
  }

  #opened(): void {
    this.#failedToConnect = 0;
    const bytes = this.#unsent;
    this.#unsent = null;
    if (bytes !== null) this.#send(bytes);
  }

  #answered(): void {
    const nowMs = performance.now();
    const { parser } = this.#connection;
    const status = parser.status();
    const done = this.#step;
    if (done === null || this.#route === null) return;
    // An answer before all was sent leaves a connection that nothing can be sent on.
    const isCutShort = this.#stopWaiting();
    this.#step = null;
    this.#crowd.outstanding -= 1;
    const { expects } = done;
    this.#hasJustFailed = expects[0] !== status && !expects.includes(status);
    this.#recorder.answered(this.#route, status, !this.#hasJustFailed, this.#intendedAtMs, nowMs, () =>
      exampleOf(parser.body()),
    );
    if (done.order !== null) {
      this.#route.placesOrders = true;
      this.#orders?.wrote(done, status, parser.body());
    }
    if (this.#options.connectsEachTime || isCutShort) this.#connection.close('done');
    let next: NextStep | null;
    try {
      next = this.#journeys.answered(status, parser.body);
    } catch (error) {
      this.#breakOff(error, nowMs);
      return;
    }
    this.#perform(next, nowMs, nowMs);
  }

  #closed(reason: string, hadOpened: boolean): void {
    if (this.#step !== null) this.#lose(reason, hadOpened);
  }

  #lose(reason: string, hadOpened: boolean): void {
    const done = this.#step;
    if (done === null || this.#route === null) return;
    const nowMs = performance.now();
    this.#stopWaiting();
    this.#step = null;
    this.#unsent = null;
    this.#crowd.outstanding -= 1;
    this.#hasJustFailed = true;
    this.#recorder.lost(this.#route, reason, this.#wasSent, this.#intendedAtMs, nowMs);
    if (done.order !== null) {
      this.#route.placesOrders = true;
      if (this.#wasSent) this.#orders?.wrote(done, 0, noBytes);
    }
    if (hadOpened || this.#hasLeft) {
      this.#goOn();
    } else {
      this.#wait(Math.min(reconnectMs.most, reconnectMs.first * 2 ** this.#failedToConnect), () =>
        this.#goOn(),
      );
      this.#failedToConnect += 1;
    }
  }

  /** After a request without an answer. */
  #goOn(): void {
    const nowMs = performance.now();
    if (this.#hasLeft || this.#crowd.isDraining) {
      this.#journeys.end();
      this.#finish(nowMs);
      return;
    }
    this.#goOnWith(() => this.#journeys.answered(0, noBody), nowMs);
  }

  #resume(): void {
    this.#endPause();
    this.#goOnWith(() => this.#journeys.resumed(), performance.now());
  }

  #endPause(): void {
    if (!this.#isPausing) return;
    this.#isPausing = false;
    this.#crowd.pausing -= 1;
  }

  #goOnWith(ask: () => NextStep | null, nowMs: number): void {
    let next: NextStep | null;
    try {
      next = ask();
    } catch (error) {
      this.#breakOff(error, nowMs);
      return;
    }
    this.#perform(next, nowMs, nowMs);
  }

  /** The journey threw. If its request had just failed, that failure was counted already. */
  #breakOff(error: unknown, nowMs: number): void {
    if (!this.#hasJustFailed) {
      const about = error instanceof Error ? error.message : String(error);
      this.#recorder.failed(
        this.#route ?? this.#recorder.route('(no request)'),
        'journey_failed',
        about,
        nowMs,
      );
    }
    this.#finish(nowMs);
  }

  #finish(nowMs: number): void {
    this.#onJourney = false;
    this.#crowd.onJourney -= 1;
    if (this.#requestsInJourney > 0) this.#crowd.journeysEnded += 1;
    this.#crowd.requestsEnded += this.#requestsInJourney;
    if (this.#hasLeft) return;
    if (this.#requestsInJourney === 0)
      this.#wait(emptyJourneyMs, () => this.#options.freed(this, performance.now()));
    else this.#options.freed(this, nowMs);
  }

  #wait(ms: number, then: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      then();
    }, ms);
  }

  #stopWaiting(): boolean {
    if (this.#timer === null) return false;
    clearTimeout(this.#timer);
    this.#timer = null;
    return true;
  }
}

function exampleOf(body: Buffer): string {
  return body.length === 0 ? '(an answer without a body)' : body.toString();
}
