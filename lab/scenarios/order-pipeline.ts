import { wellStocked } from './choose-products.ts';
import { confirmationPage, order } from './requests.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'Order pipeline',
  about: 'Places an order, then opens its confirmation page with its key: the whole way of an order.',
  requestsPerJourney: 2,
  tasks: [
    {
      weight: 1,
      *run({ random, products }) {
        const placed = yield order(random, random.pick(wellStocked(products)));
        if (placed.status === 201) yield confirmationPage(placed);
      },
    },
  ],
};
