/** The course of a run in a table, for those who see no charts. */
import { type Html, html } from '../../src/web/html.ts';
import { type LiveSample, type RunView, samplesKeptMax } from '../control/live.ts';
import { samplesPerSecond } from '../load/fleet.ts';
import { clockWords, countWords, figureTable, msWords, rateWords } from './figure-words.ts';

const slicesMax = 12;

const header = [
  'From – to',
  'Requests/s',
  'Failures/s',
  'Worst p50',
  'Worst p99',
  'Users',
  'In flight',
  'Commit, ms',
];

/** A sample and the seconds that it stands for: those since the one before. Older ones are thinned, and stand for more. */
interface Stretch {
  readonly sample: LiveSample;
  readonly fromSecond: number;
  readonly seconds: number;
}

export function courseSection({ samples }: RunView): Html | null {
  const rows = courseRows(samples);
  if (rows.length === 0) return null;
  const isThinned = (samples.at(-1)?.atSecond ?? 0) > samplesKeptMax / samplesPerSecond;
  const caption = `The run in equal parts: means over time, and the worst sample for latency in ms${isThinned ? ' (of the older parts not every sample is kept)' : ''}`;
  return html`<section><h2>Over time</h2>${figureTable(caption, header, rows)}</section>`;
}

/** At most twelve, of equal length. */
export function courseRows(samples: readonly LiveSample[]): readonly (readonly string[])[] {
  const stretches = samples.map((sample, index): Stretch => {
    const fromSecond = samples[index - 1]?.atSecond ?? 0;
    return { sample, fromSecond, seconds: Math.max(0, sample.atSecond - fromSecond) };
  });
  const length = (samples.at(-1)?.atSecond ?? 0) / Math.min(slicesMax, samples.length);
  const slices = Map.groupBy(stretches, ({ sample: { atSecond } }) =>
    Math.max(0, Math.ceil(atSecond / length - 1e-9) - 1),
  );
  return [...slices.values()].map(sliceRow);
}

function sliceRow(slice: readonly Stretch[]): readonly string[] {
  const mean = (read: (sample: LiveSample) => number | null) => {
    let sum = 0;
    let all = 0;
    for (const { sample, seconds } of slice) {
      const value = read(sample);
      if (value === null) continue;
      sum += value * seconds;
      all += seconds;
    }
    return all === 0 ? null : sum / all;
  };
  const worst = (read: (sample: LiveSample) => number | null) => {
    const values = slice.map(({ sample }) => read(sample)).filter((value) => value !== null);
    return values.length === 0 ? null : Math.max(...values);
  };
  const start = slice[0]?.fromSecond ?? 0;
  const end = slice.at(-1)?.sample.atSecond ?? start;
  return [
    `${clockWords(start)}\u00a0–\u00a0${clockWords(end)}`,
    rateWords(mean(({ requestsPerSecond }) => requestsPerSecond) ?? 0),
    rateWords(mean(({ failuresPerSecond }) => failuresPerSecond) ?? 0),
    msWords(worst(({ p50Ms }) => p50Ms)),
    msWords(worst(({ p99Ms }) => p99Ms)),
    countWords(mean(({ users }) => users) ?? 0),
    countWords(mean(({ inFlight }) => inFlight) ?? 0),
    msWords(mean(({ service }) => service?.commitMs ?? null)),
  ];
}
