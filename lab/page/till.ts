/** The lab's till: the state of the run, in figures that can be read from across the room. */
import { html } from '../../src/web/html.ts';

const figures = [
  ['users', 'Users'],
  ['failures', 'Failures'],
  ['p50', 'p50'],
  ['p99', 'p99'],
  ['requests', 'Requests'],
  ['time', 'Time'],
] as const;

export function renderTill(): string {
  return html`<section class="till" id="till" data-idle aria-label="The run">
<div class="till-head">
<p class="run-state" id="run-state" data-state="ready">Ready</p>
<p class="run-what" id="run-what">Nothing has run yet</p>
<div class="till-actions">
<button class="button" type="button" id="change-pace" aria-expanded="false" aria-controls="pace-form" hidden>Change users</button>
<button class="button" type="button" id="stop" hidden>Stop</button>
<button class="button primary" type="button" id="new-run" aria-expanded="false" aria-controls="run-form" hidden>New run</button>
</div>
</div>
<div class="till-figures">
<p class="rate"><output id="figure-rate">0</output><span class="rate-unit" id="rate-unit">requests/s</span></p>
<dl class="figures">${figures.map(
    ([name, label]) =>
      html`<div class="figure"><dt id="label-${name}">${label}</dt><dd id="figure-${name}">–</dd></div>`,
  )}</dl>
</div>
<div class="till-foot">
<p class="till-host" id="till-host"></p>
<p class="service-state" id="service-state" role="status"></p>
</div>
</section>
<section class="verdict" id="verdict" data-kind="none" aria-label="What came of it">
<div class="verdict-words"><p class="verdict-sentence" id="verdict-sentence" role="status">Choose what to send, and press Start. Every order that is answered will be looked up afterwards.</p>
<p class="checking-words" id="checking-words" hidden></p><progress class="checking" id="checking" max="1" value="0" aria-label="Orders checked" hidden></progress>
<ul class="verdict-more" id="verdict-more"></ul></div>
<p class="downloads" id="verdict-downloads" hidden></p>
</section>`.text;
}
