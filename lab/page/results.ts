/** The tabs under the till, and the content of each before there is anything to show. */
import { html, raw } from '../../src/web/html.ts';
import { inputField } from './fields.ts';

const tabs = [
  ['charts', 'Charts'],
  ['statistics', 'Statistics'],
  ['failures', 'Failures'],
  ['drills', 'Drills'],
  ['limit', 'Find the limit'],
  ['runs', 'Runs'],
] as const;

const form = 'limit';

const panels: Readonly<Record<(typeof tabs)[number][0], string>> = {
  charts:
    html`<p class="empty" id="charts-empty">The curves begin with the first request.</p><div id="charts" hidden></div>`
      .text,
  statistics: html`<p class="empty" id="statistics-empty">Routes are listed once something is sent.</p>
<div class="table-frame" id="statistics-frame" tabindex="0" role="region" aria-label="Statistics by route" hidden><table class="table" id="statistics"><thead><tr><th scope="col">Route</th><th scope="col">Requests</th><th scope="col">Failures</th><th scope="col">Per second</th><th scope="col">Mean</th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">p99</th><th scope="col">p99.9</th><th scope="col">Max</th></tr></thead><tbody></tbody><tfoot></tfoot></table></div>
<p class="hint">Latency in milliseconds. Counted from the end of the warm-up; while warming up, from the first request.</p>`
    .text,
  failures: html`<p class="empty" id="failures-empty">No request has failed.</p>
<div class="table-frame" id="failures-frame" tabindex="0" role="region" aria-label="Failures" hidden><table class="table" id="failures"><thead><tr><th scope="col">Route</th><th scope="col">Reason</th><th scope="col">Count</th><th scope="col">One of them</th></tr></thead><tbody></tbody></table></div>`
    .text,
  drills:
    html`<p class="panel-lead" id="drills-lead">Hurt the service while it is loaded. Afterwards every order is looked up: none may be lost or doubled.</p>
<p class="form-problem field-error" id="drill-problem" role="alert"></p>
<ul class="drills" id="drills"></ul>
<h2 class="panel-title">What happened</h2>
<p class="empty" id="events-empty">Nothing yet.</p><ol class="happenings" id="events" reversed></ol>`.text,
  limit:
    html`<div class="limit"><form class="card limit-form" id="limit-form" novalidate aria-labelledby="limit-title">
<h2 id="limit-title">Find the limit</h2>
<p class="hint" id="limit-about">The highest rate of requests at which these hold, tried twice.</p>
<p class="form-problem field-error" id="limit-problem" role="alert"></p>
<div class="field-row">
${inputField({ form, name: 'p99MsMax', label: 'p99 at most', unit: 'ms' })}
${inputField({ form, name: 'failureShareMax', label: 'Failures at most', unit: '%' })}
${inputField({ form, name: 'fromPerSecond', label: 'Begin at', unit: 'requests/s' })}
${inputField({ form, name: 'toPerSecond', label: 'Go up to', unit: 'requests/s', placeholder: 'As far as it holds' })}
</div>
<p class="form-actions"><button class="button primary" id="limit-start">Find the limit</button></p></form>
<div class="card limit-result" aria-live="polite"><p class="eyebrow" id="limit-label">The rate that holds</p><p class="limit-rate"><output id="limit-rate">–</output> <span class="rate-unit">requests/s</span></p><p id="limit-ending" class="hint">Not looked for yet.</p></div></div>
<section id="limit-curve" class="card curve-frame" aria-label="Latency by rate" hidden></section>
<div class="table-frame" id="limit-frame" tabindex="0" role="region" aria-label="Rates tried" hidden><table class="table" id="limit-steps"><thead><tr><th scope="col">Offered per second</th><th scope="col">Answered</th><th scope="col">p50</th><th scope="col">p99</th><th scope="col">Failures</th><th scope="col">Outcome</th></tr></thead><tbody></tbody></table></div>`
      .text,
  runs: html`<p class="empty" id="runs-empty">Runs are kept here once they have ended.</p>
<p class="panel-lead" id="runs-lead" hidden>Choose two runs to see them side by side.</p>
<p class="form-problem field-error" id="runs-problem" role="alert"></p>
<section class="card comparison" id="comparison" aria-label="Comparison" hidden></section>
<div class="table-frame" id="runs-frame" tabindex="0" role="region" aria-label="Runs" hidden><table class="table" id="runs"><thead><tr><th scope="col">Compare</th><th scope="col">Run</th><th scope="col">Requests</th><th scope="col">Per second</th><th scope="col">Failures</th><th scope="col">p50</th><th scope="col">p99</th><th scope="col">Verdict</th><th scope="col">Download</th></tr></thead><tbody></tbody></table></div>`
    .text,
};

export function renderResults(): string {
  return html`<section class="results" aria-labelledby="results-title"><h2 class="unseen" id="results-title">Results</h2>
<div class="tabs" role="tablist" aria-label="Results">${tabs.map(
    ([name, title], index) =>
      html`<button type="button" role="tab" class="tab" id="tab-${name}" aria-controls="panel-${name}" aria-selected="${String(index === 0)}" tabindex="${index === 0 ? 0 : -1}">${title}<span class="tab-count" id="tab-${name}-count" hidden></span></button>`,
  )}</div>
${tabs.map(
  ([name], index) =>
    html`<div role="tabpanel" class="panel" id="panel-${name}" aria-labelledby="tab-${name}" tabindex="0"${raw(index === 0 ? '' : ' hidden')}>${raw(panels[name])}</div>`,
)}
</section>`.text;
}
