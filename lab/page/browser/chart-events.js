/** The list of events, numbered as on the charts. */
import { element } from './chart-element.js';
import { formatClock } from './chart-kinds.js';
import { eventTones } from './chart-marks.js';

/** @typedef {import('./chart-marks.js').NumberedEvent} NumberedEvent */

/** As many as the lab keeps. */
export const eventsKeptMax = 500;

const kindWords = /** @type {const} */ ({
  fault: 'Fault',
  down: 'Down',
  up: 'Up again',
  change: 'Change',
  warning: 'Warning',
});

export function createEventList() {
  const list = element('ol', 'event-list');
  list.tabIndex = 0;
  list.setAttribute('aria-label', 'What happened');
  const section = element('section', 'card chart-events', element('h3', '', 'What happened'), list);
  section.hidden = true;
  return {
    section,
    /** @param {NumberedEvent} numbered */
    add({ number, event }) {
      const tone = eventTones[event.kind] ?? 'ink-soft';
      const item = element(
        'li',
        '',
        element('span', `event-number fill-${tone}`, String(number)),
        element('span', 'event-time', formatClock(event.atSecond)),
        element('strong', `event-kind tone-${tone}`, kindWords[event.kind] ?? event.kind),
        element('span', 'event-text', event.text),
      );
      list.append(item);
      while (list.childElementCount > eventsKeptMax) list.firstElementChild?.remove();
      section.hidden = false;
    },
    clear() {
      list.replaceChildren();
      section.hidden = true;
    },
  };
}
