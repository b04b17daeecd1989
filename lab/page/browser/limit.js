/** Find the limit: its form, the rates that were tried, the one that holds. */
import { createCurve } from './curve.js';
import { pageElement, setRows, setText } from './elements.js';
import { clearMistakes, fill, forgetMistakesOnInput, readNumber, showMistakes } from './form-fields.js';
import { amount, milliseconds, nothing, percent, rate } from './numbers.js';
import { startRun } from './run-form.js';
import { bodyOf } from './statistics.js';

/** @typedef {import('./lab-client.js').LimitSearchView} LimitSearchView */
/** @typedef {import('../../control/live.ts').LimitStep} LimitStep */

const form = pageElement('limit-form', HTMLFormElement);
const problem = pageElement('limit-problem', HTMLElement);
const button = pageElement('limit-start', HTMLButtonElement);
const curveFrame = pageElement('limit-curve', HTMLElement);
const curve = createCurve(curveFrame);
const table = pageElement('limit-steps', HTMLTableElement);

export function startLimit() {
  forgetMistakesOnInput(form);
  fill(form, 'p99MsMax', 50);
  fill(form, 'failureShareMax', 0.001);
  fill(form, 'fromPerSecond', 200);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    clearMistakes(form);
    setText(problem, '');
    const fields = ['p99MsMax', 'failureShareMax', 'fromPerSecond', 'toPerSecond'];
    const given = fields.flatMap((name) => {
      const value = readNumber(form, name);
      return value === null ? [] : [[name, value]];
    });
    const refusal = await startRun(Object.fromEntries(given));
    if (refusal === null) return;
    const own = refusal.mistakes.filter(({ field }) => form.elements.namedItem(field) !== null);
    if (own.length > 0) showMistakes(form, problem, own);
    else
      setText(
        problem,
        refusal.mistakes.length > 0 ? 'Please see the form of the run, above.' : refusal.message,
      );
  });
}

/**
 * @param {string} scenario title of the one that is chosen
 * @param {boolean} isBusy
 */
export function showLimitForm(scenario, isBusy) {
  setText(
    pageElement('limit-about', HTMLElement),
    `The highest rate at which these hold, tried twice. Sends “${scenario}” and keeps to the rest of the run’s form.`,
  );
  if (isBusy) button.setAttribute('aria-disabled', 'true');
  else button.removeAttribute('aria-disabled');
  setText(button, isBusy ? 'A run is going on' : 'Find the limit');
}

/** @param {LimitSearchView | null} limit */
export function showLimit(limit) {
  pageElement('limit-frame', HTMLElement).hidden = limit === null || limit.steps.length === 0;
  const found = limit?.holdsPerSecond ?? null;
  const trying = limit?.tryingPerSecond ?? null;
  const isSearching = limit !== null && limit.ending === null;
  setText(pageElement('limit-label', HTMLElement), isSearching ? 'Trying now' : 'The rate that holds');
  const shown = isSearching ? trying : found;
  setText(pageElement('limit-rate', HTMLElement), shown === null ? nothing : rate(shown));
  setText(
    pageElement('limit-ending', HTMLElement),
    limit === null ? 'Not looked for yet.' : (limit.ending ?? heldSoFar(limit)),
  );
  curveFrame.hidden = limit === null || limit.steps.length === 0;
  if (limit === null) return;
  curve.show(limit);
  const body = bodyOf(table);
  setRows(body, limit.steps.map(stepLine));
  limit.steps.forEach((step, index) => {
    const row = body.rows[index];
    if (row !== undefined) row.dataset['outcome'] = outcomeOf(step);
  });
}

/** @param {LimitSearchView} limit */
function heldSoFar({ steps, objective }) {
  const best = Math.max(0, ...steps.filter(({ holds }) => holds).map(({ perSecond }) => perSecond));
  const sought = `p99 at most ${amount(objective.p99MsMax)} ms and at most ${amount(objective.failureShareMax * 100)} % failures`;
  return best === 0 ? `Sought: ${sought}.` : `${rate(best)} requests/s has held so far, with ${sought}.`;
}

/** @param {LimitStep} step */
function outcomeOf({ holds, voidReasons }) {
  return voidReasons.length > 0 ? 'void' : holds ? 'holds' : 'breaks';
}

/** @param {LimitStep} step */
function stepLine(step) {
  const outcome = {
    void: `Void: ${step.voidReasons.join(' ')}`,
    holds: step.isConfirmation ? 'Holds, confirmed' : 'Holds',
    breaks: step.isConfirmation ? 'Breaks when tried for longer' : 'Breaks',
  }[outcomeOf(step)];
  return [
    rate(step.perSecond),
    rate(step.answeredPerSecond),
    milliseconds(step.p50Ms),
    milliseconds(step.p99Ms),
    percent(step.failureShare, 1),
    outcome,
  ];
}
