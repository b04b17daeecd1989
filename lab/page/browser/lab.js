/** The load lab's page: hears the lab, and has each part show its share. */

import { createCharts } from './charts.js';
import { addEvent, replaceEvents, showDrills } from './drills.js';
import { pageElement, setText } from './elements.js';
import { askLab, hearLab, LabRefusal } from './lab-client.js';
import { showLimit, showLimitForm, startLimit } from './limit.js';
import { showPace, startPaceForm } from './pace-form.js';
import { chosenScenario, fillRunForm, openRunForm, startRunForm } from './run-form.js';
import { loadRuns } from './runs.js';
import { showRoutes } from './statistics.js';
import { startTabs } from './tabs.js';
import {
  emptyFigures,
  isGoingOn,
  showHost,
  showRunState,
  showSample,
  showService,
  showSoFar,
  startTill,
} from './till.js';
import { showChecking, showRefusal, showVerdict } from './verdict.js';

/** @typedef {import('./lab-client.js').RunView} RunView */
/** @typedef {import('./lab-client.js').LabView} LabView */

/** As many as the lab itself keeps. */
const eventsMax = 500;
/** A lab that is measuring is never silent for so long. */
const silenceMsMax = 5_000;

const chartsPlace = pageElement('charts', HTMLElement);
const charts = createCharts(chartsPlace);
const connection = pageElement('connection', HTMLElement);

/** @type {LabView | null} */
let lab = null;
/** @type {RunView | null} */
let run = null;
let heardMs = performance.now();
let isConnected = false;
/** Whether samples may have been missed. */
let isBehind = true;

/** @param {string} name of a scenario */
function titleOf(name) {
  return lab?.scenarios.find((scenario) => scenario.name === name)?.title ?? name;
}

function showLab() {
  if (lab === null) return;
  showHost(lab, run);
  showDrills(lab, run);
  showLimitForm(chosenScenario(), run !== null && isGoingOn(run));
}

async function readLab() {
  try {
    lab = /** @type {LabView} */ (await askLab('/api/lab'));
  } catch (error) {
    if (!(error instanceof LabRefusal)) throw error;
    return;
  } finally {
    pageElement('content', HTMLElement).removeAttribute('data-loading');
  }
  fillRunForm(lab);
  if (run === null) openRunForm(true);
  else showRunState(run, titleOf(run.plan.scenario));
  showLab();
  await loadRuns(titleOf);
}

/** @param {RunView} view */
function showRun(view) {
  const isOther = run?.id !== view.id;
  const hasEnded = run !== null && !isOther && isGoingOn(run) && !isGoingOn(view);
  run = view;
  if (isOther) {
    pageElement('till', HTMLElement).removeAttribute('data-idle');
    emptyFigures(view);
    openRunForm(false);
  }
  if (isOther || isBehind || hasEnded) {
    isBehind = false;
    charts.replace(view);
  }
  showCharts(view.samples.length > 0);
  const last = view.samples.at(-1);
  if (last !== undefined) showSample(view, last);
  showSoFar(view, view.routes);
  showRunState(view, titleOf(view.plan.scenario));
  showVerdict(view);
  showService(view.events);
  showRoutes(view, view.totals);
  showLimit(view.limit);
  showPace(view.state === 'running' && view.limit === null ? view.plan.pace : null);
  replaceEvents(view.events);
  showLab();
  if (hasEnded) readLab();
}

/** @param {boolean} isAny */
function showCharts(isAny) {
  if (chartsPlace.hidden !== isAny) return;
  chartsPlace.hidden = !isAny;
  pageElement('charts-empty', HTMLElement).hidden = isAny;
}

function showConnection() {
  const isSilent = run !== null && run.state === 'running' && performance.now() - heardMs > silenceMsMax;
  connection.dataset['state'] = !isConnected ? 'lost' : isSilent ? 'silent' : 'connected';
  setText(
    connection,
    !isConnected
      ? 'The lab does not answer; trying again …'
      : isSilent
        ? 'The lab is silent'
        : 'Connected to the lab',
  );
}

startTabs();
startRunForm();
startPaceForm();
startLimit();
startTill(showRefusal);
pageElement('run-form', HTMLFormElement).addEventListener('change', showLab);
setInterval(showConnection, 1_000);

hearLab({
  connection(isThere) {
    isConnected = isThere;
    isBehind ||= !isThere;
    heardMs = performance.now();
    showConnection();
    // Also after a while away: the lab may be another one by now.
    if (isThere) readLab();
  },
  run(view) {
    heardMs = performance.now();
    showRun(view);
  },
  sample(sample) {
    heardMs = performance.now();
    if (run === null) return;
    showCharts(true);
    charts.add(sample);
    showSample(run, sample);
  },
  routes({ routes, failures }) {
    if (run === null || run.totals !== null) return;
    run = { ...run, routes, failures };
    showSoFar(run, routes);
    showRoutes(run, null);
  },
  event(event) {
    if (run === null) return;
    run = { ...run, events: [...run.events, event].slice(-eventsMax) };
    charts.addEvent(event);
    addEvent(event, eventsMax);
    showService(run.events);
  },
  checking: showChecking,
  limit(limit) {
    if (run === null) return;
    run = { ...run, limit };
    showLimit(limit);
  },
});
