/**
 * The six charts of a run, and their lines. Every line has a tone, which is the name of a colour token, and a dash
 * of its own, so that a reader need not tell colours apart.
 */

/**
 * @typedef {import('../../control/live.ts').LiveSample} LiveSample
 * @typedef {object} ChartLine
 * @property {string} label
 * @property {'accent' | 'danger' | 'information' | 'ink-soft' | 'warning'} tone
 * @property {readonly number[]} dash CSS pixels drawn and left out; empty: solid
 * @property {number} width CSS pixels
 * @property {'left' | 'right'} side which axis it is read on
 * @property {(sample: LiveSample) => number | null} read null is a gap
 * @property {(value: number) => string} format
 * @typedef {object} ChartKind
 * @property {string} title
 * @property {string} unit of the left axis, in words
 * @property {string | null} rightUnit of the right axis, when there is one
 * @property {boolean} hasLogScale whether a logarithmic scale is offered
 * @property {readonly ChartLine[]} lines
 */

const solid = /** @type {const} */ ([]);
const dashes = /** @type {const} */ ([8, 4]);
const dots = /** @type {const} */ ([2, 3]);
const dashesAndDots = /** @type {const} */ ([9, 3, 2, 3]);

/**
 * A count or a rate: 12,345, 42.5, 0.
 * @param {number} value
 */
export function formatCount(value) {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 1;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/**
 * Milliseconds to three digits or the whole, so that they neither jump nor pretend.
 * @param {number} value
 */
export function formatMs(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** @param {number} value */
function formatCores(value) {
  return value.toFixed(2);
}

/**
 * Seconds of a run as a clock: 0:05, 12:30, 1:00:00.
 * @param {number} seconds
 */
export function formatClock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const twoDigits = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3_600);
  const minutes = Math.floor((whole % 3_600) / 60);
  const clock = `${hours > 0 ? twoDigits(minutes) : minutes}:${twoDigits(whole % 60)}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

/**
 * @param {string} label
 * @param {ChartLine['tone']} tone
 * @param {readonly number[]} dash
 * @param {ChartLine['read']} read
 * @param {Partial<ChartLine>} [rest]
 * @returns {ChartLine}
 */
function line(label, tone, dash, read, rest = {}) {
  return { label, tone, dash, width: 2, side: 'left', read, format: formatCount, ...rest };
}

/** @type {readonly ChartKind[]} */
export const chartKinds = [
  {
    title: 'Requests',
    unit: 'a second',
    rightUnit: null,
    hasLogScale: false,
    lines: [
      line('answered', 'information', solid, (sample) => sample.requestsPerSecond),
      line('failed', 'danger', dots, (sample) => sample.failuresPerSecond, { width: 2.5 }),
      line('intended', 'ink-soft', dashes, (sample) => sample.intendedPerSecond, { width: 1.5 }),
    ],
  },
  {
    title: 'Latency',
    unit: 'ms',
    rightUnit: null,
    hasLogScale: true,
    lines: [
      line('p50', 'information', solid, (sample) => sample.p50Ms, { format: formatMs }),
      line('p95', 'ink-soft', dots, (sample) => sample.p95Ms, { format: formatMs }),
      line('p99', 'accent', dashes, (sample) => sample.p99Ms, { format: formatMs }),
      line('p99.9', 'warning', dashesAndDots, (sample) => sample.p999Ms, { format: formatMs, width: 1.5 }),
    ],
  },
  {
    title: 'Users',
    unit: 'at once',
    rightUnit: null,
    hasLogScale: false,
    lines: [
      line('users', 'information', solid, (sample) => sample.users),
      line('in flight', 'accent', dashes, (sample) => sample.inFlight),
      line('waiting', 'warning', dots, (sample) => sample.waiting, { width: 2.5 }),
    ],
  },
  {
    title: 'Generator',
    unit: 'cores',
    rightUnit: 'ms late',
    hasLogScale: false,
    lines: [
      line('cores', 'information', solid, (sample) => sample.generatorCores, { format: formatCores }),
      line('late at p99, ms', 'warning', dashes, (sample) => sample.latenessP99Ms, {
        format: formatMs,
        side: 'right',
      }),
    ],
  },
  {
    title: 'Commit batches',
    unit: 'orders',
    rightUnit: null,
    hasLogScale: false,
    lines: [
      line('in a batch', 'information', solid, (sample) => sample.service?.batchSize ?? null),
      line('in the queue', 'accent', dashes, (sample) => sample.service?.queueDepth ?? null),
    ],
  },
  {
    title: 'Commit time',
    unit: 'ms',
    rightUnit: null,
    hasLogScale: false,
    lines: [
      line('a commit', 'information', solid, (sample) => sample.service?.commitMs ?? null, {
        format: formatMs,
      }),
    ],
  },
];
