/**
 * When requests are sent.
 *
 * A closed loop sends again on every answer, so a slow service is asked less: good for finding the peak,
 * blind to stalls. An open loop has a time for each request, whatever the service does: a request that
 * finds no free connection waits, and its latency counts from the time it was meant to be sent.
 */
import type { Histogram } from 'hdr-histogram-js';
import type { Connection } from './connection.ts';
import { newHistogram, toMicroseconds } from './load-recorder.ts';
import type { Random } from './random.ts';

export interface Pacing {
  /** The connection can take a request. */
  ready(connection: Connection, nowMs: number): void;
  /** Called about every millisecond. */
  tick(nowMs: number): void;
  /** No new journeys from here on, but those that wait are still sent. */
  stop(): void;
  /** When each request that waits for a connection was meant to be sent, oldest first. */
  waiting(): readonly number[];
  /** Null in a closed loop, where every request is sent when it is due. */
  readonly schedule: Schedule | null;
}

/** How well an open loop kept to its times. */
export interface Schedule {
  /** Microseconds from when a request was due and a connection free, to when it was sent. */
  readonly lateness: Histogram;
  journeysDue: number;
  /** Found no free connection when due. */
  journeysDelayed: number;
  /** Not sent at all, because `backlogMax` were waiting. */
  journeysDropped: number;
  backlogHighest: number;
}

/** Starts a journey. */
export type BeginJourney = (connection: Connection, intendedAtMs: number, nowMs: number) => void;

export function createClosedLoop(begin: BeginJourney): Pacing {
  let isStopped = false;
  return {
    ready(connection, nowMs) {
      if (!isStopped) begin(connection, nowMs, nowMs);
    },
    tick: () => {},
    stop() {
      isStopped = true;
    },
    waiting: () => [],
    schedule: null,
  };
}

export interface OpenLoopOptions {
  readonly journeysPerSecond: number;
  readonly arrivals: 'poisson' | 'even';
  readonly random: Random;
  readonly startMs: number;
  readonly backlogMax: number;
}

export function createOpenLoop(begin: BeginJourney, options: OpenLoopOptions): Pacing {
  const { journeysPerSecond, arrivals, random, startMs, backlogMax } = options;
  const gapMs = 1_000 / journeysPerSecond;
  const schedule: Schedule = {
    lateness: newHistogram(),
    journeysDue: 0,
    journeysDelayed: 0,
    journeysDropped: 0,
    backlogHighest: 0,
  };
  /** Used first in, first out, so that no connection stays idle until the server closes it. */
  const free = createQueue<Connection>();
  const backlog = createQueue<number>();
  let nextDueMs = startMs;
  let isStopped = false;

  function nextGapMs(): number {
    // Gaps of a Poisson process are exponential; 1 − u is never 0.
    return arrivals === 'even' ? gapMs : -Math.log(1 - random() / 0x1_0000_0000) * gapMs;
  }

  function sendDue(nowMs: number): void {
    while (!isStopped && nextDueMs <= nowMs) {
      const dueMs = nextDueMs;
      nextDueMs += nextGapMs();
      schedule.journeysDue += 1;
      const connection = takeFree();
      if (connection !== undefined) {
        schedule.lateness.recordValue(toMicroseconds(nowMs - dueMs));
        begin(connection, dueMs, nowMs);
      } else if (backlog.size() < backlogMax) {
        backlog.put(dueMs);
        schedule.journeysDelayed += 1;
        schedule.backlogHighest = Math.max(schedule.backlogHighest, backlog.size());
      } else {
        schedule.journeysDropped += 1;
      }
    }
  }

  /** Connections may have been lost while they were free. */
  function takeFree(): Connection | undefined {
    for (let connection = free.take(); connection !== undefined; connection = free.take()) {
      if (connection.isOpen() && !connection.busy) return connection;
    }
    return undefined;
  }

  return {
    ready(connection, nowMs) {
      const dueMs = backlog.take();
      if (dueMs === undefined) free.put(connection);
      else begin(connection, dueMs, nowMs);
      sendDue(nowMs);
    },
    tick: sendDue,
    stop() {
      isStopped = true;
    },
    waiting: () => backlog.all(),
    schedule,
  };
}

interface Queue<T> {
  put(item: T): void;
  take(): T | undefined;
  size(): number;
  all(): readonly T[];
}

/** First in, first out, in constant time; an array's own shift moves everything. */
function createQueue<T>(): Queue<T> {
  let items: T[] = [];
  let head = 0;
  return {
    put(item) {
      items.push(item);
    },
    take() {
      if (head === items.length) return undefined;
      const item = items[head];
      head += 1;
      if (head === items.length) {
        items = [];
        head = 0;
      } else if (head >= 1_024 && head * 2 >= items.length) {
        items = items.slice(head);
        head = 0;
      }
      return item;
    },
    size: () => items.length - head,
    all: () => items.slice(head),
  };
}
