/** How the latency is spread, drawn as HdrHistogram's plots are: each "nine" has the same width. */
import { type Html, html } from '../../src/web/html.ts';
import type { FleetTotals } from '../load/fleet.ts';
import { figureTable, msWords } from './figure-words.ts';

type Percentiles = FleetTotals['percentiles'];

const width = 640;
const height = 240;
const left = 52;
const right = 12;
const top = 12;
const bottom = 28;

/** Beyond it, the 100th has no place on the scale. */
const percentileMax = 99.9999;

const tablePercentiles = [50, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100];
const axisPercentiles = [0, 50, 90, 99, 99.9, 99.99, 99.999];

export function percentileSection(totals: FleetTotals | null): Html | null {
  if (totals === null || totals.percentiles.length < 2) return null;
  const { percentiles } = totals;
  const rows = tablePercentiles.flatMap((percentile) => {
    const ms = latencyAt(percentiles, percentile);
    return ms === null ? [] : [[percentile === 100 ? 'Max' : `p${percentile}`, msWords(ms)]];
  });
  return html`<section><h2>Latency by percentile</h2><div class="percentiles"><figure class="card chart">${percentileCurve(percentiles)}</figure>${figureTable('All routes together', ['Percentile', 'ms'], rows)}</div></section>`;
}

/** Of the first percentile on the scale that is not below. */
function latencyAt(percentiles: Percentiles, percentile: number): number | null {
  return percentiles.find(([at]) => at >= percentile - 1e-9)?.[1] ?? null;
}

function percentileCurve(percentiles: Percentiles): Html {
  const shown = percentiles.filter(([at, ms]) => at <= percentileMax && ms > 0);
  const values = shown.map(([, ms]) => ms);
  const low = Math.log10(Math.min(...values, 1) / 1.2);
  const high = Math.log10(Math.max(...values, 1) * 1.2);
  const nines = (percentile: number) => -Math.log10(1 - percentile / 100);
  const ninesMax = Math.max(1, ...shown.map(([at]) => nines(at)));
  const x = (percentile: number) => left + (nines(percentile) / ninesMax) * (width - left - right);
  const y = (ms: number) =>
    height - bottom - ((Math.log10(ms) - low) / (high - low)) * (height - top - bottom);
  const powers = Array.from(
    { length: Math.floor(high) - Math.ceil(low) + 1 },
    (_, index) => 10 ** (Math.ceil(low) + index),
  );
  const grid = powers.map(
    (ms) =>
      html`<line class="curve-grid" x1="${left}" x2="${width - right}" y1="${pixel(y(ms))}" y2="${pixel(y(ms))}"/><text class="curve-label" x="${left - 6}" y="${pixel(y(ms) + 4)}" text-anchor="end">${ms.toLocaleString('en')}</text>`,
  );
  const ticks = axisPercentiles
    .filter((percentile) => nines(percentile) <= ninesMax)
    .map(
      (percentile) =>
        html`<text class="curve-label" x="${pixel(x(percentile))}" y="${height - 8}" text-anchor="middle">p${percentile}</text>`,
    );
  const path = shown
    .map(([at, ms], index) => `${index === 0 ? 'M' : 'L'}${pixel(x(at))} ${pixel(y(ms))}`)
    .join('');
  return html`<svg class="curve-picture" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Latency in ms by percentile; the figures are in the table">${grid}${ticks}<path class="curve-line tone-information" d="${path}"/></svg>`;
}

function pixel(value: number): string {
  return value.toFixed(1);
}
