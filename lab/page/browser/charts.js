/**
 * The charts of a run, live or from its end: at most one redraw for each sample, in an animation frame, so
 * that charts in a hidden tab or out of view cost nothing.
 */
import { columnsOf, samplesKeptMax, thin } from './chart-data.js';
import { element } from './chart-element.js';
import { createEventList, eventsKeptMax } from './chart-events.js';
import { createFrame } from './chart-frame.js';
import { chartKinds } from './chart-kinds.js';
import { marksOf } from './chart-marks.js';
import { readPalette, watchTheme } from './chart-palette.js';
import { createPlot } from './chart-plot.js';

/**
 * @typedef {import('../../control/live.ts').RunView} RunView
 * @typedef {import('../../control/live.ts').LiveSample} LiveSample
 * @typedef {import('../../control/live.ts').RunEvent} RunEvent
 * @typedef {object} ChartsOptions
 * @property {HTMLElement | null} [eventList] where the list of events goes; under the charts unless told;
 *   null: nowhere
 * @property {'latest' | 'mean'} [atRest] what the legends show while no cursor is on a chart; `latest` unless told
 * @typedef {object} Charts
 * @property {(view: Pick<RunView, 'samples' | 'events'>) => void} replace shows this run and no other
 * @property {(sample: LiveSample) => void} add
 * @property {(event: RunEvent) => void} addEvent
 * @typedef {object} GroupOptions
 * @property {HTMLElement} grid where the charts go
 * @property {'latest' | 'mean'} atRest
 * @property {() => readonly LiveSample[]} samples
 * @property {() => import('./chart-marks.js').Marks} marks
 * @property {(seconds: [number, number] | null) => void} onZoom null: the whole run again
 * @typedef {object} ChartScene what all charts share
 * @property {HTMLElement} grid
 * @property {() => import('./chart-palette.js').Palette} palette
 * @property {() => import('./chart-marks.js').Marks} marks
 * @property {() => [number, number]} window seconds shown
 * @property {(seconds: [number, number] | null) => void} zoomTo
 * @property {(index: number | null) => void} moveCursor
 * @property {() => void} draw
 * @typedef {ReturnType<typeof createChart>} Chart
 */

/** Seconds that are shown at the least, so that the first samples don't race across the chart. */
const windowSecondsMin = 10;

/**
 * @param {HTMLElement} container
 * @param {ChartsOptions} [options]
 * @returns {Charts}
 */
export function createCharts(container, options = {}) {
  /** @type {LiveSample[]} */
  let samples = [];
  const events = createKeptEvents();
  const wholeRun = element('button', 'button quiet chart-whole', 'Show the whole run');
  wholeRun.type = 'button';
  wholeRun.hidden = true;
  const grid = element('div', 'charts');
  container.append(wholeRun, grid);
  if (options.eventList !== null) (options.eventList ?? container).append(events.section);
  const group = createGroup({
    grid,
    atRest: options.atRest ?? 'latest',
    samples: () => samples,
    marks: () => marksOf(samples, events.kept()),
    onZoom: (seconds) => {
      wholeRun.hidden = seconds === null;
    },
  });
  wholeRun.addEventListener('click', () => group.zoomTo(null));
  return {
    replace(view) {
      samples = [...view.samples];
      thin(samples, samplesKeptMax);
      events.replace(view.events);
      group.zoomTo(null);
    },
    add(sample) {
      samples.push(sample);
      thin(samples, samplesKeptMax);
      group.askToDraw();
    },
    addEvent(event) {
      events.add(event);
      group.askToDraw();
    },
  };
}

/** The latest events of a run, numbered from its first, and their list. */
function createKeptEvents() {
  /** @type {import('./chart-marks.js').NumberedEvent[]} */
  let kept = [];
  let count = 0;
  const list = createEventList();

  /** @param {RunEvent} event */
  function add(event) {
    count += 1;
    const numbered = { number: count, event };
    kept.push(numbered);
    if (kept.length > eventsKeptMax) kept.shift();
    list.add(numbered);
  }

  return {
    section: list.section,
    kept: () => kept,
    add,
    /** @param {readonly RunEvent[]} events */
    replace(events) {
      kept = [];
      count = 0;
      list.clear();
      for (const event of events) add(event);
    },
  };
}

