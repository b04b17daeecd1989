import { type Bar, renderBarChart } from './bar-chart.ts';
import { grouped } from './comparison.ts';
import type { BenchReport } from './report.ts';

/** The report as a chart: rates, then the ratios that have a bar. */
export function drawReport({ environment, summaries, ratios, storage, options }: BenchReport): string {
  // An open loop's rate is given, not measured: it shows latency.
  const [open, closed] = [true, false].map((isOpen) =>
    summaries.filter(({ id }) => id.startsWith('nozama.open@') === isOpen),
  );
  const latencies = (open ?? []).flatMap(({ label, p50Ms, p99Ms, p999Ms }) =>
    [
      { name: 'p50', spread: p50Ms, goal: null },
      { name: 'p99', spread: p99Ms, goal: 10 },
      { name: 'p99.9', spread: p999Ms, goal: 50 },
    ].flatMap(({ name, spread, goal }): Bar[] => {
      if (spread === null) return [];
      const { median, min, max } = spread;
      const runtime = /\(\w+\)$/.exec(label)?.[0] ?? '';
      return [
        {
          label: `${name} ${runtime}`,
          value: median,
          min,
          max,
          shown: `${median.toFixed(1)} ms`,
          tone: 'ours',
          goal,
        },
      ];
    }),
  );
  const rates = (closed ?? []).map(({ id, label, requestsPerSecond: { median, min, max } }): Bar => {
    const tone = id.startsWith('nozama.') ? 'ours' : id.startsWith('textbook.') ? 'baseline' : 'ceiling';
    return { label, value: median, min, max, shown: grouped(median), tone, goal: null };
  });
  const engine = storage.map(({ size, ordersPerSecond: { median, min, max } }): Bar => {
    const label = `Engine alone, batches of ${grouped(size)}`;
    return { label, value: median, min, max, shown: grouped(median), tone: 'ceiling', goal: null };
  });
  // A ratio of hundreds would flatten the others, so each is drawn against its own bar.
  const reached = ratios.flatMap(({ label, least, spread }): Bar[] => {
    if (least === null || spread === null) return [];
    const { median, min, max } = spread;
    const cap = (value: number) => Math.min(3, value / least);
    const shown = `${median.toFixed(2)} (≥ ${least})`;
    return [{ label, value: cap(median), min: cap(min), max: cap(max), shown, tone: 'ours', goal: 1 }];
  });
  const { cpuModel, cores, versions, commit, filesystem, at } = environment;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const note =
    `${at.slice(0, 10)}, commit ${commit}, ${cpuModel}, ${cores} cores with the generator on them, ${filesystem}, ` +
    `${programs.join(', ')}, ${options.rounds} rounds`;
  return renderBarChart(
    'Nozama: what one machine takes',
    [
      { title: `Requests per second, median (line: lowest to highest)`, bars: rates },
      {
        title: 'POST then GET at half the peak, open loop: milliseconds (red: the most allowed)',
        bars: latencies,
      },
      { title: 'Orders per second of the engine alone', bars: engine },
      {
        title: 'Ratios within a round against the least wanted (red), drawn up to three times that',
        bars: reached,
      },
    ],
    note,
  );
}
