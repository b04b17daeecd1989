/** The curve of a limit search: latency against the rate of requests, and the objective. */
import { svgElement } from './chart-element.js';
import { formatCount, formatMs } from './chart-kinds.js';

/**
 * @typedef {import('../../control/live.ts').LimitSearchView} LimitSearchView
 * @typedef {import('../../control/live.ts').LimitStep} LimitStep
 * @typedef {(value: number) => number} ToPixel
 */

const height = 280;
const widthMin = 240;
const margin = { left: 52, right: 44, top: 30, bottom: 44 };
const markSize = 4.5;

const lines = /** @type {const} */ ([
  { label: 'p50', key: 'p50Ms', tone: 'information', dash: [] },
  { label: 'p99', key: 'p99Ms', tone: 'accent', dash: [8, 4] },
]);

/**
 * @param {HTMLElement} container
 * @returns {{ show(limit: LimitSearchView): void }}
 */
export function createCurve(container) {
  /** @type {LimitSearchView | null} */
  let shown = null;
  const place = document.createElement('div');
  place.className = 'limit-curve';
  container.append(place);
  const draw = () => {
    if (shown !== null) place.replaceChildren(drawCurve(shown, Math.max(widthMin, place.clientWidth)));
  };
  new ResizeObserver(draw).observe(place);
  return {
    show(limit) {
      shown = limit;
      draw();
    },
  };
}

/**
 * @param {LimitSearchView} limit
 * @param {number} width CSS pixels
 */
function drawCurve({ objective, steps, holdsPerSecond, tryingPerSecond }, width) {
  // A void step says nothing about the service.
  const measured = steps
    .filter(({ voidReasons, p50Ms }) => voidReasons.length === 0 && p50Ms !== null)
    .toSorted((a, b) => a.perSecond - b.perSecond);
  const rates = [...measured.map(({ perSecond }) => perSecond), holdsPerSecond ?? 0, tryingPerSecond ?? 0, 1];
  const latencies = [objective.p99MsMax, ...measured.flatMap(({ p50Ms, p99Ms }) => [p50Ms, p99Ms])].filter(
    (value) => value !== null && value > 0,
  );
  const most = Math.max(...rates) * 1.05;
  const least = Math.min(most, ...measured.map(({ perSecond }) => perSecond));
  // Rates that lie close together get the room.
  const x = linearScale(least > most / 2 ? least * 0.95 : 0, most, margin.left, width - margin.right);
  const bottom = height - margin.bottom;
  const { toPixel: y, ticks } = logScale(/** @type {number[]} */ (latencies), bottom, margin.top);
  const words =
    holdsPerSecond === null
      ? 'Latency against the rate of requests'
      : `Latency against the rate of requests: ${formatCount(Math.round(holdsPerSecond))} a second hold`;
  const picture = svgElement('svg', {
    class: 'curve-picture',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: 'img',
    'aria-label': `${words}. The steps are in the table.`,
  });
  for (const tick of ticks) {
    picture.append(
      stroke(margin.left, y(tick), width - margin.right, y(tick), 'curve-grid'),
      label(margin.left - 6, y(tick) + 4, formatTick(tick), 'end'),
    );
  }
  for (const tick of x.ticks(Math.max(2, Math.floor(width / 110)))) {
    picture.append(label(x.toPixel(tick), bottom + 18, formatCount(tick), 'middle'));
  }
  picture.append(label(margin.left, height - 6, 'requests a second, due', 'start'));
  picture.append(label(width - margin.right, height - 6, '● held, ✕ broke', 'end'));
  picture.append(label(margin.left - 6, 14, 'ms', 'end'));
  const goal = y(objective.p99MsMax);
  picture.append(
    stroke(margin.left, goal, width - margin.right, goal, 'curve-goal'),
    label(
      margin.left + 6,
      goal - 6,
      `p99 ≤ ${formatTick(objective.p99MsMax)} ms`,
      'start',
      'curve-goal-words',
    ),
  );
  if (holdsPerSecond !== null) {
    const at = x.toPixel(holdsPerSecond);
    const isRight = at > width / 2;
    picture.append(
      stroke(at, margin.top - 12, at, bottom, 'curve-found'),
      label(
        at + (isRight ? -6 : 6),
        margin.top - 12,
        `${formatCount(Math.round(holdsPerSecond))} a second hold`,
        isRight ? 'end' : 'start',
        'curve-found-words',
      ),
    );
  }
  for (const line of lines) drawLine(picture, measured, line, x.toPixel, y);
  return picture;
}

