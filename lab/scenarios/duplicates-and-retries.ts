import { wellStocked } from './choose-products.ts';
import { confirmationPath, get, order } from './requests.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'Duplicates and retries',
  about:
    'Sends each order again with its key, also when no answer came: the answer must be the same order, never a second one.',
  requestsPerJourney: 3,
  tasks: [
    {
      weight: 1,
      *run({ random, products }) {
        const step = order(random, random.pick(wellStocked(products)));
        let placed = yield step;
        for (let tries = 1; placed.status === 0 && tries < 10; tries += 1) placed = yield step;
        if (placed.status !== 201) return;
        const again = yield step;
        if (again.status === 201 && confirmationPath(again) !== confirmationPath(placed))
          throw new Error(`the key ${step.order.key} got two orders: ${again.text()} and ${placed.text()}`);
        yield get(confirmationPath(placed), { route: 'GET /orders/{id}' });
      },
    },
  ],
};
