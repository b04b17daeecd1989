/** The form of a new run. */
import { pageElement, setText } from './elements.js';
import {
  clearMistakes,
  control,
  fill,
  forgetMistakesOnInput,
  readNumber,
  showMistakes,
} from './form-fields.js';
import { askLab, LabRefusal } from './lab-client.js';
import { fillPace, readPace, showKind, startPaceFields } from './pace-fields.js';

/** @typedef {import('./lab-client.js').LabView} LabView */
/** @typedef {import('../../control/run-plan.ts').RunPlan} RunPlan */

const form = pageElement('run-form', HTMLFormElement);
const problem = pageElement('run-problem', HTMLElement);
const endless = pageElement('run-endless', HTMLInputElement);
const start = pageElement('start', HTMLButtonElement);
const opener = pageElement('new-run', HTMLButtonElement);
const hostIsMine = pageElement('run-hostIsMine', HTMLInputElement);

/** @type {Map<string, string>} */
const aboutScenarios = new Map();
let isFilled = false;
let isStarting = false;

export function startRunForm() {
  startPaceFields(form);
  forgetMistakesOnInput(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    startRun(undefined);
  });
  control(form, 'scenario').addEventListener('change', tellScenario);
  control(form, 'host').addEventListener('input', tellHost);
  endless.addEventListener('change', tellEnd);
  for (const choice of form.querySelectorAll('[name="kind"]')) {
    choice.addEventListener('change', () => showKind(form, chosenKind()));
  }
  opener.addEventListener('click', () => {
    openRunForm(form.hidden === true);
    if (!form.hidden) control(form, 'scenario').focus();
  });
}

/** @param {boolean} isOpen */
export function openRunForm(isOpen) {
  form.hidden = !isOpen;
  opener.setAttribute('aria-expanded', String(isOpen));
}

/**
 * Fills the lists to choose from. A choice that was already made stays.
 * @param {LabView} lab
 */
export function fillRunForm(lab) {
  const select = control(form, 'scenario');
  if (isFilled) return;
  isFilled = true;
  select.replaceChildren(...lab.scenarios.map(({ name, title }) => new Option(title, name)));
  for (const { name, about } of lab.scenarios) aboutScenarios.set(name, about);
  fillPlan(lab.plan);
}

/** @param {RunPlan} plan */
function fillPlan(plan) {
  const { pace, seconds, objective } = plan;
  fill(form, 'scenario', plan.scenario);
  fill(form, 'host', plan.host);
  hostIsMine.checked = plan.hostIsMine;
  const kinds = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[name="kind"]'));
  for (const choice of kinds) choice.checked = choice.value === pace.kind;
  fillPace(form, pace);
  fill(form, 'seconds', seconds ?? 60);
  endless.checked = seconds === null;
  fill(form, 'warmupSeconds', plan.warmupSeconds);
  fill(form, 'objective.p99MsMax', objective.p99MsMax);
  fill(form, 'objective.failureShareMax', objective.failureShareMax);
  fill(form, 'objective.requestsPerSecondMin', objective.requestsPerSecondMin);
  fill(form, 'connections', plan.connections);
  fill(form, 'workers', plan.workers);
  fill(form, 'seed', plan.seed);
  fill(form, 'timeoutMs', plan.timeoutMs);
  tellScenario();
  tellHost();
  tellEnd();
}

/** Title of the scenario that is chosen. */
export function chosenScenario() {
  const select = control(form, 'scenario');
  return select instanceof HTMLSelectElement ? (select.selectedOptions[0]?.text ?? '') : '';
}

/**
 * @param {unknown} search what to find the limit by; undefined for a plain run
 * @returns {Promise<LabRefusal | null>} the lab's refusal, so that the caller can show its part
 */
export async function startRun(search) {
  if (isStarting) return null;
  isStarting = true;
  clearMistakes(form);
  start.setAttribute('aria-disabled', 'true');
  setText(start, 'Starting …');
  try {
    await askLab('/api/run', { method: 'POST', body: { plan: readPlan(), search } });
    openRunForm(false);
    pageElement('content', HTMLElement).focus({ preventScroll: true });
    return null;
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error;
    const own = error.mistakes.filter(({ field }) => search === undefined || form.elements.namedItem(field));
    if (own.length > 0) {
      openRunForm(true);
      showMistakes(form, problem, own);
    } else if (search === undefined) setText(problem, error.message);
    return error;
  } finally {
    isStarting = false;
    start.removeAttribute('aria-disabled');
    setText(start, 'Start the run');
  }
}

function readPlan() {
  const number = (/** @type {string} */ name) => readNumber(form, name) ?? '';
  const host = control(form, 'host').value.trim();
  return {
    scenario: control(form, 'scenario').value,
    host: host === '' ? null : host.includes('://') ? host : `http://${host}`,
    hostIsMine: hostIsMine.checked,
    pace: readPace(form, chosenKind()),
    seconds: endless.checked ? null : number('seconds'),
    warmupSeconds: number('warmupSeconds'),
    connections: control(form, 'connections').value,
    workers: number('workers'),
    seed: number('seed'),
    timeoutMs: number('timeoutMs'),
    objective: {
      p99MsMax: readNumber(form, 'objective.p99MsMax'),
      failureShareMax: readNumber(form, 'objective.failureShareMax'),
      requestsPerSecondMin: readNumber(form, 'objective.requestsPerSecondMin'),
    },
  };
}

/** @returns {'users' | 'arrivals'} */
function chosenKind() {
  return new FormData(form).get('kind') === 'arrivals' ? 'arrivals' : 'users';
}

function tellScenario() {
  setText(
    pageElement('scenario-about', HTMLElement),
    aboutScenarios.get(control(form, 'scenario').value) ?? '',
  );
}

function tellHost() {
  pageElement('host-is-mine-field', HTMLElement).hidden = control(form, 'host').value.trim() === '';
}

function tellEnd() {
  const seconds = control(form, 'seconds');
  seconds.disabled = endless.checked;
}