/**
 * All charts of a page, which share their zoom, their cursor and their frames.
 * @param {GroupOptions} options
 */
function createGroup({ grid, atRest, samples, marks, onZoom }) {
  let palette = readPalette();
  let shownMarks = marks();
  /** @type {[number, number] | null} */
  let zoom = null;
  /** @type {number | null} */
  let cursorIndex = null;
  let frameAsked = 0;
  const charts = chartKinds.map((kind) =>
    createChart(kind, {
      grid,
      palette: () => palette,
      marks: () => shownMarks,
      window: () => zoom ?? [0, Math.max(windowSecondsMin, samples().at(-1)?.atSecond ?? 0)],
      zoomTo,
      moveCursor,
      draw,
    }),
  );

  /** @param {[number, number] | null} seconds */
  function zoomTo(seconds) {
    zoom = seconds;
    onZoom(seconds);
    askToDraw();
  }

  /** @param {number | null} index */
  function moveCursor(index) {
    if (index === cursorIndex) return;
    cursorIndex = index;
    for (const chart of charts) chart.showValues(cursorIndex, atRest);
  }

  function askToDraw() {
    if (frameAsked === 0) frameAsked = requestAnimationFrame(draw);
  }

  function draw() {
    cancelAnimationFrame(frameAsked);
    frameAsked = 0;
    shownMarks = marks();
    for (const chart of charts) {
      if (chart.draw(samples())) chart.showValues(cursorIndex, atRest);
    }
  }

  watchSizes(grid, charts);
  watchNearness(charts, askToDraw);
  watchTheme(() => {
    palette = readPalette();
    // Paper shows all charts, and has another width.
    if (charts.some((chart) => chart.isStale())) {
      for (const chart of charts) chart.setNear(true);
      draw();
    }
    for (const chart of charts) {
      chart.resize();
      chart.redraw();
    }
  });
  return { zoomTo, askToDraw };
}

/**
 * @param {import('./chart-kinds.js').ChartKind} kind
 * @param {ChartScene} scene
 */
function createChart(kind, { grid, palette, marks, window, zoomTo, moveCursor, draw }) {
  let isLog = false;
  let isNear = true;
  let isStale = false;
  /** @type {(number | null)[][]} */
  let columns = [];
  const frame = createFrame(kind, (asked) => {
    isLog = asked;
    plot.destroy();
    plot = openPlot();
    draw();
  });
  grid.append(frame.figure);
  const openPlot = () =>
    createPlot({
      kind,
      container: frame.plot,
      isLog,
      palette,
      marks,
      window,
      onZoom: zoomTo,
      onCursor: moveCursor,
    });
  let plot = openPlot();
  return {
    figure: frame.figure,
    /**
     * Draws the samples, or remembers that it has to when it comes near.
     * @param {readonly LiveSample[]} samples
     * @returns {boolean} whether it has drawn them
     */
    draw(samples) {
      isStale = !isNear;
      if (isStale) return false;
      columns = columnsOf(samples, kind.lines, isLog);
      plot.show(columns);
      frame.showTable(columns);
      return true;
    },
    /**
     * @param {number | null} cursorIndex
     * @param {'latest' | 'mean'} atRest
     */
    showValues: (cursorIndex, atRest) => frame.showValues(columns, cursorIndex, atRest),
    isStale: () => isStale,
    /** @param {boolean} isNearNow whether it can be seen, or nearly */
    setNear(isNearNow) {
      isNear = isNearNow;
    },
    resize: () => plot.resize(),
    redraw: () => plot.redraw(),
  };
}

/**
 * @param {HTMLElement} grid
 * @param {readonly Chart[]} charts
 */
function watchSizes(grid, charts) {
  const sizes = new ResizeObserver(() => {
    for (const chart of charts) chart.resize();
  });
  sizes.observe(grid);
}

/**
 * A chart that is scrolled away is drawn when it comes near again.
 * @param {readonly Chart[]} charts
 * @param {() => void} askToDraw
 */
function watchNearness(charts, askToDraw) {
  const nearness = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const chart = charts.find(({ figure }) => figure === target);
        chart?.setNear(isIntersecting);
        if (isIntersecting && chart?.isStale()) askToDraw();
      }
    },
    { rootMargin: '200px' },
  );
  for (const { figure } of charts) nearness.observe(figure);
}
