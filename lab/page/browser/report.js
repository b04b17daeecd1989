/** Draws the charts of a report from the run that is written into it. */
import { createCharts } from './charts.js';

const data = JSON.parse(document.getElementById('run')?.textContent ?? '{}');

const place = document.getElementById('charts');
if (place !== null && data.samples.length > 0) {
  place.replaceChildren();
  createCharts(place).replace(data);
}
