/** The plan of the run and the machine it ran on: without them no figure means anything. */
import { type Html, html } from '../../src/web/html.ts';
import type { RunView } from '../control/live.ts';
import { paceWords } from '../control/pace-words.ts';
import type { Objective } from '../control/run-plan.ts';
import {
  type Cell,
  countWords,
  dateWords,
  factList,
  rateWords,
  secondsWords,
  shareWords,
} from './figure-words.ts';

export function planSection({ plan, limit }: RunView): Html {
  const facts: (readonly [string, Cell])[] = [
    ['Scenario', html`<code>${plan.scenario}</code>`],
    [
      'Load',
      limit === null
        ? `${paceWords(plan.pace)} (${loopWords(plan.pace.kind)})`
        : 'a search for the limit, open loop',
    ],
    [
      'Measured for',
      plan.seconds === null
        ? 'until stopped'
        : `${secondsWords(plan.seconds)}${limit === null ? '' : ' a step'}`,
    ],
    ['Warm-up', plan.warmupSeconds === 0 ? 'none' : secondsWords(plan.warmupSeconds)],
    ['Connections', plan.connections === 'keep-alive' ? 'kept alive' : 'a new one for each request'],
    ['Given up after', `${countWords(plan.timeoutMs)} ms without an answer`],
    ['Objective', objectiveWords(plan.objective)],
    ['Generator', `${plan.workers} ${plan.workers === 1 ? 'process' : 'processes'}, seed ${plan.seed}`],
  ];
  return html`<section><h2>Plan</h2>${factList(facts)}</section>`;
}

function loopWords(kind: RunView['plan']['pace']['kind']): string {
  return kind === 'users' ? 'closed loop' : 'open loop: latency counts from when a request was due';
}

function objectiveWords({ p99MsMax, failureShareMax, requestsPerSecondMin }: Objective): string {
  const parts = [
    ...(p99MsMax === null ? [] : [`p99 ≤ ${p99MsMax.toLocaleString('en')} ms`]),
    ...(failureShareMax === null ? [] : [`failures ≤ ${shareWords(failureShareMax)}`]),
    ...(requestsPerSecondMin === null ? [] : [`≥ ${rateWords(requestsPerSecondMin)} requests a second`]),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

export function environmentSection({ id, url, startedAt, plan, environment }: RunView): Html {
  const facts: (readonly [string, Cell])[] = [
    ['Run', html`<code>${id}</code>`],
    ['Started', html`<time datetime="${startedAt}">${dateWords(startedAt)}</time>`],
    [
      'Service',
      html`<code>${url}</code>${plan.host === null ? " (the lab's own)" : ' (named by its owner)'}`,
    ],
  ];
  if (environment !== undefined) {
    const { runtime, system, processor, cores, memoryGib, service } = environment;
    facts.push(
      ['Lab runs on', `${runtime}; ${system}`],
      ['Machine', `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memoryGib} GiB`],
    );
    if (service !== null) {
      const settings = Object.entries(service.settings).map(([name, value]) => `${name}=${value}`);
      facts.push(['Engine', service.engine], ['Settings', html`<code>${settings.join(' ')}</code>`]);
    }
  }
  const note =
    environment?.service != null &&
    html`<p class="note">Generator and service shared this machine and its cores, so that the service had less than all of them.</p>`;
  return html`<section><h2>Environment</h2>${factList(facts)}${note}</section>`;
}
