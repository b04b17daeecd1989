/**
 * The report of a run as one HTML file that needs nothing else: it opens from a disk, without a network, and
 * its policy lets it load nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, jsonForScript, raw } from '../../src/web/html.ts';
import { wordmark } from '../../src/web/wordmark.ts';
import type { RunView } from '../control/live.ts';
import { paceWords } from '../control/pace-words.ts';
import { dateWords } from './figure-words.ts';
import { courseSection } from './report-course.ts';
import { percentileSection } from './report-percentiles.ts';
import { environmentSection, planSection } from './report-plan.ts';
import { readPlotStyle, readReportScript } from './report-script.ts';
import {
  drillSection,
  eventSection,
  failureSection,
  generatorSection,
  limitSection,
  routeSection,
  stockSection,
} from './report-tables.ts';
import { headlineSection, verdictSection } from './report-verdict.ts';

const styleFiles = [
  '../../src/web/theme.css',
  '../../src/web/components.css',
  '../../src/web/shopfront.css',
  './charts.css',
  './curve.css',
  './report.css',
];

interface Parts {
  readonly style: string;
  readonly script: string;
  readonly policy: string;
}

let partsSoFar: Parts | null = null;

/** Read once, with the first report. */
function readParts(): Parts {
  if (partsSoFar !== null) return partsSoFar;
  const sheets = styleFiles.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'));
  const style = [readPlotStyle(), ...sheets].join('\n');
  const script = readReportScript();
  for (const text of [style, script]) {
    if (/<\/(?:script|style)|<!--/i.test(text))
      throw new Error('a part of the report would end its own element');
  }
  const policy =
    `default-src 'none'; style-src '${digestOf(style)}'; script-src '${digestOf(script)}'; ` +
    "base-uri 'none'; form-action 'none'";
  partsSoFar = { style, script, policy };
  return partsSoFar;
}

function digestOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

export function renderReport(view: RunView): string {
  const { style, script, policy } = readParts();
  const { plan, startedAt, limit } = view;
  const load = limit === null ? paceWords(plan.pace) : 'search for the limit';
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="content-security-policy" content="${policy}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>${plan.scenario}, ${startedAt.slice(0, 10)} · Nozama load lab</title><style>${raw(style)}</style></head><body class="report-page"><header class="shopfront"><div class="awning" aria-hidden="true"></div><div class="signboard"><span class="home-link">${raw(wordmark)}</span><p class="slogan">Load lab</p></div></header><main class="report"><div class="report-title"><p class="eyebrow">Report of a load run</p><h1>${plan.scenario}</h1><p>${load}</p><p class="eyebrow"><time datetime="${startedAt}">${dateWords(startedAt)}</time></p></div>${verdictSection(view)}${headlineSection(view)}${limitSection(view)}${chartSection(view)}${drillSection(view)}${eventSection(view)}${courseSection(view)}${routeSection(view)}${failureSection(view)}${percentileSection(view.totals)}${stockSection(view)}<div class="report-pair">${planSection(view)}${generatorSection(view.totals)}</div>${environmentSection(view)}</main><footer class="foot"><div class="foot-row"><p><strong>Nozama</strong> · load lab</p></div></footer><script type="application/json" id="run">${jsonForScript(chartData(view))}</script><script>${raw(script)}</script></body></html>`;
  return page.text;
}

function chartSection({ samples }: RunView) {
  if (samples.length === 0)
    return html`<section><h2>Charts</h2><p class="empty">The run ended before its first sample.</p></section>`;
  return html`<section><h2>Charts</h2><p class="notice scripts-off">The charts need scripts, which are off here. The tables have the same figures.</p><div id="charts" class="js-only"></div></section>`;
}

/** The samples that the charts draw, without the digits that no pixel shows. */
function chartData({ samples, events, limit }: RunView): unknown {
  return JSON.parse(JSON.stringify({ samples, events, limit }), (_key, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value,
  );
}
