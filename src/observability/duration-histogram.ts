/**
 * A histogram of seconds with labels that are resolved once, and written as text by itself: prom-client would build an
 * object for each of some thousand lines, and take ten times as long.
 */

/** @param status an HTTP status, 100 to 599 */
export type ObserveDuration = (status: number, durationMs: number) => void;

const bucketBoundsMs = [0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10_000];

interface Series {
  /** Of each line all but its value: a line for each bound, one for everything above, the sum and the count. */
  readonly lineStarts: readonly string[];
  /** One count for each bound, and one for everything above. */
  readonly counts: Float64Array;
  sumMs: number;
}

export interface DurationHistogram {
  /** @param route neither it nor the method holds a quote, a backslash or a line feed */
  timer(method: string, route: string): ObserveDuration;
  /** In Prometheus' text exposition format 0.0.4. */
  render(): string;
}

export function createDurationHistogram(name: string, help: string): DurationHistogram {
  const allSeries: Series[] = [];

  function timer(method: string, route: string): ObserveDuration {
    const byClass: (Series | undefined)[] = [];
    return (status, durationMs) => {
      const statusClass = Math.trunc(status / 100);
      let series = byClass[statusClass];
      if (series === undefined) {
        const labels = `method="${method}",route="${route}",status="${statusClass}xx"`;
        series = {
          lineStarts: lineStartsOf(labels),
          counts: new Float64Array(bucketBoundsMs.length + 1),
          sumMs: 0,
        };
        byClass[statusClass] = series;
        allSeries.push(series);
      }
      let bucket = 0;
      while (bucket < bucketBoundsMs.length && durationMs > (bucketBoundsMs[bucket] ?? 0)) bucket += 1;
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
      series.sumMs += durationMs;
    };
  }

  function lineStartsOf(labels: string): readonly string[] {
    const bounds = [...bucketBoundsMs.map((boundMs) => String(boundMs / 1000)), '+Inf'];
    return [
      ...bounds.map((bound) => `${name}_bucket{${labels},le="${bound}"} `),
      `${name}_sum{${labels}} `,
      `${name}_count{${labels}} `,
    ];
  }

  function linesOf({ lineStarts, counts, sumMs }: Series): string {
    let count = 0;
    let lines = '';
    for (let i = 0; i < counts.length; i += 1) {
      count += counts[i] ?? 0;
      lines += `${lineStarts[i]}${count}\n`;
    }
    return `${lines}${lineStarts[counts.length]}${sumMs / 1000}\n${lineStarts[counts.length + 1]}${count}\n`;
  }

  return {
    timer,
    render: () => `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${allSeries.map(linesOf).join('')}`,
  };
}
