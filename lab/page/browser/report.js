/** Draws the charts of a report, and the curve of a search, from the run that is written into it. */
import { createCharts } from './charts.js';
import { createCurve } from './curve.js';

const { samples, events, limit } = JSON.parse(document.getElementById('run')?.textContent ?? '{}');

const chartsPlace = document.getElementById('charts');
if (chartsPlace !== null) createCharts(chartsPlace, { eventList: null }).replace({ samples, events });

const curvePlace = document.getElementById('curve');
if (curvePlace !== null) createCurve(curvePlace).show(limit);
