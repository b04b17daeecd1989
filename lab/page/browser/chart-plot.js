/** One chart on its canvas. */

import uPlot from 'uplot';
import { columnsOf, lonelyIndexes } from './chart-data.js';
import { formatClock } from './chart-kinds.js';
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

/**
 * Short enough for a narrow axis: 0.05, 12, and from 10,000 on all in thousands.
 * @param {readonly (number | null)[]} values
 */
function axisLabels(values) {
  const isThousands = values.some((value) => value !== null && value >= 10_000);
  return values.map((value) => {
    if (value === null) return '';
    if (isThousands && value !== 0) return `${(value / 1_000).toLocaleString('en')}k`;
    return value.toLocaleString('en', { maximumFractionDigits: 3 });
  });
}

/**
 * An axis without a line says nothing.
 * @param {uPlot} plot
 * @param {'left' | 'right'} side
 */
function hasValues(plot, side) {
  return plot.series.some(
    ({ scale }, index) =>
      index > 0 && scale === side && Array.from(plot.data[index] ?? []).some((v) => v !== null),
  );
}

/**
 * @param {uPlot} plot
 * @param {number} index
 */
function lonelyPoints(plot, index) {
  return lonelyIndexes(/** @type {(number | null)[]} */ (plot.data[index] ?? []));
}

/** @param {PlotOptions} options */
export function createPlot(options) {
  const { kind, container, isLog } = options;
  const plot = new uPlot(
    settingsOf(options),
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

/**
 * @param {PlotOptions} options
 * @returns {uPlot.Options}
 */
function settingsOf({ kind, container, isLog, palette, marks, window, onZoom, onCursor }) {
  const hasRight = kind.rightUnit !== null;
  const valueScale = valueScaleOf(isLog);
  return {
    width: Math.max(plotWidthMin, container.clientWidth),
    height: plotHeight,
    pxAlign: 1,
    padding: [16, hasRight ? 0 : 12, 0, 0],
    legend: { show: false },
    cursor: cursorOf(palette, onZoom),
    scales: {
      x: { time: false, auto: true, range: window },
      left: valueScale,
      ...(hasRight ? { right: valueScale } : {}),
    },
    axes: [
      clockAxis(palette),
      valueAxis('left', palette),
      ...(hasRight ? [valueAxis('right', palette)] : []),
    ],
    series: [{}, ...kind.lines.map((line) => seriesOf(line, palette))],
    hooks: {
      drawClear: [(shown) => shadePhases(shown, marks(), palette())],
      draw: [(shown) => drawEvents(shown, marks(), palette())],
      setCursor: [(shown) => onCursor(shown.cursor.idx ?? null)],
      setSelect: [(shown) => zoomToSelected(shown, onZoom)],
    },
  };
}

/**
 * @param {() => Palette} palette
 * @param {PlotOptions['onZoom']} onZoom
 * @returns {uPlot.Cursor}
 */
function cursorOf(palette, onZoom) {
  return {
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
  };
}

/**
 * @param {uPlot} plot
 * @param {PlotOptions['onZoom']} onZoom
 */
function zoomToSelected(plot, onZoom) {
  const { left, width } = plot.select;
  if (width <= 0) return;
  const from = plot.posToVal(left, 'x');
  const to = plot.posToVal(left + width, 'x');
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onZoom([from, to]);
}

/**
 * @param {boolean} isLog
 * @returns {uPlot.Scale}
 */
function valueScaleOf(isLog) {
  return {
    auto: true,
    distr: isLog ? 3 : 1,
    range: (_plot, min, max) => {
      if (isLog) return min === null || max === null ? [0.1, 100] : uPlot.rangeLog(min, max, 10, false);
      return [0, max === null || max <= 0 ? 1 : uPlot.rangeNum(0, max, 0.1, true)[1]];
    },
  };
}

/**
 * @param {() => Palette} palette
 * @returns {uPlot.Axis}
 */
function clockAxis(palette) {
  return {
    stroke: () => palette()['ink-soft'],
    grid: { show: false },
    ticks: { stroke: () => palette().line, width: 1, size: 4 },
    font: palette().font,
    size: 28,
    gap: 4,
    space: 56,
    incrs: clockSteps,
    values: (_plot, splits) => splits.map(formatClock),
  };
}

/**
 * @param {'left' | 'right'} side
 * @param {() => Palette} palette
 * @returns {uPlot.Axis}
 */
function valueAxis(side, palette) {
  return {
    scale: side,
    side: side === 'left' ? 3 : 1,
    stroke: () => palette()['ink-soft'],
    grid: { show: side === 'left', stroke: () => palette().line, width: 1 },
    ticks: { show: false },
    font: palette().font,
    size: 48,
    gap: 6,
    space: 34,
    values: (plot, splits) => (hasValues(plot, side) ? axisLabels(splits) : splits.map(() => '')),
  };
}

/**
 * @param {ChartKind['lines'][number]} line
 * @param {() => Palette} palette
 * @returns {uPlot.Series}
 */
function seriesOf(line, palette) {
  return {
    label: line.label,
    scale: line.side,
    stroke: () => palette()[line.tone],
    width: line.width,
    dash: [...line.dash],
    spanGaps: false,
    points: { show: false, size: 4, fill: () => palette()[line.tone], filter: lonelyPoints },
  };
}
