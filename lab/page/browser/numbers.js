/** How the lab writes numbers, times and dates. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const upToHundredths = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const dates = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

export const nothing = '–';

/** @param {number} value */
export function count(value) {
  return whole.format(value);
}

/** @param {number} value as it was set, such as a rate of 0.5 */
export function amount(value) {
  return upToHundredths.format(value);
}

/** @param {number} value requests a second */
export function rate(value) {
  return value > 0 && value < 100 ? tenths.format(value) : whole.format(value);
}

/** @param {number | null} value milliseconds, to be put before its unit */
export function milliseconds(value) {
  if (value === null) return nothing;
  if (value < 10) return hundredths.format(value);
  return value < 1_000 ? tenths.format(value) : whole.format(value);
}

/** @param {number | null} value */
export function withMs(value) {
  return value === null ? nothing : `${milliseconds(value)} ms`;
}

/**
 * A share that is not nothing is never written as nothing, nor one that is not all as all.
 * @param {number} part
 * @param {number} all
 */
export function percent(part, all) {
  if (all === 0 || part === 0) return '0 %';
  const share = (part / all) * 100;
  if (share < 0.01) return '< 0.01 %';
  if (share > 99.99 && part < all) return '> 99.99 %';
  return share < 10 ? `${hundredths.format(share)} %` : `${tenths.format(share)} %`;
}

/** @param {number} seconds */
export function clock(seconds) {
  const all = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes}:${two(all % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(all % 60)}`;
}

/** @param {string} iso */
export function dateAndTime(iso) {
  return dates.format(new Date(iso));
}

/**
 * By how much `b` differs from `a`.
 * @param {number | null} a
 * @param {number | null} b
 */
export function difference(a, b) {
  if (a === null || b === null) return nothing;
  if (a === b) return '0 %';
  if (a === 0) return nothing;
  const share = (b / a - 1) * 100;
  const words = Math.abs(share) < 100 ? tenths.format(Math.abs(share)) : whole.format(Math.abs(share));
  return `${share < 0 ? '−' : '+'}${words} %`;
}
