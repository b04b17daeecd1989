import { wellStocked } from './choose-products.ts';
import { confirmationPage, confirmationPath, type OrderStep, order } from './requests.ts';
import type { Answer, Scenario } from './scenario.ts';

interface Sent {
  readonly step: OrderStep;
  /** The order that the first 201 named. */
  path?: string;
}
let latest: Sent | null = null;

function mustBeTheSameOrder(sent: Sent, answer: Answer): void {
  if (answer.status !== 201) return;
  const path = confirmationPath(answer);
  sent.path ??= path;
  if (path !== sent.path) throw new Error(`key ${sent.step.order.key} got two orders: ${path}, ${sent.path}`);
}

export const scenario: Scenario = {
  title: 'Duplicates and retries',
  about:
    'Sends orders again with their keys: later, at once from another connection, and when no answer came. There must be one order for each key.',
  requestsPerJourney: 2.6,
  tasks: [
    {
      weight: 4,
      *run({ random, products }) {
        const sent: Sent = { step: order(random, random.pick(wellStocked(products))) };
        latest = sent;
        let answer = yield sent.step;
        for (let tries = 1; answer.status === 0 && tries < 10; tries += 1) answer = yield sent.step;
        mustBeTheSameOrder(sent, answer);
        if (answer.status !== 201) return;
        mustBeTheSameOrder(sent, yield sent.step);
        yield confirmationPage(answer);
      },
    },
    {
      weight: 1,
      *run() {
        if (latest !== null) mustBeTheSameOrder(latest, yield latest.step);
      },
    },
  ],
};
