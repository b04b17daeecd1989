/** The tables of routes and of failures. */
import { make, pageElement, setRows } from './elements.js';
import { count, milliseconds, nothing, rate } from './numbers.js';
import { countOnTab } from './tabs.js';

/** @typedef {import('./lab-client.js').RunView} RunView */
/** @typedef {import('./lab-client.js').RoutesNow} RoutesNow */
/** @typedef {import('../../load/fleet.ts').RouteTotals} RouteTotals */

/** A service with so many routes or reasons has more than can be read. */
const rowsMax = 200;

const routeTable = pageElement('statistics', HTMLTableElement);
const failureTable = pageElement('failures', HTMLTableElement);

/**
 * @param {RoutesNow} now
 * @param {RunView['totals']} totals null while the run goes on
 */
export function showRoutes({ routes, failures }, totals) {
  showTable('statistics', routes.length > 0);
  const body = bodyOf(routeTable);
  setRows(body, routes.slice(0, rowsMax).map(routeLine));
  const foot = routeTable.tFoot ?? routeTable.createTFoot();
  setRows(
    foot,
    routes.length === 0 ? [] : [totals === null ? sumLine(routes) : routeLine({ ...totals, route: 'All' })],
  );

  showTable('failures', failures.length > 0);
  const sorted = failures.toSorted((a, b) => b.count - a.count).slice(0, rowsMax);
  setRows(
    bodyOf(failureTable),
    sorted.map((kind) => [kind.route, kind.reason, count(kind.count), kind.example]),
  );
  countOnTab('failures', failures.length);
}

/** @param {RouteTotals} route */
function routeLine({ route, requests, failures, requestsPerSecond, latency }) {
  return [
    route,
    count(requests),
    count(failures),
    rate(requestsPerSecond),
    ...[latency.meanMs, latency.p50Ms, latency.p95Ms, latency.p99Ms, latency.p999Ms, latency.maxMs].map(
      milliseconds,
    ),
  ];
}

/**
 * While a run goes on there are no percentiles of all routes together, which can't be had from those of each.
 * @param {readonly RouteTotals[]} routes
 */
function sumLine(routes) {
  const sum = (/** @type {(route: RouteTotals) => number} */ read) =>
    routes.reduce((all, route) => all + read(route), 0);
  const answered = sum(({ latency }) => latency.count);
  const spent = sum(({ latency }) => (latency.meanMs ?? 0) * latency.count);
  const maxima = routes.flatMap(({ latency }) => (latency.maxMs === null ? [] : [latency.maxMs]));
  return [
    'All',
    count(sum(({ requests }) => requests)),
    count(sum(({ failures }) => failures)),
    rate(sum(({ requestsPerSecond }) => requestsPerSecond)),
    milliseconds(answered === 0 ? null : spent / answered),
    nothing,
    nothing,
    nothing,
    nothing,
    milliseconds(maxima.length === 0 ? null : Math.max(...maxima)),
  ];
}

/** @param {HTMLTableElement} table */
export function bodyOf(table) {
  return table.tBodies[0] ?? table.appendChild(make('tbody'));
}

/**
 * A table, or the words in its place.
 * @param {string} name
 * @param {boolean} isFilled
 */
export function showTable(name, isFilled) {
  pageElement(`${name}-frame`, HTMLElement).hidden = !isFilled;
  pageElement(`${name}-empty`, HTMLElement).hidden = isFilled;
}
