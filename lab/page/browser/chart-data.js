/** The samples of a run as the charts need them, in memory that does not grow: see {@link thin}. */

/**
 * @typedef {import('../../control/live.ts').LiveSample} LiveSample
 * @typedef {import('../../control/live.ts').RunEvent} RunEvent
 * @typedef {{ fromSecond: number, toSecond: number }} Span
 */

/** As many as the lab keeps: half an hour at 4 Hz in full, then the older half is thinned. */
export const samplesKeptMax = 7_200;

/**
 * The older half loses every second sample. In place, as the lab does it with its own.
 * @template Item
 * @param {Item[]} items
 * @param {number} keptMax
 */
export function thin(items, keptMax) {
  if (items.length <= keptMax) return;
  const half = keptMax / 2;
  let kept = 0;
  for (let i = 0; i < items.length; i += 1) {
    if (i < half && i % 2 === 1) continue;
    items[kept] = /** @type {Item} */ (items[i]);
    kept += 1;
  }
  items.length = kept;
}

/**
 * Columns as uPlot takes them: seconds first, then each line's values.
 * @param {readonly LiveSample[]} samples
 * @param {readonly { read: (sample: LiveSample) => number | null }[]} lines
 * @param {boolean} isLog nothing at or below zero has a place on a logarithmic scale
 * @returns {(number | null)[][]}
 */
export function columnsOf(samples, lines, isLog) {
  const seconds = samples.map((sample) => sample.atSecond);
  const columns = lines.map(({ read }) =>
    samples.map((sample) => {
      const value = read(sample);
      return value === null || !Number.isFinite(value) || (isLog && value <= 0) ? null : value;
    }),
  );
  return [seconds, ...columns];
}

/**
 * @param {readonly (number | null)[]} values
 * @returns {{ latest: number | null, min: number | null, mean: number | null, max: number | null }}
 */
export function summarize(values) {
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null) continue;
    count += 1;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const latest = values.at(-1) ?? null;
  return count === 0 ? { latest, min: null, mean: null, max: null } : { latest, min, mean: sum / count, max };
}

/**
 * Values with a gap on either side, which no line shows: they are drawn as points.
 * @param {readonly (number | null | undefined)[]} values
 */
export function lonelyIndexes(values) {
  /** @type {number[]} */
  const lonely = [];
  for (let i = 0; i < values.length; i += 1) {
    if (values[i] == null) continue;
    if (values[i - 1] == null && values[i + 1] == null) lonely.push(i);
  }
  return lonely;
}

/**
 * Where a phase lasts, from the first of its samples to the sample after the last.
 * @param {readonly LiveSample[]} samples
 * @param {LiveSample['phase']} phase
 * @returns {Span[]}
 */
export function phaseSpans(samples, phase) {
  /** @type {Span[]} */
  const spans = [];
  let before = 0;
  for (let i = 0; i < samples.length; i += 1) {
    const { atSecond, phase: now } = /** @type {LiveSample} */ (samples[i]);
    const last = spans.at(-1);
    if (now === phase) {
      // A sample tells of the time before it.
      if (last !== undefined && samples[i - 1]?.phase === phase) last.toSecond = atSecond;
      else spans.push({ fromSecond: before, toSecond: atSecond });
    }
    before = atSecond;
  }
  return spans;
}

/**
 * When the service did not answer; the last span is open when it does not yet.
 * @param {readonly RunEvent[]} events
 * @returns {Span[]}
 */
export function downSpans(events) {
  /** @type {Span[]} */
  const spans = [];
  /** @type {number | null} */
  let since = null;
  for (const { kind, atSecond } of events) {
    if (kind === 'down') since ??= atSecond;
    if (kind === 'up' && since !== null) {
      spans.push({ fromSecond: since, toSecond: atSecond });
      since = null;
    }
  }
  if (since !== null) spans.push({ fromSecond: since, toSecond: Number.POSITIVE_INFINITY });
  return spans;
}
