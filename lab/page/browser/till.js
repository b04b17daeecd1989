/** The till: state, and the figures of this moment; at the end those of the whole run. */
import { pageElement, setText } from './elements.js';
import { askLab, LabRefusal } from './lab-client.js';
import { clock, count, nothing, percent, rate, withMs } from './numbers.js';
import { paceWords } from './pace-fields.js';

/** @typedef {import('./lab-client.js').RunView} RunView */
/** @typedef {import('./lab-client.js').LiveSample} LiveSample */
/** @typedef {import('./lab-client.js').LabView} LabView */
/** @typedef {Omit<RunView, 'samples'>} Run */

const till = pageElement('till', HTMLElement);
const state = pageElement('run-state', HTMLElement);
const what = pageElement('run-what', HTMLElement);
const host = pageElement('till-host', HTMLElement);
const service = pageElement('service-state', HTMLElement);
const stopButton = pageElement('stop', HTMLButtonElement);
const newRunButton = pageElement('new-run', HTMLButtonElement);
const figure = (/** @type {string} */ name) => pageElement(`figure-${name}`, HTMLElement);
const figures = {
  rate: figure('rate'),
  users: figure('users'),
  failures: figure('failures'),
  p50: figure('p50'),
  p99: figure('p99'),
  requests: figure('requests'),
  time: figure('time'),
};
const labels = {
  requests: pageElement('label-requests', HTMLElement),
  time: pageElement('label-time', HTMLElement),
};
const rateUnit = pageElement('rate-unit', HTMLElement);

const stateWords = {
  starting: 'Starting',
  running: 'Running',
  stopping: 'Stopping',
  checking: 'Checking orders',
  ended: 'Ended',
  failed: 'Failed',
};

const phaseWords = { 'warm-up': 'Warming up', measuring: 'Running', draining: 'Last answers' };

/** @param {(sentence: string) => void} tellProblem */
export function startTill(tellProblem) {
  stopButton.addEventListener('click', async () => {
    stopButton.setAttribute('aria-disabled', 'true');
    try {
      await askLab('/api/run/stop', { method: 'POST' });
    } catch (error) {
      if (!(error instanceof LabRefusal)) throw error;
      tellProblem(error.message);
    } finally {
      stopButton.removeAttribute('aria-disabled');
    }
  });
}

/** @type {Readonly<Record<string, string>>} */
const engineTitles = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

/**
 * @param {LabView} lab
 * @param {Run | null} run
 */
export function showHost(lab, run) {
  const own = lab.service;
  const url = run?.url || own?.url || lab.plan.host || '';
  const isOwn = own !== null && (run === null || run.plan.host === null);
  setText(host, isOwn ? `${url} · the lab’s own, on ${engineTitles[own.engine]}` : url);
}

/** @param {Run} run */
export function isGoingOn({ state: now }) {
  return now !== 'ended' && now !== 'failed';
}

/**
 * What changes seldom.
 * @param {Run} run
 * @param {string} scenario its title
 */
export function showRunState(run, scenario) {
  const loads = run.state === 'starting' || run.state === 'running';
  const isVoid = run.state === 'ended' && run.voidReasons.length > 0;
  state.dataset['state'] = isVoid ? 'void' : run.state;
  setText(state, isVoid ? 'Ended, void' : stateWords[run.state]);
  setText(what, `${scenario} · ${run.limit === null ? paceWords(run.plan.pace) : 'finding the limit'}`);
  const hadFocus = document.activeElement === stopButton;
  stopButton.hidden = !loads;
  newRunButton.hidden = isGoingOn(run);
  if (hadFocus && !loads) pageElement('content', HTMLElement).focus({ preventScroll: true });
  if (run.totals !== null) showTotals(run, run.totals);
  document.title = `${stateWords[run.state]} · Load lab · Nozama`;
}

/**
 * @param {Run} run
 * @param {NonNullable<Run['totals']>} totals
 */
function showTotals(run, totals) {
  setText(figures.rate, rate(totals.requestsPerSecond));
  setText(rateUnit, run.limit === null ? 'requests/s, mean of the run' : 'requests/s in the last try');
  setText(figures.users, run.plan.pace.kind === 'users' ? count(run.plan.pace.users) : nothing);
  setText(figures.failures, percent(totals.failures, totals.requests));
  figures.failures.classList.toggle('bad', totals.failures > 0);
  setText(figures.p50, withMs(totals.latency.p50Ms));
  setText(figures.p99, withMs(totals.latency.p99Ms));
  setText(figures.requests, count(totals.requests));
  setText(figures.time, clock(totals.seconds));
  nameScope(run.limit === null ? '' : ', last try', run.limit === null ? '' : ', last try');
}

/**
 * @param {Run} run
 * @param {LiveSample} sample
 */
export function showSample(run, sample) {
  if (run.totals !== null) return;
  if (run.state === 'running') {
    setText(state, run.limit === null ? phaseWords[sample.phase] : 'Searching');
  }
  setText(figures.rate, rate(sample.requestsPerSecond));
  setText(
    rateUnit,
    sample.intendedPerSecond === null ? 'requests/s' : `of ${rate(sample.intendedPerSecond)} requests/s due`,
  );
  setText(figures.users, count(sample.users));
  setText(figures.p50, withMs(sample.p50Ms));
  setText(figures.p99, withMs(sample.p99Ms));
  const all = secondsOf(run.plan);
  setText(
    figures.time,
    all === null || all >= 3_600 || run.limit !== null
      ? clock(sample.atSecond)
      : `${clock(Math.min(sample.atSecond, all))} / ${clock(all)}`,
  );
}

/**
 * @param {Run} run
 * @param {Run['routes']} routes
 */
export function showSoFar(run, routes) {
  if (run.totals !== null) return;
  const requests = routes.reduce((sum, route) => sum + route.requests, 0);
  const failures = routes.reduce((sum, route) => sum + route.failures, 0);
  setText(figures.requests, count(requests));
  // A search counts anew at each try, and its time goes on.
  nameScope(run.limit === null ? '' : ', this try', '');
  setText(figures.failures, requests === 0 ? nothing : percent(failures, requests));
  figures.failures.classList.toggle('bad', failures > 0);
}

/**
 * @param {string} ofRequests
 * @param {string} ofTime
 */
function nameScope(ofRequests, ofTime) {
  setText(labels.requests, `Requests${ofRequests}`);
  setText(labels.time, `Time${ofTime}`);
}

/** @param {Run['events']} events */
export function showService(events) {
  const last = events.findLast(({ kind }) => kind === 'down' || kind === 'up');
  const isDown = last?.kind === 'down';
  service.dataset['state'] = isDown ? 'down' : 'up';
  till.toggleAttribute('data-down', isDown);
  setText(service, last === undefined ? '' : `${clock(last.atSecond)} · ${last.text}`);
}

/** @param {Run} run */
export function emptyFigures(run) {
  for (const element of Object.values(figures)) setText(element, nothing);
  setText(figures.rate, '0');
  setText(rateUnit, 'requests/s');
  figures.failures.classList.remove('bad');
  setText(figures.users, run.plan.pace.kind === 'users' ? '0' : nothing);
}

/**
 * Warm-up and the measured part; null for a run without an end.
 * @param {Run['plan']} plan
 */
function secondsOf({ seconds, warmupSeconds }) {
  return seconds === null ? null : warmupSeconds + seconds;
}
