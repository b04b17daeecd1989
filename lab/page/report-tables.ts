/** The tables of a report. Whatever a run has brought is text of strangers: only `html` puts it in. */
import { type Html, html, raw } from '../../src/web/html.ts';
import type { RunEvent, RunView } from '../control/live.ts';
import type { FailureKind, FleetTotals, Latency } from '../load/fleet.ts';
import type { StockBalance } from '../truth/truth.ts';
import {
  type Cell,
  clockWords,
  countWords,
  factList,
  figureTable,
  msWords,
  rateWords,
  shareWords,
} from './figure-words.ts';

const latencyHeader = ['Mean', 'p50', 'p95', 'p99', 'p99.9', 'Max'];

function latencyCells({ meanMs, p50Ms, p95Ms, p99Ms, p999Ms, maxMs }: Latency): readonly string[] {
  return [meanMs, p50Ms, p95Ms, p99Ms, p999Ms, maxMs].map(msWords);
}

export function routeSection({ totals, routes }: RunView): Html | null {
  const shown = totals?.routes ?? routes;
  if (shown.length === 0) return null;
  const rows = shown.map(({ route, requests, failures, requestsPerSecond, latency }): readonly Cell[] => [
    html`<code>${route}</code>`,
    countWords(requests),
    countWords(failures),
    rateWords(requestsPerSecond),
    ...latencyCells(latency),
  ]);
  if (totals !== null && shown.length > 1) {
    const { requests, failures, requestsPerSecond, latency } = totals;
    rows.push([
      'All',
      countWords(requests),
      countWords(failures),
      rateWords(requestsPerSecond),
      ...latencyCells(latency),
    ]);
  }
  const header = ['Route', 'Requests', 'Failures', 'A second', ...latencyHeader];
  return html`<section><h2>Routes</h2>${figureTable('Requests by route; latency in ms, of failures too: of those without an answer until they were cut off or given up', header, rows)}</section>`;
}

export function failureSection({ totals, failures }: RunView): Html | null {
  const shown: readonly FailureKind[] = totals?.failuresByKind ?? failures;
  if (shown.length === 0) return null;
  const rows = shown
    .toSorted((a, b) => b.count - a.count)
    .map(({ route, reason, count, example }) => [
      html`<code>${route}</code>`,
      reason,
      html`<code class="example">${example}</code>`,
      countWords(count),
    ]);
  return html`<section><h2>Failures</h2>${figureTable('Failures by route and reason, each with one example', ['Route', 'Reason', 'Example', 'Count'], rows, [0, 1, 2])}</section>`;
}

const eventWords: Readonly<Record<RunEvent['kind'], readonly [tone: string, word: string]>> = {
  fault: ['danger', 'Fault'],
  down: ['danger', 'Down'],
  up: ['good', 'Up again'],
  change: ['information', 'Change'],
  warning: ['warning', 'Warning'],
};

/** Numbered as on the charts. */
export function eventSection({ events }: RunView): Html | null {
  if (events.length === 0) return null;
  const items = events.map(({ kind, atSecond, text }, index) => {
    const [tone, word] = eventWords[kind] ?? ['ink-soft', kind];
    return html`<li><span class="event-number fill-${tone}">${index + 1}</span><span class="event-time">${clockWords(atSecond)}</span><strong class="event-kind tone-${tone}">${word}</strong><span class="event-text">${text}</span></li>`;
  });
  return html`<section><h2>What happened</h2><ol class="event-list whole card">${items}</ol></section>`;
}

export function drillSection({ drills = [] }: RunView): Html | null {
  if (drills.length === 0) return null;
  const rows = drills.map(({ title, about, count, isGoingOn, problems }) => {
    const [tone, verdict] = isGoingOn
      ? ['plain', 'not over']
      : problems.length === 0
        ? ['good', 'survived']
        : ['danger', 'not survived'];
    return [
      title,
      // Before the long words, so that a phone shows it.
      html`<span class="tag ${tone}">${verdict}</span>${problems.length > 0 && html` ${problems.join('; ')}`}`,
      countWords(count),
      about,
    ];
  });
  return html`<section><h2>Drills</h2>${figureTable('Faults that were done to the service, and what had to hold', ['Fault', 'Verdict', 'Times', 'What had to hold'], rows, [0, 1, 3])}</section>`;
}

export function limitSection({ limit }: RunView): Html | null {
  if (limit === null) return null;
  const { objective, steps, ending } = limit;
  const rows = steps.map(
    (
      { perSecond, answeredPerSecond, p50Ms, p99Ms, failureShare, holds, isConfirmation, voidReasons },
      index,
    ) => [
      String(index + 1),
      rateWords(perSecond),
      rateWords(answeredPerSecond),
      msWords(p50Ms),
      msWords(p99Ms),
      shareWords(failureShare),
      voidReasons.length > 0
        ? html`<span class="tag warning">void</span> ${voidReasons.join('; ')}`
        : html`<span class="tag ${holds ? 'good' : 'danger'}">${holds ? 'held' : 'broke'}</span>${isConfirmation && ' tried for longer'}`,
    ],
  );
  const title = `p99 at most ${objective.p99MsMax.toLocaleString('en')} ms, failures at most ${shareWords(objective.failureShareMax)}`;
  return html`<section><h2>Search for the limit</h2><p>${title}. ${ending}</p><div id="curve" class="card chart js-only"></div>${figureTable('Rates that were tried, in this order; latency in ms', ['Step', 'Due/s', 'Answered/s', 'p50', 'p99', 'Failed', 'Objective'], rows, [0, 6])}</section>`;
}

export function stockSection({ truth }: RunView): Html | null {
  const stock: readonly StockBalance[] = truth?.stock ?? [];
  if (stock.length === 0) return null;
  const rows = stock.map(({ sku, before, after, sold }) => {
    const difference = before - after - sold;
    return [
      html`<code>${sku}</code>`,
      countWords(before),
      countWords(sold),
      countWords(after),
      difference === 0
        ? html`<span class="tag good">agrees</span>`
        : html`<span class="tag danger">${difference.toLocaleString('en')}</span>`,
    ];
  });
  const wrong = stock.filter(({ before, after, sold }) => before - after !== sold).length;
  const sum =
    wrong === 0
      ? `All ${countWords(stock.length)} products agree`
      : `${countWords(wrong)} of ${countWords(stock.length)} products do not agree`;
  return html`<section><h2>Stock</h2><details class="stock"${wrong > 0 && raw(' open')}><summary>${sum}</summary>${figureTable('Units of each product: stock before minus units sold must equal stock after', ['Product', 'Before', 'Sold', 'Left', 'Balance'], rows)}</details></section>`;
}

export function generatorSection(totals: FleetTotals | null): Html | null {
  if (totals === null) return null;
  const { workers, cpuCoresMax, latenessP99Ms, stallMaxMs, ordersPlaced, ordersUnknown } = totals;
  return html`<section><h2>The generator itself</h2>${factList([
    ['Processes', String(workers)],
    ['Busiest process', `${cpuCoresMax.toFixed(2)} of 1 core`],
    ['Late at p99', latenessP99Ms === null ? 'not known' : `${msWords(latenessP99Ms)} ms`],
    ['Longest standstill', stallMaxMs === undefined ? 'not known' : `${msWords(stallMaxMs)} ms`],
    ['Answers of 201, repeats included', countWords(ordersPlaced)],
    ['Orders without an answer', countWords(ordersUnknown)],
  ])}</section>`;
}
