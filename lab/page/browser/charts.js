/**
 * The charts of a run, live or from its end: at most one redraw for each sample, in an animation frame, so
 * that nothing is drawn while nobody can see it: in a hidden tab, or out of view.
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
  /** @type {import('./chart-marks.js').NumberedEvent[]} */
  let events = [];
  let eventCount = 0;
  let palette = readPalette();
  let marks = marksOf(samples, events);
  /** @type {[number, number] | null} */
  let zoom = null;
  /** @type {number | null} */
  let cursorIndex = null;
  let frameAsked = 0;
  const { atRest = 'latest' } = options;

  const list = createEventList();
  const wholeRun = element('button', 'button quiet chart-whole', 'Show the whole run');
  wholeRun.type = 'button';
  wholeRun.hidden = true;
  wholeRun.addEventListener('click', () => zoomTo(null));
  const grid = element('div', 'charts');
  container.append(wholeRun, grid);
  if (options.eventList !== null) (options.eventList ?? container).append(list.section);

  const charts = chartKinds.map((kind) => {
    const frame = createFrame(kind, (isLog) => {
      chart.isLog = isLog;
      chart.plot.destroy();
      chart.plot = openPlot();
      draw();
    });
    grid.append(frame.figure);
    const openPlot = () =>
      createPlot({
        kind,
        container: frame.plot,
        isLog: chart.isLog,
        palette: () => palette,
        marks: () => marks,
        window: shownSeconds,
        onZoom: zoomTo,
        onCursor: showCursor,
      });
    /** @type {{ isLog: boolean, columns: (number | null)[][], frame: typeof frame, plot: ReturnType<typeof createPlot>, isNear: boolean, isStale: boolean }} */
    const chart = {
      isNear: true,
      isStale: false,
      isLog: false,
      columns: [],
      frame,
      plot: /** @type {any} */ (null),
    };
    chart.plot = openPlot();
    return { kind, chart };
  });

  /** @returns {[number, number]} */
  function shownSeconds() {
    return zoom ?? [0, Math.max(windowSecondsMin, samples.at(-1)?.atSecond ?? 0)];
  }

  /** @param {[number, number] | null} seconds */
  function zoomTo(seconds) {
    zoom = seconds;
    wholeRun.hidden = seconds === null;
    askToDraw();
  }

  /** @param {number | null} index */
  function showCursor(index) {
    if (index === cursorIndex) return;
    cursorIndex = index;
    for (const { chart } of charts) chart.frame.showValues(chart.columns, cursorIndex, atRest);
  }

  function askToDraw() {
    if (frameAsked === 0) frameAsked = requestAnimationFrame(draw);
  }

  function draw() {
    cancelAnimationFrame(frameAsked);
    frameAsked = 0;
    marks = marksOf(samples, events);
    for (const { kind, chart } of charts) {
      chart.isStale = !chart.isNear;
      if (chart.isStale) continue;
      chart.columns = columnsOf(samples, kind.lines, chart.isLog);
      chart.plot.show(chart.columns);
      chart.frame.showValues(chart.columns, cursorIndex, atRest);
      chart.frame.showTable(chart.columns);
    }
  }

  function recolour() {
    palette = readPalette();
    if (charts.some(({ chart }) => chart.isStale)) {
      for (const { chart } of charts) chart.isNear = true;
      draw();
    }
    for (const { chart } of charts) {
      // Paper has another width too.
      chart.plot.resize();
      chart.plot.redraw();
    }
  }

  /** @param {RunEvent} event */
  function keepEvent(event) {
    eventCount += 1;
    const numbered = { number: eventCount, event };
    events.push(numbered);
    if (events.length > eventsKeptMax) events.shift();
    list.add(numbered);
  }

  const sizes = new ResizeObserver(() => {
    for (const { chart } of charts) chart.plot.resize();
  });
  sizes.observe(grid);
  // A chart that is scrolled away is drawn when it comes near again.
  const nearness = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const found = charts.find(({ chart }) => chart.frame.figure === target);
        if (found === undefined) continue;
        found.chart.isNear = isIntersecting;
        if (isIntersecting && found.chart.isStale) askToDraw();
      }
    },
    { rootMargin: '200px' },
  );
  for (const { chart } of charts) nearness.observe(chart.frame.figure);
  watchTheme(recolour);

  return {
    replace(view) {
      samples = [...view.samples];
      thin(samples, samplesKeptMax);
      events = [];
      eventCount = 0;
      list.clear();
      for (const event of view.events) keepEvent(event);
      zoomTo(null);
    },
    add(sample) {
      samples.push(sample);
      thin(samples, samplesKeptMax);
      askToDraw();
    },
    addEvent(event) {
      keepEvent(event);
      askToDraw();
    },
  };
}
