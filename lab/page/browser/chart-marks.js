/** The marks behind and before the lines: phases, the times when the service was down, and events. */
import { downSpans, phaseSpans } from './chart-data.js';

/**
 * @typedef {import('./chart-data.js').Span} Span
 * @typedef {import('./chart-palette.js').Palette} Palette
 * @typedef {import('../../control/live.ts').LiveSample} LiveSample
 * @typedef {import('../../control/live.ts').RunEvent} RunEvent
 * @typedef {{ number: number, event: RunEvent }} NumberedEvent
 * @typedef {{ warmUps: Span[], drains: Span[], downs: Span[], events: readonly NumberedEvent[] }} Marks
 */

/** Of the tokens, by kind of event. */
export const eventTones = /** @type {const} */ ({
  fault: 'danger',
  down: 'danger',
  up: 'good',
  change: 'information',
  warning: 'warning',
});

/**
 * @param {readonly LiveSample[]} samples
 * @param {readonly NumberedEvent[]} events
 * @returns {Marks}
 */
export function marksOf(samples, events) {
  return {
    warmUps: phaseSpans(samples, 'warm-up'),
    drains: phaseSpans(samples, 'draining'),
    downs: downSpans(events.map(({ event }) => event)),
    events,
  };
}

/**
 * @param {any} plot
 * @param {Span} span
 */
function areaOf(plot, { fromSecond, toSecond }) {
  const { left, top, width, height } = plot.bbox;
  const last = plot.scales.x.max ?? 0;
  const from = Math.max(left, plot.valToPos(fromSecond, 'x', true));
  const to = Math.min(left + width, plot.valToPos(Math.min(toSecond, last), 'x', true));
  return to - from < 1 ? null : { left: from, top, width: to - from, height };
}

/**
 * @param {any} plot
 * @param {Marks} marks
 * @param {Palette} palette
 */
export function shadePhases(plot, { warmUps, drains, downs }, palette) {
  /** @type {CanvasRenderingContext2D} */
  const context = plot.ctx;
  const ratio = devicePixelRatio;
  context.save();
  for (const [spans, name] of /** @type {const} */ ([
    [warmUps, 'warm-up'],
    [drains, 'draining'],
  ])) {
    for (const span of spans) {
      const area = areaOf(plot, span);
      if (area === null) continue;
      context.globalAlpha = 0.12;
      context.fillStyle = palette['ink-soft'];
      context.fillRect(area.left, area.top, area.width, area.height);
      context.globalAlpha = 1;
      context.font = scaled(palette.font, ratio);
      if (context.measureText(name).width + 8 * ratio > area.width) continue;
      context.fillStyle = palette['ink-soft'];
      context.textAlign = 'left';
      context.textBaseline = 'top';
      context.fillText(name, area.left + 4 * ratio, area.top + 2 * ratio);
    }
  }
  for (const span of downs) {
    const area = areaOf(plot, span);
    if (area === null) continue;
    context.fillStyle = palette['danger-soft'];
    context.fillRect(area.left, area.top, area.width, area.height);
    hatch(context, area, palette.danger, ratio);
  }
  context.restore();
}

/**
 * Stripes, for whom the colour says nothing.
 * @param {CanvasRenderingContext2D} context
 * @param {{ left: number, top: number, width: number, height: number }} area
 * @param {string} colour
 * @param {number} ratio device pixels by CSS pixel
 */
function hatch(context, { left, top, width, height }, colour, ratio) {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.beginPath();
  const distance = 8 * ratio;
  for (let at = left - height; at < left + width; at += distance) {
    context.moveTo(at, top + height);
    context.lineTo(at + height, top);
  }
  context.globalAlpha = 0.35;
  context.strokeStyle = colour;
  context.lineWidth = ratio;
  context.stroke();
  context.restore();
}

/**
 * A line at each event, with its number in the list on top.
 * @param {any} plot
 * @param {Marks} marks
 * @param {Palette} palette
 */
export function drawEvents(plot, { events }, palette) {
  /** @type {CanvasRenderingContext2D} */
  const context = plot.ctx;
  const ratio = devicePixelRatio;
  const { left, top, width, height } = plot.bbox;
  let freeFrom = Number.NEGATIVE_INFINITY;
  context.save();
  context.lineWidth = ratio;
  context.font = scaled(palette.boldFont, ratio);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { number, event } of events) {
    const at = Math.round(plot.valToPos(event.atSecond, 'x', true));
    if (at < left || at > left + width) continue;
    const colour = palette[eventTones[event.kind] ?? 'ink-soft'];
    context.strokeStyle = colour;
    context.setLineDash(event.kind === 'up' || event.kind === 'change' ? [4 * ratio, 3 * ratio] : []);
    context.beginPath();
    context.moveTo(at + 0.5, top);
    context.lineTo(at + 0.5, top + height);
    context.stroke();
    const label = String(number);
    const flag = context.measureText(label).width + 8 * ratio;
    // Flags that would lie upon each other are left out; the list has them all.
    if (at - flag / 2 < freeFrom) continue;
    freeFrom = at + flag / 2 + ratio;
    context.fillStyle = colour;
    context.fillRect(at - flag / 2, top - 15 * ratio, flag, 15 * ratio);
    context.fillStyle = palette.surface;
    context.fillText(label, at, top - 7 * ratio);
  }
  context.restore();
}

/**
 * uPlot draws in device pixels.
 * @param {string} font
 * @param {number} ratio
 */
function scaled(font, ratio) {
  return font.replace(/(\d+)px/, (_match, size) => `${Number(size) * ratio}px`);
}
