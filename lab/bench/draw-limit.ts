/**
 * Draws the curve of a limit search: latency against the arrival rate.
 *
 *     bun lab/bench/draw-limit.ts run.json > limit.svg
 *
 * `run.json` is the file that the lab's page offers to download after a limit search.
 */
import { readFileSync } from 'node:fs';
import type { LimitSearchView, LimitStep, RunView } from '../control/live.ts';
import { type ChartLine, renderLineChart } from './line-chart.ts';

/** @throws RangeError when nothing was answered at any rate */
export function drawLimit(
  { objective, steps, holdsPerSecond }: Pick<LimitSearchView, 'objective' | 'steps' | 'holdsPerSecond'>,
  scenario: string,
  note: string,
): string {
  // A void step says nothing about the service.
  const measured = steps.filter(({ voidReasons }) => voidReasons.length === 0);
  const line = (
    label: string,
    tone: ChartLine['tone'],
    of: (step: LimitStep) => number | null,
  ): ChartLine => ({
    label,
    tone,
    points: measured.flatMap((step) => {
      const value = of(step);
      return value === null ? [] : [{ at: step.perSecond, value, isHollow: !step.holds }];
    }),
  });
  return renderLineChart({
    title: `Latency against arrival rate: ${scenario}`,
    atUnit: 'requests/s due, open loop; a hollow mark: the objective broke',
    valueUnit: 'ms',
    lines: [line('p99', 'baseline', ({ p99Ms }) => p99Ms), line('p50', 'ours', ({ p50Ms }) => p50Ms)],
    goal: { value: objective.p99MsMax, label: `p99 ≤ ${objective.p99MsMax} ms` },
    found:
      holdsPerSecond === null
        ? null
        : { at: holdsPerSecond, label: `holds ${Math.round(holdsPerSecond).toLocaleString('en')}/s` },
    note,
  });
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  try {
    if (file === undefined) throw new Error('Name the run.json of a limit search.');
    const run = JSON.parse(readFileSync(file, 'utf8')) as RunView;
    if (!run.limit) throw new Error(`${file} is not of a limit search: it has no "limit".`);
    process.stdout.write(drawLimit(run.limit, run.plan.scenario, run.startedAt.slice(0, 10)));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
