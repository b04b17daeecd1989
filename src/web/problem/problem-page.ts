import { html } from '../html.ts';
import { framePage } from '../layout.ts';
import { waitWords } from './wait-words.ts';

export interface ProblemPageView {
  readonly basePath: string;
  /** The HTTP status it is sent with. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** The id to quote to the operator of the shop. */
  readonly requestId: string;
  readonly retryAfterSeconds: number | null;
  /** Whether an order is missing that can perhaps be found by its number. */
  readonly leadsToTracking: boolean;
}

const frame = framePage({ name: 'problem', styles: ['problem.css'], modules: [], listed: false });

/** The page of a problem: a sign on the stall that names the problem and the remedy. */
export function renderProblemPage(view: ProblemPageView): string {
  // Only a fault on the shop's side can be cured by asking again.
  const isOurs = view.status >= 500 || view.status === 429;
  const content = html`<div class="clothesline"><article class="sign pegged card">
<p class="eyebrow">${signWords(view.status)}</p>
<h1>${view.title}</h1>
<p class="sign-detail">${view.detail}</p>
${isOurs && html`<p class="sign-detail">${retryWords(view.retryAfterSeconds)}</p>`}
<p class="sign-actions">${isOurs && html`<a class="button primary" href="">Try again</a>`}
${view.leadsToTracking && html`<a class="button primary" href="${view.basePath}/track">Find your order</a>`}
<a class="button${!isOurs && !view.leadsToTracking && ' primary'}" href="${view.basePath}/">Go to the shop</a></p>
<p class="eyebrow">${view.status} · request ${view.requestId}</p>
</article></div>`;
  const { before, after } = frame(view.basePath, view.title);
  return before + content.text + after;
}

function signWords(status: number): string {
  if (status === 404) return 'We looked under the counter, too';
  if (status === 503 || status === 429) return 'Back in a moment';
  if (status >= 500) return 'Our mistake';
  return 'That did not work';
}

function retryWords(seconds: number | null): string {
  return `Please try again in ${seconds === null ? 'a moment' : waitWords(seconds)}.`;
}
