/** Faults that can be done to the service, and the events of the run. */
import { make, pageElement, setText } from './elements.js';
import { askLab, LabRefusal } from './lab-client.js';
import { clock } from './numbers.js';

/** @typedef {import('./lab-client.js').LabView} LabView */
/** @typedef {import('./lab-client.js').RunView} RunView */
/** @typedef {import('./lab-client.js').RunEvent} RunEvent */

const list = pageElement('drills', HTMLUListElement);
const problem = pageElement('drill-problem', HTMLElement);
const happened = pageElement('events', HTMLOListElement);

const eventWords = { fault: 'Drill', down: 'Down', up: 'Up again', change: 'Change', warning: 'Warning' };

/**
 * @param {LabView} lab
 * @param {Pick<RunView, 'state' | 'plan' | 'drills'> | null} run
 */
export function showDrills(lab, run) {
  for (const fault of lab.faults) {
    const item = itemOf(fault);
    const button = item.querySelector('button');
    const reason = item.querySelector('.drill-reason');
    if (button === null || reason === null) continue;
    const why = reasonNot(fault.isPossible, run);
    // Stays reachable by keyboard, so that its reason can be read.
    if (why === null) button.removeAttribute('aria-disabled');
    else button.setAttribute('aria-disabled', 'true');
    setText(reason, why ?? '');
    showOutcome(
      item,
      run?.drills?.find(({ name }) => name === fault.name),
    );
  }
}

/**
 * How often it was done in this run, and what came of it.
 * @param {Element} item
 * @param {NonNullable<RunView['drills']>[number] | undefined} drill
 */
function showOutcome(item, drill) {
  const outcome = item.querySelector('.drill-outcome');
  if (!(outcome instanceof HTMLElement)) return;
  outcome.hidden = drill === undefined;
  if (drill === undefined) return;
  const { count, isGoingOn, problems } = drill;
  const isGood = problems.length === 0;
  outcome.dataset['kind'] = isGoingOn ? 'going-on' : isGood ? 'good' : 'bad';
  const verdict = isGoingOn ? 'going on' : isGood ? 'survived' : problems.join('; ');
  setText(outcome, `Done ${count === 1 ? 'once' : `${count} times`}: ${verdict}.`);
}

/**
 * @param {true | string} isPossible
 * @param {Pick<RunView, 'state' | 'plan' | 'drills'> | null} run
 */
function reasonNot(isPossible, run) {
  if (isPossible !== true) return sentenceOf(isPossible);
  if (run !== null && run.plan.host !== null && run.state === 'running') {
    return 'The lab makes faults only in a service that it has started itself.';
  }
  return run?.state === 'running' ? null : 'Start a run first: a drill is done under load.';
}

/** @param {string} words */
function sentenceOf(words) {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`;
}

/** @param {LabView['faults'][number]} fault */
function itemOf({ name, title, about }) {
  const id = `drill-${name}`;
  const known = document.getElementById(id);
  if (known !== null) return known;
  const button = make(
    'button',
    { class: 'button', type: 'button', 'aria-describedby': `${id}-about ${id}-reason` },
    title,
  );
  button.addEventListener('click', () => doFault(name, button));
  const item = make(
    'li',
    { class: 'card drill', id },
    button,
    make('p', { class: 'drill-about', id: `${id}-about` }, about),
    make('p', { class: 'drill-reason', id: `${id}-reason` }),
    make('p', { class: 'drill-outcome', role: 'status' }),
  );
  list.append(item);
  return item;
}

/**
 * @param {string} name
 * @param {HTMLButtonElement} button
 */
async function doFault(name, button) {
  if (button.getAttribute('aria-disabled') === 'true') return;
  setText(problem, '');
  try {
    await askLab('/api/run/faults', { method: 'POST', body: { name } });
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error;
    setText(problem, error.message);
  }
}

/** @param {readonly RunEvent[]} events the newest is on top */
export function replaceEvents(events) {
  happened.replaceChildren(...events.toReversed().map(eventItem));
  pageElement('events-empty', HTMLElement).hidden = events.length > 0;
}

/**
 * @param {RunEvent} event
 * @param {number} kept at the most
 */
export function addEvent(event, kept) {
  happened.prepend(eventItem(event));
  while (happened.childElementCount > kept) happened.lastElementChild?.remove();
  pageElement('events-empty', HTMLElement).hidden = true;
}

/** @param {RunEvent} event */
function eventItem({ atSecond, kind, text }) {
  return make(
    'li',
    { class: 'happened', 'data-kind': kind },
    make('span', { class: 'happened-time' }, clock(atSecond)),
    make('span', { class: 'happened-kind' }, eventWords[kind]),
    make('span', { class: 'happened-text' }, text),
  );
}
