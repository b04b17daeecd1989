/**
 * When journeys begin.
 *
 * A closed loop begins the next as soon as the last has ended, so a slow service is asked less: good for
 * finding the peak, blind to stalls. An open loop has a time for each journey, whatever the service does: one
 * that finds no free user waits, and its latency counts from the time it was meant to be sent.
 */
import type { ArrivalProfile } from '../control/run-plan.ts';
import { dueBy, rateAt } from './arrival-profile.ts';
import { type LatencyHistogram, newHistogram, toMicroseconds } from './histogram.ts';
import type { LoadUser } from './load-user.ts';
import { createQueue } from './queue.ts';
import type { Random } from './random.ts';

export interface Pacing {
  /** A user on no journey, that can begin one. */
  freed(user: LoadUser, nowMs: number): void;
  /** Called about every millisecond. */
  tick(nowMs: number): void;
  /** No new journeys from here on, but those that wait are still sent. */
  stop(): void;
  /** When each journey that waits for a user was meant to begin, oldest first. */
  waiting(): readonly number[];
  waitingCount(): number;
  /** Ends it and drops the journeys that wait. @returns its free users, for the next pacing */
  release(): readonly LoadUser[];
  /** Requests a second that are meant to be sent now; null in a closed loop. */
  intendedPerSecond(nowMs: number): number | null;
}

/** All users, those busy too. */
export interface UserPool {
  size(): number;
  /** In a pause of their scenario. */
  thinking(): number;
  /** Of the journeys that have ended, or as expected before there were many. */
  requestsPerJourney(): number;
  add(): LoadUser;
  /** A free one leaves. */
  remove(user: LoadUser): void;
}

export interface ClosedLoopOptions {
  readonly users: number;
  readonly spawnPerSecond: number;
  /** 0 to 1: of a user, at the start; spreads the first users of several workers. */
  readonly spawnedAtStart: number;
  readonly startMs: number;
}

export function createClosedLoop(pool: UserPool, options: ClosedLoopOptions): Pacing {
  const { users, spawnPerSecond, spawnedAtStart } = options;
  const idle: LoadUser[] = [];
  let isStopped = false;
  let spawnable = spawnedAtStart;
  let lastMs = options.startMs;

  return {
    freed(user, nowMs) {
      if (isStopped) idle.push(user);
      else if (pool.size() > users) pool.remove(user);
      else user.begin(nowMs, nowMs);
    },
    tick(nowMs) {
      if (isStopped || pool.size() >= users) {
        lastMs = nowMs;
        return;
      }
      spawnable += ((nowMs - lastMs) / 1_000) * spawnPerSecond;
      lastMs = nowMs;
      for (; spawnable >= 1 && pool.size() < users; spawnable -= 1) pool.add().begin(nowMs, nowMs);
      if (pool.size() >= users) spawnable = 0;
    },
    stop() {
      isStopped = true;
    },
    waiting: () => [],
    waitingCount: () => 0,
    release() {
      isStopped = true;
      return idle.splice(0);
    },
    intendedPerSecond: () => null,
  };
}

/** How well an open loop kept to its times; may outlive one pacing. */
export interface Schedule {
  /** Microseconds from when a journey was due and a user free, to when it began. */
  readonly lateness: LatencyHistogram;
  journeysDue: number;
  /** Found no free user when due. */
  journeysDelayed: number;
  /** Of these, those due while many users were thinking: with more of them it would not have been delayed. */
  journeysUnready: number;
  /** Not sent at all: `backlogMax` were waiting, or the pace was changed while they did. */
  journeysDropped: number;
  backlogHighest: number;
}

export function newSchedule(): Schedule {
  return {
    lateness: newHistogram(),
    journeysDue: 0,
    journeysDelayed: 0,
    journeysUnready: 0,
    journeysDropped: 0,
    backlogHighest: 0,
  };
}

export interface OpenLoopOptions {
  readonly profile: ArrivalProfile;
  /** The part of the profile's rate that is this generator's, 0 to 1. */
  readonly share: number;
  /** As independent customers arrive, or evenly spaced. */
  readonly arrivals: 'poisson' | 'even';
  readonly random: Random;
  readonly startMs: number;
  readonly usersMax: number;
  readonly backlogMax: number;
  readonly schedule: Schedule;
}

/** When this share of all users pauses or more, a delayed journey waits for their pauses, and not for the service. */
const thinkingShareMin = 0.1;

/** Between two looks at the profile, its rate is taken as constant for so long at the most. */
const sliceMs = 1;

/** In journeys, 1 in the mean: gaps of a Poisson process are exponential; 1 − u is never 0. */
function gapsOf({ arrivals, random }: OpenLoopOptions): () => number {
  return arrivals === 'even' ? () => 1 : () => -Math.log(1 - random() / 0x1_0000_0000);
}

export function createOpenLoop(pool: UserPool, options: OpenLoopOptions): Pacing {
  const { profile, share, startMs, schedule, usersMax, backlogMax } = options;
  const nextGap = gapsOf(options);
  /** Used first in, first out, so that no connection stays idle until the server closes it. */
  const free = createQueue<LoadUser>();
  const backlog = createQueue<number>();
  let isStopped = false;
  let lookedAtMs = startMs;
  /** Journeys due by then; a fraction, because the profile is smooth. */
  let dueThen = 0;
  /** The next one is due when so many are. */
  let nextDue = options.arrivals === 'even' ? 0 : nextGap();

  function sendDue(nowMs: number): void {
    while (!isStopped && lookedAtMs < nowMs) {
      const toMs = Math.min(nowMs, lookedAtMs + sliceMs);
      const requests =
        dueBy(profile, (toMs - startMs) / 1_000) - dueBy(profile, (lookedAtMs - startMs) / 1_000);
      const dueNow = dueThen + (requests * share) / pool.requestsPerJourney();
      while (nextDue <= dueNow) {
        const part = dueNow > dueThen ? (nextDue - dueThen) / (dueNow - dueThen) : 1;
        send(lookedAtMs + (toMs - lookedAtMs) * part, nowMs);
        nextDue += nextGap();
      }
      dueThen = dueNow;
      lookedAtMs = toMs;
    }
  }

  function send(dueMs: number, nowMs: number): void {
    schedule.journeysDue += 1;
    const user = free.take() ?? (pool.size() < usersMax ? pool.add() : undefined);
    if (user !== undefined) {
      schedule.lateness.recordValue(toMicroseconds(nowMs - dueMs));
      user.begin(dueMs, nowMs);
    } else if (backlog.size() < backlogMax) {
      backlog.put(dueMs);
      schedule.journeysDelayed += 1;
      if (pool.thinking() >= pool.size() * thinkingShareMin) schedule.journeysUnready += 1;
      schedule.backlogHighest = Math.max(schedule.backlogHighest, backlog.size());
    } else {
      schedule.journeysDropped += 1;
    }
  }

  return {
    freed(user, nowMs) {
      if (pool.size() > usersMax) {
        pool.remove(user);
      } else {
        const dueMs = backlog.take();
        if (dueMs === undefined) free.put(user);
        else user.begin(dueMs, nowMs);
      }
      sendDue(nowMs);
    },
    tick: sendDue,
    stop() {
      isStopped = true;
    },
    waiting: backlog.all,
    waitingCount: backlog.size,
    release() {
      isStopped = true;
      schedule.journeysDropped += backlog.size();
      return free.all();
    },
    intendedPerSecond: (nowMs) => rateAt(profile, Math.max(0, nowMs - startMs) / 1_000) * share,
  };
}
