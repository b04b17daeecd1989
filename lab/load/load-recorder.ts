/**
 * Counts what became of every request and, within the measured window, how long it took.
 *
 * Counts of placed and unknown orders cover the whole run, warm-up and drain included, because they are
 * held against what the service has stored; rates and latencies cover the window only.
 */
import { build, type Histogram } from 'hdr-histogram-js';

/** Longer latencies are recorded as this one. */
export const latencyUsMax = 600_000_000;

export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface RecordedLoad {
  /** Requests answered within the window, as expected or not. */
  readonly answered: number;
  readonly answeredByKind: Readonly<
    Record<string, { readonly count: number; readonly latency: LatencySummary }>
  >;
  readonly latency: LatencySummary;
  /** Answers in each whole second of the window. */
  readonly perSecond: readonly number[];
  /** Whole run: answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Whole run: answers with another status than expected, by `kind status`. */
  readonly unexpected: Readonly<Record<string, number>>;
  /** Whole run: what went wrong with connections and requests, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** Whole run: orders acknowledged by a 201. */
  readonly ordersPlaced: number;
  /** Whole run: orders sent whose answer never came; each may or may not be stored. */
  readonly ordersUnknown: number;
}

export interface LoadRecorder {
  answered(kind: number, status: number, isExpected: boolean, intendedAtMs: number, nowMs: number): void;
  /** A request that was sent and will get no answer. */
  lost(kind: number, reason: string): void;
  /** Anything else that went wrong. */
  failed(reason: string): void;
  /** We stop waiting for this answer: its latency is at least what it is now, and must not go missing. */
  gaveUp(kind: number, intendedAtMs: number, nowMs: number): void;
  openWindow(nowMs: number): void;
  closeWindow(nowMs: number): void;
  report(): RecordedLoad;
}

export interface LoadRecorderOptions {
  readonly kinds: readonly string[];
  readonly placingKind: number;
  /** Which latencies belong to the window: of requests answered in it, or of those meant to be sent in it. */
  readonly measureBy: 'answer' | 'intent';
}

export function createLoadRecorder({ kinds, placingKind, measureBy }: LoadRecorderOptions): LoadRecorder {
  const histograms = kinds.map(() => newHistogram());
  const answeredInWindow = kinds.map(() => 0);
  const statuses = new Uint32Array(600);
  const unexpected = new Map<string, number>();
  const errors = new Map<string, number>();
  const perSecond: number[] = [];
  let ordersPlaced = 0;
  let ordersUnknown = 0;
  let windowOpenedAtMs = Number.POSITIVE_INFINITY;
  let windowClosedAtMs = Number.POSITIVE_INFINITY;

  const isWindowOpenAt = (nowMs: number) => nowMs >= windowOpenedAtMs && nowMs < windowClosedAtMs;

  function recordLatency(kind: number, intendedAtMs: number, nowMs: number): void {
    if (!isWindowOpenAt(measureBy === 'answer' ? nowMs : intendedAtMs)) return;
    histograms[kind]?.recordValue(toMicroseconds(nowMs - intendedAtMs));
  }

  return {
    answered(kind, status, isExpected, intendedAtMs, nowMs) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (kind === placingKind && status === 201) ordersPlaced += 1;
      if (!isExpected) increment(unexpected, `${kinds[kind]} ${status}`);
      recordLatency(kind, intendedAtMs, nowMs);
      if (isWindowOpenAt(nowMs)) {
        answeredInWindow[kind] = (answeredInWindow[kind] ?? 0) + 1;
        const second = Math.floor((nowMs - windowOpenedAtMs) / 1_000);
        perSecond[second] = (perSecond[second] ?? 0) + 1;
      }
    },
    lost(kind, reason) {
      increment(errors, reason);
      if (kind === placingKind) ordersUnknown += 1;
    },
    failed: (reason) => increment(errors, reason),
    gaveUp: recordLatency,
    openWindow(nowMs) {
      windowOpenedAtMs = nowMs;
    },
    closeWindow(nowMs) {
      windowClosedAtMs = nowMs;
    },
    report() {
      const all = newHistogram();
      for (const histogram of histograms) all.add(histogram);
      return {
        answered: answeredInWindow.reduce((sum, count) => sum + count, 0),
        answeredByKind: Object.fromEntries(
          kinds.map((kind, i) => [
            kind,
            { count: answeredInWindow[i] ?? 0, latency: summarize(histograms[i] ?? newHistogram()) },
          ]),
        ),
        latency: summarize(all),
        // The last second is a whole one or it is left out.
        perSecond: Array.from(perSecond, (count) => count ?? 0).slice(
          0,
          wholeSeconds(windowOpenedAtMs, windowClosedAtMs),
        ),
        statuses: Object.fromEntries(
          Array.from(statuses.entries()).filter(([, count]) => count > 0),
        ) as Record<string, number>,
        unexpected: Object.fromEntries(unexpected),
        errors: Object.fromEntries(errors),
        ordersPlaced,
        ordersUnknown,
      };
    },
  };
}

/** Microseconds, three significant digits. */
export function newHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: latencyUsMax,
    numberOfSignificantValueDigits: 3,
  });
}

export function toMicroseconds(ms: number): number {
  return Math.min(latencyUsMax, Math.max(0, Math.round(ms * 1_000)));
}

export function summarize(histogram: Histogram): LatencySummary {
  const ms = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1_000;
  const isEmpty = histogram.totalCount === 0;
  return {
    count: histogram.totalCount,
    meanMs: isEmpty ? 0 : Math.round(histogram.mean) / 1_000,
    p50Ms: ms(50),
    p90Ms: ms(90),
    p99Ms: ms(99),
    p999Ms: ms(99.9),
    maxMs: isEmpty ? 0 : histogram.maxValue / 1_000,
  };
}

function wholeSeconds(fromMs: number, toMs: number): number {
  return Number.isFinite(toMs) ? Math.floor((toMs - fromMs) / 1_000) : 0;
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
