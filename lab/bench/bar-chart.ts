/** A bar chart as one SVG file: legible in light and dark, without fonts or scripts from elsewhere. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** Drawn as a line across the bar's end. */
  readonly min: number;
  readonly max: number;
  /** The text behind the bar, such as `12,345`. */
  readonly shown: string;
  /** Bars of one tone belong together. */
  readonly tone: 'ours' | 'baseline' | 'ceiling';
  /** A mark that the bar should reach; null for none. */
  readonly goal: number | null;
}

export interface BarPanel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const width = 960;
const labelWidth = 380;
const shownWidth = 110;
const rowHeight = 26;
const barHeight = 14;
const titleHeight = 44;
const margin = 24;

const style = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .note, .shown { fill: #59636e; font-variant-numeric: tabular-nums; }
  .page { fill: #ffffff; } .axis { stroke: #d1d9e0; }
  .ours { fill: #0f766e; } .baseline { fill: #c2410c; } .ceiling { fill: #8b949e; }
  .spread { stroke: #1f2328; stroke-width: 1.5; } .goal { stroke: #b91c1c; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .note, .shown { fill: #a9b4c0; }
    .page { fill: #0d1117; } .axis { stroke: #3d444d; }
    .ours { fill: #2dd4bf; } .baseline { fill: #fb923c; } .ceiling { fill: #7d8590; }
    .spread { stroke: #f0f6fc; } .goal { stroke: #f87171; }
  }`;

/** @param note one line below the charts, such as the machine and the commit */
export function renderBarChart(title: string, panels: readonly BarPanel[], note: string): string {
  const shownPanels = panels.filter(({ bars }) => bars.length > 0);
  let y = margin + 12;
  let content = text(margin, y, 'title', title);
  for (const panel of shownPanels) {
    y += titleHeight;
    content += text(margin, y, 'title', panel.title);
    const highest = Math.max(
      ...panel.bars.map(({ max, goal }) => Math.max(max, goal ?? 0)),
      Number.MIN_VALUE,
    );
    const scale = (value: number) => (value / highest) * (width - labelWidth - shownWidth - 2 * margin);
    const top = y + 10;
    for (const bar of panel.bars) {
      y += rowHeight;
      content += row(bar, y, scale);
    }
    content += line(labelWidth + margin, top, labelWidth + margin, y + 8, 'axis');
  }
  y += titleHeight;
  content += text(margin, y, 'note', note);
  const height = y + margin;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">` +
    `<title>${escapeXml(title)}</title><style>${style}</style>` +
    `<rect class="page" width="${width}" height="${height}"/>${content}</svg>\n`
  );
}

function row(
  { label, value, min, max, shown, tone, goal }: Bar,
  y: number,
  scale: (value: number) => number,
): string {
  const left = labelWidth + margin;
  const middle = y - 4;
  // A value too small to see still gets a sliver, so that it does not look as if it were missing.
  const length = Math.max(1, scale(value));
  return (
    text(labelWidth + margin - 10, y, 'label', label, 'end') +
    `<rect class="${tone}" x="${left}" y="${middle - barHeight / 2}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>` +
    line(left + scale(min), middle, left + scale(max), middle, 'spread') +
    (goal === null ? '' : line(left + scale(goal), middle - 11, left + scale(goal), middle + 11, 'goal')) +
    text(left + Math.max(scale(max), scale(goal ?? 0)) + 8, y, 'shown', shown)
  );
}

function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line class="${name}" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`;
}

function text(x: number, y: number, name: string, content: string, anchor = 'start'): string {
  return `<text class="${name}" x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
