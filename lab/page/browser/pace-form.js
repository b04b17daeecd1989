/** The form that changes the load that is running. */
import { pageElement, setText } from './elements.js';
import { clearMistakes, forgetMistakesOnInput, showMistakes } from './form-fields.js';
import { askLab, LabRefusal } from './lab-client.js';
import { fillPace, readPace, startPaceFields } from './pace-fields.js';

/** @typedef {import('../../control/run-plan.ts').Pace} Pace */

const form = pageElement('pace-form', HTMLFormElement);
const problem = pageElement('pace-problem', HTMLElement);
const opener = pageElement('change-pace', HTMLButtonElement);

/** @type {Pace | null} */
let current = null;

export function startPaceForm() {
  startPaceFields(form);
  forgetMistakesOnInput(form);
  opener.addEventListener('click', () => openPaceForm(form.hidden === true));
  pageElement('pace-cancel', HTMLButtonElement).addEventListener('click', () => closePaceForm());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (current === null) return;
    clearMistakes(form);
    try {
      await askLab('/api/run/pace', { method: 'PUT', body: { pace: readPace(form, current.kind) } });
      closePaceForm();
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error;
      if (error.mistakes.length > 0) showMistakes(form, problem, error.mistakes);
      else setText(problem, error.message);
    }
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') closePaceForm();
  });
}

/**
 * Shown while the pace can be changed; null when it can't.
 * @param {Pace | null} pace
 */
export function showPace(pace) {
  opener.hidden = pace === null;
  current = pace;
  if (pace === null) {
    form.hidden = true;
    opener.setAttribute('aria-expanded', 'false');
    return;
  }
  setText(opener, pace.kind === 'users' ? 'Change users' : 'Change the rate');
}

/** @param {boolean} isOpen */
function openPaceForm(isOpen) {
  if (current === null) return;
  clearMistakes(form);
  fillPace(form, current);
  form.hidden = !isOpen;
  opener.setAttribute('aria-expanded', String(isOpen));
  const first = form.querySelector('.kind:not([hidden]) .input');
  if (isOpen && first instanceof HTMLElement) first.focus();
}

function closePaceForm() {
  openPaceForm(false);
  opener.focus();
}
