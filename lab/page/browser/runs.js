/** Runs of the past: downloads, and two of them side by side. */
import { make, pageElement, setText } from './elements.js';
import { askLab, LabRefusal } from './lab-client.js';
import { count, dateAndTime, difference, milliseconds, percent, rate } from './numbers.js';
import { bodyOf, showTable } from './statistics.js';
import { downloadLinks } from './verdict.js';

/** @typedef {import('./lab-client.js').RunSummary} RunSummary */

/** More would no longer be looked through; the files are all there. */
const shownMax = 100;

const table = pageElement('runs', HTMLTableElement);
const comparison = pageElement('comparison', HTMLElement);
const problem = pageElement('runs-problem', HTMLElement);

/** @type {readonly RunSummary[]} */
let runs = [];
/** The older choice first. @type {string[]} */
let chosen = [];
/** @type {(name: string) => string} */
let titleOf = (name) => name;

/** @param {(name: string) => string} titleOfScenario */
export async function loadRuns(titleOfScenario) {
  titleOf = titleOfScenario;
  try {
    runs = /** @type {RunSummary[]} */ (await askLab('/api/runs'));
    setText(problem, '');
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error;
    setText(problem, error.message);
    return;
  }
  showTable('runs', runs.length > 0);
  pageElement('runs-lead', HTMLElement).hidden = runs.length < 2;
  const focused = document.activeElement?.id ?? '';
  bodyOf(table).replaceChildren(...runs.slice(0, shownMax).map(runRow));
  document.getElementById(focused)?.focus({ preventScroll: true });
  compare();
}

/** @param {RunSummary} run */
function runRow(run) {
  const box = make('input', { type: 'checkbox', id: `compare-${run.id}` });
  box.setAttribute('aria-label', `Compare ${titleOf(run.scenario)}, ${dateAndTime(run.startedAt)}`);
  box.checked = chosen.includes(run.id);
  box.addEventListener('change', () => choose(run.id, box.checked));
  const time = make('time', { datetime: run.startedAt, title: run.startedAt }, dateAndTime(run.startedAt));
  return make(
    'tr',
    {},
    make('td', { class: 'choice' }, make('label', { class: 'choice-box' }, box)),
    make('th', { scope: 'row' }, titleOf(run.scenario), make('br'), time, ...searchTags(run)),
    make('td', {}, count(run.requests)),
    make('td', {}, rate(run.requestsPerSecond)),
    make('td', {}, percent(run.failures, run.requests)),
    make('td', {}, milliseconds(run.p50Ms)),
    make('td', {}, milliseconds(run.p99Ms)),
    make('td', { class: 'words' }, ...verdictTags(run)),
    make('td', { class: 'words' }, make('span', { class: 'downloads' }, ...downloadLinks(run.id))),
  );
}

/**
 * Of a search it is the last step whose figures are shown, which is not the rate it was looking for.
 * @param {RunSummary} run
 */
function searchTags({ isSearch }) {
  return isSearch ? [make('br'), make('span', { class: 'tag plain' }, 'Search, last step')] : [];
}

/**
 * Only a run without any trouble is called good: that its orders are there is not all that was asked of it.
 * @param {RunSummary} run
 */
function verdictTags({ verdict, isVoid, isBroken }) {
  const troubles = [];
  if (verdict === 'broken') troubles.push(verdictTag('danger', 'Broken'));
  else if (isVoid) troubles.push(verdictTag('danger', 'Void'));
  else if (verdict === 'unproven') troubles.push(verdictTag('warning', 'Unproven'));
  if (isBroken) troubles.push(verdictTag('warning', 'Limit broken'));
  if (troubles.length > 0) return troubles.flatMap((tag) => [tag, ' ']);
  if (verdict === 'kept') return [verdictTag('good', 'All kept')];
  return [verdictTag('plain', verdict === 'nothing' ? 'No orders' : 'None')];
}

/**
 * @param {'good' | 'warning' | 'danger' | 'plain'} tone
 * @param {string} words
 */
function verdictTag(tone, words) {
  return make('span', { class: `tag ${tone}` }, words);
}

/**
 * A third choice takes the place of the first.
 * @param {string} id
 * @param {boolean} isChosen
 */
function choose(id, isChosen) {
  chosen = chosen.filter((one) => one !== id);
  if (isChosen) chosen = [...chosen, id].slice(-2);
  for (const box of table.querySelectorAll('input')) {
    box.checked = chosen.includes(box.id.slice('compare-'.length));
  }
  compare();
}

function compare() {
  const [a, b] = runs
    .filter(({ id }) => chosen.includes(id))
    .toSorted((one, other) => one.startedAt.localeCompare(other.startedAt));
  comparison.hidden = a === undefined || b === undefined;
  if (a === undefined || b === undefined) return;
  const heading = (/** @type {RunSummary} */ run) =>
    make(
      'th',
      { scope: 'col' },
      titleOf(run.scenario),
      make('br'),
      make('span', { class: 'when' }, dateAndTime(run.startedAt)),
      ...searchTags(run),
    );
  comparison.replaceChildren(
    make('h2', {}, 'Side by side'),
    make(
      'table',
      { class: 'table' },
      make(
        'thead',
        {},
        make('tr', {}, make('td', {}), heading(a), heading(b), make('th', { scope: 'col' }, 'Change')),
      ),
      make('tbody', {}, ...compareRows(a, b)),
    ),
  );
}

/**
 * @param {RunSummary} a
 * @param {RunSummary} b
 */
function compareRows(a, b) {
  /** @type {readonly (readonly [string, (run: RunSummary) => number | null, (value: number) => string, 'more' | 'less' | null])[]} */
  const lines = [
    ['Requests/s', (run) => run.requestsPerSecond, rate, 'more'],
    ['Requests', (run) => run.requests, count, null],
    [
      'Failures',
      (run) => (run.requests === 0 ? null : run.failures / run.requests),
      (share) => percent(share, 1),
      'less',
    ],
    ['p50, ms', (run) => run.p50Ms, milliseconds, 'less'],
    ['p95, ms', (run) => run.p95Ms, milliseconds, 'less'],
    ['p99, ms', (run) => run.p99Ms, milliseconds, 'less'],
    ['p99.9, ms', (run) => run.p999Ms, milliseconds, 'less'],
  ];
  const verdicts = make(
    'tr',
    {},
    make('th', { scope: 'row' }, 'Verdict'),
    make('td', {}, ...verdictTags(a)),
    make('td', {}, ...verdictTags(b)),
    make('td', {}),
  );
  const rows = lines.map(([title, read, show, better]) => {
    const [from, to] = [read(a), read(b)];
    const shown = (/** @type {number | null} */ value) => make('td', {}, value === null ? '–' : show(value));
    const change = make('td', {}, difference(from, to));
    if (better !== null && from !== null && to !== null && from !== to) {
      change.className = to > from === (better === 'more') ? 'better' : 'worse';
      change.append(make('span', { class: 'direction' }, change.className));
    }
    return make('tr', {}, make('th', { scope: 'row' }, title), shown(from), shown(to), change);
  });
  return [verdicts, ...rows];
}
