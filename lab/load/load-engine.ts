/**
 * The engine under both worlds, the benchmark's fixed requests and the scenario files: users, a pace, and
 * the clock that moves them.
 *
 * Limits: a request waits `timeoutMs` for its answer. Ends only by `stop`, then `end`.
 */
import type { Target } from './client-socket.ts';
import { type Crowd, newCrowd } from './crowd.ts';
import { type LatencyHistogram, newHistogram, toMicroseconds } from './histogram.ts';
import type { LoadRecorder } from './load-recorder.ts';
import { createLoadUser, type LoadUser, type OrderSink } from './load-user.ts';
import type { Pacing, UserPool } from './pacing.ts';
import type { Traffic } from './traffic.ts';

export interface LoadEngine {
  readonly pool: UserPool;
  readonly crowd: Readonly<Crowd>;
  /** From now on, for users that are free or become so. Journeys that waited before are dropped. */
  pace(create: (pool: UserPool, nowMs: number) => Pacing): void;
  pacing(): Pacing | null;
  /** Gives up every outstanding request, and its connection. */
  cutConnections(): void;
  /** No new journeys, and those under way end where they would pause. */
  stop(): void;
  /** Nothing is outstanding and nothing waits. */
  isQuiet(): boolean;
  /** Whatever is still there is given up, and recorded as that. */
  end(): void;
  /**
   * Microseconds by which the clock, due every millisecond, was late: at every millisecond, so that a stall counts
   * for as long as it lasted. Taking it resets it.
   */
  readonly clockLateness: LatencyHistogram;
  /** The longest time between two turns of the clock since this was asked last. */
  takeStallMs(): number;
}

export interface LoadEngineOptions {
  /** Users are dealt out to them in turn. */
  readonly targets: readonly [Target, ...Target[]];
  readonly traffic: Traffic;
  readonly recorder: LoadRecorder;
  readonly orders: OrderSink | null;
  readonly connectsEachTime: boolean;
  readonly timeoutMs: number;
  /** Number of the first user, and from one to the next. */
  readonly firstUserId: number;
  readonly userIdStep: number;
}

/** The scenario's own figure of requests per journey weighs as much as so many ended journeys. */
const expectedJourneys = 20;

const tickMs = 1;
const timeoutCheckMs = 50;

export function createLoadEngine(options: LoadEngineOptions): LoadEngine {
  const { recorder, timeoutMs } = options;
  const users = new Set<LoadUser>();
  const crowd = newCrowd();
  let pacing: Pacing | null = null;

  const pool = createPool(options, users, crowd, (user, nowMs) => pacing?.freed(user, nowMs));
  const clock = startClock((nowMs) => pacing?.tick(nowMs));

  const timeouts = setInterval(() => {
    const nowMs = performance.now();
    for (const user of users) {
      const sinceMs = user.outstandingSinceMs();
      if (sinceMs !== null && nowMs - sinceMs >= timeoutMs) user.giveUp('timeout', nowMs);
    }
  }, timeoutCheckMs);

  return {
    pool,
    crowd,
    pace(create) {
      const nowMs = performance.now();
      const free = pacing?.release() ?? Array.from(users);
      pacing = create(pool, nowMs);
      for (const user of free) pacing.freed(user, nowMs);
      pacing.tick(nowMs);
    },
    pacing: () => pacing,
    cutConnections() {
      for (const user of users) user.cut('connection_cut');
    },
    stop() {
      pacing?.stop();
      crowd.isDraining = true;
    },
    isQuiet: () => crowd.outstanding === 0 && (pacing?.waitingCount() ?? 0) === 0,
    end() {
      clock.stop();
      clearInterval(timeouts);
      const nowMs = performance.now();
      for (const dueMs of pacing?.waiting() ?? []) {
        const route = recorder.route('(never sent)');
        recorder.gaveUp(route, dueMs, nowMs);
        recorder.lost(route, 'never_sent', false, dueMs, nowMs);
      }
      pacing = null;
      for (const user of users) {
        user.giveUp('unanswered_at_end', nowMs);
        user.leave();
      }
    },
    clockLateness: clock.lateness,
    takeStallMs: clock.takeStallMs,
  };
}

function createPool(
  options: LoadEngineOptions,
  users: Set<LoadUser>,
  crowd: Crowd,
  freed: (user: LoadUser, nowMs: number) => void,
): UserPool {
  const { targets, traffic, recorder, orders, connectsEachTime } = options;
  let usersEver = 0;
  return {
    size: () => users.size,
    thinking: () => crowd.pausing,
    requestsPerJourney: () =>
      (traffic.requestsPerJourney * expectedJourneys + crowd.requestsEnded) /
      (expectedJourneys + crowd.journeysEnded),
    add() {
      const user = createLoadUser({
        target: targets[usersEver % targets.length] ?? targets[0],
        journeys: traffic.journeysOf(options.firstUserId + usersEver * options.userIdStep),
        recorder,
        orders,
        connectsEachTime,
        crowd,
        freed,
      });
      usersEver += 1;
      users.add(user);
      return user;
    },
    remove(user) {
      users.delete(user);
      user.leave();
    },
  };
}

function startClock(onTick: (nowMs: number) => void) {
  const lateness = newHistogram();
  let stallMs = 0;
  let lastTickMs = performance.now();
  const ticker = setInterval(() => {
    const nowMs = performance.now();
    const gapMs = nowMs - lastTickMs;
    stallMs = Math.max(stallMs, gapMs);
    lateness.recordValueWithExpectedInterval(toMicroseconds(gapMs - tickMs), tickMs * 1_000);
    lastTickMs = nowMs;
    onTick(nowMs);
  }, tickMs);
  return {
    lateness,
    takeStallMs() {
      const taken = stallMs;
      stallMs = 0;
      return taken;
    },
    stop: () => clearInterval(ticker),
  };
}
