/** One chart on its canvas. */

import uPlot from 'uplot';
import { columnsOf, lonelyIndexes } from './chart-data.js';
import { formatClock, formatCount } from './chart-kinds.js';
import { drawEvents, shadePhases } from './chart-marks.js';

/**
 * @typedef {import('./chart-kinds.js').ChartKind} ChartKind
 * @typedef {import('./chart-marks.js').Marks} Marks
 * @typedef {import('./chart-palette.js').Palette} Palette
 * @typedef {import('../../control/live.ts').LiveSample} LiveSample
 * @typedef {object} PlotOptions
 * @property {ChartKind} kind
 * @property {HTMLElement} container
 * @property {boolean} isLog
 * @property {() => Palette} palette
 * @property {() => Marks} marks
 * @property {() => [number, number]} window seconds shown
 * @property {(seconds: [number, number] | null) => void} onZoom null: the whole run again
 * @property {(index: number | null) => void} onCursor the sample under the cursor, by its index
 */

const plotHeight = 190;
const plotWidthMin = 160;

/** All charts of a page have their cursor at the same second. */
const cursorGroup = 'nozama-run';

/** A clock's steps, where uPlot would choose powers of ten. */
const clockSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200];

/** @param {number} value short enough for a narrow axis: 0.05, 12, 1.2k, 3M */
function axisLabel(value) {
  const size = Math.abs(value);
  if (size >= 1_000_000) return `${formatCount(value / 1_000_000)}M`;
  if (size >= 10_000) return `${formatCount(value / 1_000)}k`;
  return value.toLocaleString('en', { maximumFractionDigits: 3 });
}

/**
 * @param {uPlot} plot
 * @param {number} index
 */
function lonelyPoints(plot, index) {
  return lonelyIndexes(/** @type {(number | null)[]} */ (plot.data[index] ?? []));
}

/** @param {PlotOptions} options */
export function createPlot({ kind, container, isLog, palette, marks, window, onZoom, onCursor }) {
  /** @param {'left' | 'right'} side */
  const valueAxis = (side) => ({
    scale: side,
    side: side === 'left' ? 3 : 1,
    stroke: () => palette()['ink-soft'],
    grid: { show: side === 'left', stroke: () => palette().line, width: 1 },
    ticks: { show: false },
    font: palette().font,
    size: 48,
    gap: 6,
    space: 34,
    /** @type {(plot: unknown, splits: (number | null)[]) => string[]} */
    values: (_plot, splits) => splits.map((value) => (value === null ? '' : axisLabel(value))),
  });
  const valueScale = {
    auto: true,
    distr: isLog ? 3 : 1,
    /** @type {(plot: unknown, min: number | null, max: number | null) => [number | null, number | null]} */
    range: (_plot, min, max) => {
      if (isLog) return min === null || max === null ? [0.1, 100] : uPlot.rangeLog(min, max, 10, false);
      return [0, max === null || max <= 0 ? 1 : uPlot.rangeNum(0, max, 0.1, true)[1]];
    },
  };
  const sides =
    kind.rightUnit === null ? /** @type {const} */ (['left']) : /** @type {const} */ (['left', 'right']);
  const plot = new uPlot(
    {
      width: Math.max(plotWidthMin, container.clientWidth),
      height: plotHeight,
      pxAlign: 1,
      padding: [16, kind.rightUnit === null ? 12 : 0, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: 7, width: 2, fill: () => palette().surface },
        sync: { key: cursorGroup, setSeries: false, scales: ['x', null] },
        drag: { x: true, y: false, setScale: false, dist: 8 },
        bind: {
          dblclick: () => () => {
            onZoom(null);
            return null;
          },
        },
      },
      scales: {
        x: { time: false, auto: true, range: window },
        left: valueScale,
        ...(kind.rightUnit === null ? {} : { right: valueScale }),
      },
      axes: [
        {
          stroke: () => palette()['ink-soft'],
          grid: { show: false },
          ticks: { stroke: () => palette().line, width: 1, size: 4 },
          font: palette().font,
          size: 28,
          gap: 4,
          space: 56,
          incrs: clockSteps,
          /** @type {(plot: unknown, splits: number[]) => string[]} */
          values: (_plot, splits) => splits.map(formatClock),
        },
        ...sides.map(valueAxis),
      ],
      series: [
        {},
        ...kind.lines.map((line) => ({
          label: line.label,
          scale: line.side,
          stroke: () => palette()[line.tone],
          width: line.width,
          dash: [...line.dash],
          spanGaps: false,
          points: {
            show: false,
            size: 4,
            fill: () => palette()[line.tone],
            filter: lonelyPoints,
          },
        })),
      ],
      hooks: {
        drawClear: [(/** @type {unknown} */ shown) => shadePhases(shown, marks(), palette())],
        draw: [(/** @type {unknown} */ shown) => drawEvents(shown, marks(), palette())],
        setCursor: [
          (/** @type {{ cursor: { idx?: number | null } }} */ shown) => onCursor(shown.cursor.idx ?? null),
        ],
        setSelect: [
          (/** @type {any} */ shown) => {
            const { left, width } = shown.select;
            if (width <= 0) return;
            const from = shown.posToVal(left, 'x');
            const to = shown.posToVal(left + width, 'x');
            shown.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            onZoom([from, to]);
          },
        ],
      },
    },
    /** @type {uPlot.AlignedData} */ (columnsOf([], kind.lines, isLog)),
    container,
  );
  return {
    /** @param {(number | null)[][]} columns */
    show: (columns) => plot.setData(/** @type {uPlot.AlignedData} */ (columns), true),
    redraw: () => plot.redraw(false, true),
    resize() {
      const width = Math.max(plotWidthMin, container.clientWidth);
      if (width !== plot.width) plot.setSize({ width, height: plotHeight });
    },
    destroy: () => plot.destroy(),
  };
}
