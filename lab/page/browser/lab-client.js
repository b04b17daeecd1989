/** The lab's API as its page uses it. */

/** @typedef {import('../../control/live.ts').RunView} RunView */
/** @typedef {import('../../control/live.ts').LiveSample} LiveSample */
/** @typedef {import('../../control/live.ts').RunEvent} RunEvent */
/** @typedef {import('../../control/live.ts').LimitSearchView} LimitSearchView */
/** @typedef {import('../../control/live.ts').LabView} LabView */
/** @typedef {import('../../control/live.ts').RunSummary} RunSummary */
/** @typedef {{ readonly field: string, readonly message: string }} PlanMistake such as `pace.users`, with one sentence */
/** @typedef {Pick<RunView, 'routes' | 'failures'>} RoutesNow */

/** A refusal of the lab: a sentence, and for a form the mistakes by field. */
export class LabRefusal extends Error {
  /**
   * @param {string} message
   * @param {readonly PlanMistake[]} mistakes
   */
  constructor(message, mistakes) {
    super(message);
    this.mistakes = mistakes;
  }
}

const answerMsMax = 30_000;

/**
 * @param {string} path
 * @param {{ method?: 'GET' | 'POST' | 'PUT', body?: unknown }} [options]
 * @returns {Promise<unknown>}
 * @throws LabRefusal, with a sentence to show
 */
export async function askLab(path, { method = 'GET', body } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal: AbortSignal.timeout(answerMsMax),
      ...(method !== 'GET' && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body ?? {}),
      }),
    });
    const answer = await response.json();
    if (response.ok) return answer;
    throw new LabRefusal(answer.message ?? `The lab answered ${response.status}.`, answer.mistakes ?? []);
  } catch (error) {
    if (error instanceof LabRefusal) throw error;
    throw new LabRefusal('The lab does not answer: is it still running? Nothing was changed here.', []);
  }
}

/**
 * @typedef {object} LabListener
 * @property {(isConnected: boolean) => void} connection
 * @property {(run: RunView) => void} run
 * @property {(sample: LiveSample) => void} sample
 * @property {(routes: RoutesNow) => void} routes
 * @property {(event: RunEvent) => void} event
 * @property {(checking: { checked: number, orders: number }) => void} checking
 * @property {(limit: LimitSearchView) => void} limit
 */

const retryMs = 2_000;

/**
 * Hears everything the lab tells, and comes again when it was lost.
 * @param {LabListener} listener
 */
export function hearLab(listener) {
  const source = new EventSource('/api/events');
  source.addEventListener('open', () => listener.connection(true));
  source.addEventListener('error', () => {
    listener.connection(false);
    // A browser comes again by itself unless it was answered with an error.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => hearLab(listener), retryMs);
  });
  for (const name of /** @type {const} */ (['run', 'sample', 'routes', 'event', 'checking', 'limit'])) {
    source.addEventListener(name, (message) => listener[name](JSON.parse(message.data)));
  }
}