/**
 * @param {SVGElement} picture
 * @param {readonly LimitStep[]} steps
 * @param {typeof lines[number]} line
 * @param {ToPixel} x
 * @param {ToPixel} y
 */
function drawLine(picture, steps, { label: name, key, tone, dash }, x, y) {
  const points = steps.flatMap((step) => {
    const ms = step[key];
    return ms === null || ms <= 0 ? [] : [{ step, left: x(step.perSecond), top: y(ms), ms }];
  });
  // Of a rate tried twice, the line goes through the later try; its marks show both.
  const path = Array.from(new Map(points.map((point) => [point.step.perSecond, point])).values()).map(
    ({ left, top }, index) => `${index === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`,
  );
  picture.append(
    svgElement('path', {
      d: path.join(''),
      class: `curve-line tone-${tone}`,
      'stroke-dasharray': dash.join(' '),
    }),
  );
  for (const { step, left, top, ms } of points) {
    const title = `${formatCount(step.perSecond)} a second: ${name} ${formatMs(ms)} ms, ${step.holds ? 'held' : 'broke'}`;
    picture.append(mark(left, top, step.holds, tone, svgElement('title', {}, title)));
  }
  const last = points.at(-1);
  if (last !== undefined) picture.append(label(last.left + 10, last.top + 4, name, 'start', `tone-${tone}`));
}

/**
 * A disc where the objective held, a cross where it broke.
 * @param {number} left
 * @param {number} top
 * @param {boolean} holds
 * @param {string} tone
 * @param {Node} title
 */
function mark(left, top, holds, tone, title) {
  if (holds)
    return svgElement('circle', { cx: left, cy: top, r: markSize, class: `curve-held tone-${tone}` }, title);
  const d = `M${left - markSize} ${top - markSize}l${2 * markSize} ${2 * markSize}m0 ${-2 * markSize}l${-2 * markSize} ${2 * markSize}`;
  return svgElement('path', { d, class: `curve-broke tone-${tone}` }, title);
}

/**
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {string} name
 */
function stroke(x1, y1, x2, y2, name) {
  return svgElement('line', { x1, y1, x2, y2, class: name });
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} text
 * @param {'start' | 'middle' | 'end'} anchor
 * @param {string} [name]
 */
function label(x, y, text, anchor, name = '') {
  return svgElement('text', { x, y, 'text-anchor': anchor, class: `curve-label ${name}` }, text);
}

/** @param {number} value */
function formatTick(value) {
  return value.toLocaleString('en', { maximumFractionDigits: 2 });
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} start
 * @param {number} end
 */
function linearScale(from, to, start, end) {
  return {
    /** @type {ToPixel} */
    toPixel: (value) => start + ((value - from) / (to - from)) * (end - start),
    /** @param {number} countMax */
    ticks(countMax) {
      const rough = (to - from) / countMax;
      const magnitude = 10 ** Math.floor(Math.log10(rough));
      const step = ([1, 2, 5].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
      const first = Math.ceil(from / step);
      return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
    },
  };
}

/**
 * Latency goes over several powers of ten; whole ones and their 2 and 5 where they fit.
 * @param {readonly number[]} values
 * @param {number} start
 * @param {number} end
 */
function logScale(values, start, end) {
  const from = Math.log10(Math.min(...values) / 1.3);
  const to = Math.log10(Math.max(...values) * 1.3);
  const powers = Array.from(
    { length: Math.ceil(to) - Math.floor(from) + 1 },
    (_, index) => Math.floor(from) + index,
  );
  const factors = to - from > 2.5 ? [1] : [1, 2, 5];
  const ticks = powers
    .flatMap((power) => factors.map((factor) => factor * 10 ** power))
    .filter((tick) => Math.log10(tick) >= from && Math.log10(tick) <= to);
  return {
    ticks,
    /** @type {ToPixel} */
    toPixel: (value) => start + ((Math.log10(value) - from) / (to - from)) * (end - start),
  };
}
