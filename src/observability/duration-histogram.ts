/** A histogram of seconds with labels that are resolved once, in the shape prom-client's registry renders. */
import type { Metric } from 'prom-client';

/** @param status an HTTP status, 100 to 599 */
export type ObserveDuration = (status: number, durationMs: number) => void;

const bucketBoundsMs = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** One count for each bound, and one for everything above. */
  readonly counts: Float64Array;
  sumMs: number;
}

export interface DurationHistogram {
  timer(method: string, route: string): ObserveDuration;
  readonly metric: Metric;
}

export function createDurationHistogram(name: string, help: string): DurationHistogram {
  const allSeries: Series[] = [];

  function timer(method: string, route: string): ObserveDuration {
    const byClass: (Series | undefined)[] = [];
    return (status, durationMs) => {
      const statusClass = Math.trunc(status / 100);
      let series = byClass[statusClass];
      if (series === undefined) {
        const labels = { method, route, status: `${statusClass}xx` };
        series = { labels, counts: new Float64Array(bucketBoundsMs.length + 1), sumMs: 0 };
        byClass[statusClass] = series;
        allSeries.push(series);
      }
      let bucket = 0;
      while (bucket < bucketBoundsMs.length && durationMs > (bucketBoundsMs[bucket] ?? 0)) bucket += 1;
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.sumMs += durationMs;
    };
  }

  const metric = {
    name,
    get: () => Promise.resolve({ name, help, type: 'histogram', values: allSeries.flatMap(valuesOf) }),
    reset: () => {
      allSeries.length = 0;
    },
  };

  function valuesOf({ labels, counts, sumMs }: Series) {
    let count = 0;
    const buckets = bucketBoundsMs.map((boundMs, i) => {
      count += counts[i] ?? 0;
      return {
        metricName: `${name}_bucket`,
        labels: { ...labels, le: String(boundMs / 1000) },
        value: count,
      };
    });
    count += counts[bucketBoundsMs.length] ?? 0;
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sumMs / 1000 },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }

  return { timer, metric: metric as unknown as Metric };
}
