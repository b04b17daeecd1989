/**
 * The figures of a run for the benchmark. Counts of placed and unknown orders cover the whole run, warm-up and
 * drain included, because they are compared with the orders that the service has stored; rates and latencies cover the
 * window only.
 */
import { type LatencyHistogram, newHistogram } from './histogram.ts';
import type { LoadRecorder } from './load-recorder.ts';
import { answerWithoutOrder, type Workload } from './workload.ts';

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
  /** Whole run: answers with another status than expected, by `route status`. */
  readonly unexpected: Readonly<Record<string, number>>;
  /** Whole run: failures of connections and requests, by kind. */
  readonly errors: Readonly<Record<string, number>>;
  /** Whole run: orders acknowledged by a 201. */
  readonly ordersPlaced: number;
  /** Whole run: orders sent whose answer never came; each may or may not be stored. */
  readonly ordersUnknown: number;
}

export function recordedLoad(
  recorder: LoadRecorder,
  { placingRoute }: Pick<Workload, 'placingRoute'>,
  windowMs: number,
): RecordedLoad {
  const all = newHistogram();
  for (const { measured } of recorder.routes) all.add(measured.latency);
  const placing = recorder.routes.find(({ route }) => route === placingRoute);
  const unexpected: Record<string, number> = {};
  const errors: Record<string, number> = {};
  for (const { route, reason, count, example } of recorder.failures()) {
    if (/^\d+$/.test(reason)) {
      unexpected[`${route} ${reason}`] = count;
    } else {
      const name = example === answerWithoutOrder ? example : reason;
      errors[name] = (errors[name] ?? 0) + count;
    }
  }
  return {
    answered: recorder.routes.reduce((sum, { answeredInWindow }) => sum + answeredInWindow, 0),
    answeredByKind: Object.fromEntries(
      recorder.routes.map(({ route, answeredInWindow, measured }) => [
        route,
        { count: answeredInWindow, latency: summarize(measured.latency) },
      ]),
    ),
    latency: summarize(all),
    // The last second is a whole one or it is left out.
    perSecond: Array.from(recorder.perSecond, (count) => count ?? 0).slice(0, Math.floor(windowMs / 1_000)),
    statuses: Object.fromEntries(
      Array.from(recorder.statuses.entries()).filter(([, count]) => count > 0),
    ) as Record<string, number>,
    unexpected,
    errors,
    ordersPlaced: placing?.created ?? 0,
    ordersUnknown: placing?.unanswered ?? 0,
  };
}

export function summarize(histogram: LatencyHistogram): LatencySummary {
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
