/** The top of a report: whether the orders are there, and whether the figures can be trusted. */
import { type Html, html } from '../../src/web/html.ts';
import type { RunView } from '../control/live.ts';
import type { TruthFault, TruthVerdict } from '../truth/truth.ts';
import { countWords, msWords, rateWords, secondsWords, shareWords } from './figure-words.ts';

type Tone = 'good' | 'warning' | 'danger';

const verdicts: Readonly<Record<TruthVerdict['kind'], readonly [Tone, string]>> = {
  kept: ['good', 'Every order kept'],
  broken: ['danger', 'Orders broken'],
  unproven: ['warning', 'Not proven'],
  nothing: ['good', 'No orders placed'],
};

export function verdictSection({ state, truth, problem, voidReasons, broken }: RunView): Html {
  const [tone, title] = truth === null ? noVerdict(state) : verdicts[truth.kind];
  const sentence = truth?.sentence ?? 'The orders of this run were not compared with those in the service.';
  return html`<section class="verdict ${tone}" aria-label="Verdict"><p class="verdict-title">${title}</p><p class="verdict-sentence">${sentence}</p>${truth !== null && truth.faults.length > 0 && html`<ul class="verdict-faults">${truth.faults.map(faultItem)}</ul>`}</section>${problem !== null && notice('The run failed', [problem])}${voidReasons.length > 0 && notice('The figures are void', voidReasons)}${broken.length > 0 && notice('What did not hold', broken)}`;
}

function noVerdict(state: RunView['state']): readonly [Tone, string] {
  return state === 'failed' ? ['danger', 'No verdict'] : ['warning', 'No verdict yet'];
}

function faultItem({ words, count, examples }: TruthFault): Html {
  return html`<li><strong>${countWords(count)}</strong> ${words}${examples.length > 0 && html`<ul class="examples">${examples.map((example) => html`<li><code>${example}</code></li>`)}</ul>`}</li>`;
}

function notice(title: string, sentences: readonly string[]): Html {
  return html`<section class="notice danger"><h2>${title}</h2><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`;
}

/** The few figures that most come for, the rate by far the largest. */
export function headlineSection({ totals, truth, limit, voidReasons }: RunView): Html {
  if (totals === null) {
    return html`<section class="headline"><p class="empty">The load did not come to its end, so there are no figures.</p></section>`;
  }
  const { latency } = totals;
  const holds = limit?.holdsPerSecond ?? null;
  const figures: readonly (readonly [string, string, string])[] = [
    ['p50', msWords(latency.p50Ms), 'ms'],
    ['p99', msWords(latency.p99Ms), 'ms'],
    ['p99.9', msWords(latency.p999Ms), 'ms'],
    ['Failed', shareWords(totals.requests === 0 ? 0 : totals.failures / totals.requests), ''],
    ['Orders acknowledged', countWords(truth?.acknowledged ?? totals.ordersPlaced), ''],
  ];
  const isVoid = voidReasons.length > 0;
  const large =
    limit === null ? rateWords(totals.requestsPerSecond) : holds === null ? '–' : rateWords(holds);
  const largeWords =
    limit === null ? 'requests a second' : holds === null ? 'No rate held' : 'requests a second hold';
  const about =
    limit === null
      ? `${countWords(totals.requests)} requests in ${secondsWords(totals.seconds)}`
      : 'the other figures are of the last step';
  return html`<section class="headline card" aria-label="Figures"><div class="headline-rate"><p><span class="rate">${large}</span> <span class="rate-unit">${largeWords}</span></p><p class="eyebrow">${about}${isVoid && html` <span class="tag danger">void</span>`}</p></div><dl class="headline-figures">${figures.map(([name, value, unit]) => html`<div><dt>${name}</dt><dd>${value}${unit !== '' && html` <span class="unit">${unit}</span>`}</dd></div>`)}</dl></section>`;
}
