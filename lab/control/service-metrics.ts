/** Looks at a service while it is under load: whether it answers, and how its commits go. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readText } from '../load/read-text.ts';
import type { ServiceSample } from './live.ts';
import { reasonOf } from './reach-host.ts';

export interface ServiceWatch {
  /** As of the last look; null while it does not answer, or has no such metrics. */
  current(): ServiceSample | null;
  isUp(): boolean;
  stop(): Promise<void>;
}

export interface ServiceWatchOptions {
  readonly url: string;
  /** It does not answer any more. */
  readonly onDown: (reason: string) => void;
  readonly onUp: (downMs: number) => void;
}

const lookEveryMs = 250;

/** Without an answer for so long, the service counts as down. */
export const silentMsMax = 2_000;

/** Means are of the last second. */
const windowMs = 1_000;

/** More than these of /metrics are not read, and are no metrics; Nozama's are some 20 kB. */
const metricsBytesMax = 1_000_000;

interface Counters {
  readonly atMs: number;
  readonly orders: number;
  readonly commits: number;
  readonly commitSeconds: number;
  readonly queueDepth: number;
}

export function watchService({ url, onDown, onUp }: ServiceWatchOptions): ServiceWatch {
  const address = new URL('/metrics', url);
  const stopping = new AbortController();
  let seen: readonly Counters[] = [];
  let downSinceMs: number | null = null;

  async function look(): Promise<void> {
    const startMs = performance.now();
    const outcome = await readMetrics(address, stopping.signal);
    if (stopping.signal.aborted) return;
    if ('error' in outcome) {
      seen = [];
      if (downSinceMs === null) {
        downSinceMs = startMs;
        onDown(outcome.error);
      }
      return;
    }
    if (downSinceMs !== null) {
      onUp(performance.now() - downSinceMs);
      downSinceMs = null;
    }
    const counters = countersIn(outcome.text, performance.now());
    seen = counters === null ? [] : follow(seen, counters);
  }

  async function lookOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      const startMs = performance.now();
      await look();
      const restMs = lookEveryMs - (performance.now() - startMs);
      // Also when a look took long: looking again at once would add load and tell nothing.
      await sleep(Math.max(20, restMs), undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const looking = lookOn();
  return {
    current: () => sampleOf(seen),
    isUp: () => downSinceMs === null,
    async stop() {
      stopping.abort();
      await looking;
    },
  };
}

async function readMetrics(
  address: URL,
  stop: AbortSignal,
): Promise<{ readonly text: string } | { readonly error: string }> {
  const deadline = performance.now() + silentMsMax;
  let error = '';
  // A connection kept open may have ended in between, which says nothing about the service.
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const leftMs = Math.max(1, deadline - performance.now());
    const signal = AbortSignal.any([stop, AbortSignal.timeout(Math.ceil(leftMs))]);
    try {
      const response = await fetch(address, { signal, redirect: 'manual' });
      const text = await readText(response, metricsBytesMax);
      return { text: response.ok && text !== null ? text : '' };
    } catch (thrown) {
      if (signal.aborted) return { error: `no answer within ${silentMsMax / 1_000} s` };
      error = reasonOf(thrown);
    }
  }
  return { error };
}

/** From the text exposition format, version 0.0.4; null when these metrics are not in it. */
export function countersIn(text: string, atMs: number): Counters | null {
  const read = (name: string) => {
    const match = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text);
    return match === null ? null : Number(match[1]);
  };
  const orders = read('nozama_commit_batch_size_sum');
  const commits = read('nozama_commit_batch_size_count');
  const commitSeconds = read('nozama_commit_duration_seconds_sum');
  const queueDepth = read('nozama_queue_depth');
  if (orders === null || commits === null || commitSeconds === null || queueDepth === null) return null;
  return { atMs, orders, commits, commitSeconds, queueDepth };
}

/** Adds the latest sample, and forgets those that are no longer needed. */
export function follow(seen: readonly Counters[], counters: Counters): readonly Counters[] {
  // Counters of a service that was started again begin at zero.
  const isSameProcess = (seen.at(-1)?.commits ?? 0) <= counters.commits;
  const before = isSameProcess ? seen : [];
  const start = before.findLastIndex(({ atMs }) => atMs <= counters.atMs - windowMs);
  return [...before.slice(Math.max(0, start)), counters];
}

export function sampleOf(seen: readonly Counters[]): ServiceSample | null {
  const [first] = seen;
  const last = seen.at(-1);
  if (first === undefined || last === undefined) return null;
  const commits = last.commits - first.commits;
  return {
    batchSize: commits === 0 ? null : (last.orders - first.orders) / commits,
    commitMs: commits === 0 ? null : ((last.commitSeconds - first.commitSeconds) / commits) * 1_000,
    queueDepth: last.queueDepth,
  };
}
