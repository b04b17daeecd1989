/** The samples of a run as a table (RFC 4180): one line each, four a second unless the run was long. */
import type { LiveSample } from './live.ts';

type Cell = string | number | null;

const columns: readonly (readonly [header: string, read: (sample: LiveSample) => Cell])[] = [
  ['at (s)', (sample) => sample.atSecond],
  ['phase', (sample) => sample.phase],
  ['requests (1/s)', (sample) => sample.requestsPerSecond],
  ['failures (1/s)', (sample) => sample.failuresPerSecond],
  ['intended (1/s)', (sample) => sample.intendedPerSecond],
  ['p50 (ms)', (sample) => sample.p50Ms],
  ['p95 (ms)', (sample) => sample.p95Ms],
  ['p99 (ms)', (sample) => sample.p99Ms],
  ['p99.9 (ms)', (sample) => sample.p999Ms],
  ['users', (sample) => sample.users],
  ['requests in flight', (sample) => sample.inFlight],
  ['requests waiting', (sample) => sample.waiting],
  ['generator processor time (cores)', (sample) => sample.generatorCores],
  ['generator lateness p99 (ms)', (sample) => sample.latenessP99Ms],
  ['commit batch (orders)', (sample) => sample.service?.batchSize ?? null],
  ['commit (ms)', (sample) => sample.service?.commitMs ?? null],
  ['queue (orders)', (sample) => sample.service?.queueDepth ?? null],
];

export function samplesCsv(samples: readonly LiveSample[]): string {
  const lines = [
    columns.map(([header]) => header),
    ...samples.map((sample) => columns.map(([, read]) => read(sample))),
  ];
  return lines.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

/** Digits that a measurement can bear. A figure that was not measured is left empty. */
function cellText(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
