/** A line chart as one SVG file, of the same kind as the bar chart; its values are drawn on a log scale. */
export interface ChartLine {
  readonly label: string;
  readonly tone: 'ours' | 'baseline' | 'ceiling';
  /** Values above 0; at least one. */
  readonly points: readonly ChartPoint[];
}

export interface ChartPoint {
  readonly at: number;
  readonly value: number;
  /** A hollow mark: the objective was broken there. */
  readonly isHollow: boolean;
}

export interface LineChart {
  readonly title: string;
  /** Below the axis, such as `requests/s`, and beside the values, such as `ms`. */
  readonly atUnit: string;
  readonly valueUnit: string;
  readonly lines: readonly ChartLine[];
  /** A level that must not be passed, and a place on the axis that was found; each with its words. */
  readonly goal: { readonly value: number; readonly label: string } | null;
  readonly found: { readonly at: number; readonly label: string } | null;
  /** Below the chart. */
  readonly note: string;
}

const width = 960;
const height = 480;
const left = 80;
const right = 900;
const top = 78;
const bottom = 384;
/** Marks on the axis, at most. */
const ticksMax = 8;

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .note { fill: #59636e; font-variant-numeric: tabular-nums; }
  .page { fill: #ffffff; } .axis { stroke: #d1d9e0; }
  path { fill: none; stroke-width: 2; } circle { stroke-width: 2; } .hollow { fill: #ffffff; }
  .ours { stroke: #0f766e; } .baseline { stroke: #c2410c; } .ceiling { stroke: #8b949e; }
  circle.ours { fill: #0f766e; } circle.baseline { fill: #c2410c; } circle.ceiling { fill: #8b949e; }
  circle.hollow { fill: #ffffff; } .goal { stroke: #b91c1c; stroke-dasharray: 6 4; }
  .found { stroke: #1f2328; stroke-dasharray: 2 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .note { fill: #a9b4c0; } .page { fill: #0d1117; } .axis { stroke: #3d444d; }
    .ours { stroke: #2dd4bf; } .baseline { stroke: #fb923c; } .ceiling { stroke: #7d8590; }
    circle.ours { fill: #2dd4bf; } circle.baseline { fill: #fb923c; } circle.ceiling { fill: #7d8590; }
    circle.hollow { fill: #0d1117; } .goal { stroke: #f87171; } .found { stroke: #f0f6fc; }
  }`;

/** @throws RangeError when there is nothing to draw */
export function renderLineChart({ title, atUnit, valueUnit, lines, goal, found, note }: LineChart): string {
  const points = lines.flatMap((one) => one.points).filter(({ value }) => value > 0);
  if (points.length === 0) throw new RangeError('a line chart needs a point');
  const values = [...points.map(({ value }) => value), ...(goal === null ? [] : [goal.value])];
  const lowest = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const highest = Math.max(10 ** Math.ceil(Math.log10(Math.max(...values))), lowest * 10);
  const step = tickStep(Math.max(...points.map(({ at }) => at), found?.at ?? 0));
  const atMost = step * Math.ceil(Math.max(...points.map(({ at }) => at), found?.at ?? 0, step) / step);
  const x = (at: number) => left + (at / atMost) * (right - left);
  const y = (value: number) =>
    bottom - (Math.log(value / lowest) / Math.log(highest / lowest)) * (bottom - top);

  let content = text(left - 56, 36, 'title', title);
  for (let level = lowest; level <= highest * 1.001; level *= 10) {
    content += line(left, y(level), right, y(level), 'axis');
    content += text(left - 10, y(level) + 4, 'note', `${shown(level)} ${valueUnit}`, 'end');
  }
  for (let at = 0; at <= atMost * 1.001; at += step)
    content += text(x(at), bottom + 22, 'note', shown(at), 'middle');
  content += text((left + right) / 2, bottom + 44, 'note', atUnit, 'middle');
  if (goal !== null) {
    content += line(left, y(goal.value), right, y(goal.value), 'goal');
    content += text(left + 8, y(goal.value) - 7, 'note', goal.label);
  }
  if (found !== null) {
    content += line(x(found.at), top, x(found.at), bottom, 'found');
    content += text(x(found.at) - 8, top - 8, 'note', found.label, x(found.at) > width / 2 ? 'end' : 'start');
  }
  for (const one of lines) content += drawn(one, x, y);
  let labelAt = left;
  for (const { label, tone } of lines) {
    content += line(labelAt, height - 28, labelAt + 22, height - 28, tone);
    content += text(labelAt + 28, height - 24, 'label', label);
    labelAt += 60 + label.length * 8;
  }
  content += text(right, height - 24, 'note', note, 'end');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">` +
    `<title>${escapeXml(title)}</title><style>${style}</style>` +
    `<rect class="page" width="${width}" height="${height}"/>${content}</svg>\n`
  );
}

function drawn({ points, tone }: ChartLine, x: (at: number) => number, y: (value: number) => number): string {
  const seen = points.filter(({ value }) => value > 0).toSorted((a, b) => a.at - b.at);
  const path = seen.map(
    ({ at, value }, i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`,
  );
  const marks = seen.map(
    ({ at, value, isHollow }) =>
      `<circle class="${tone}${isHollow ? ' hollow' : ''}" cx="${x(at).toFixed(1)}" cy="${y(value).toFixed(1)}" r="4"/>`,
  );
  return `<path class="${tone}" d="${path.join(' ')}"/>${marks.join('')}`;
}

/** 1, 2 or 5 times a power of ten. */
function tickStep(most: number): number {
  const least = Math.max(most, Number.MIN_VALUE) / ticksMax;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5, 10].find((times) => power * times >= least) ?? 10);
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 3 });
}

function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line class="${name}" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`;
}

function text(x: number, y: number, name: string, content: string, anchor = 'start'): string {
  return `<text class="${name}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
