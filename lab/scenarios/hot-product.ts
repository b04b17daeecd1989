import { wellStocked } from './choose-products.ts';
import { order } from './requests.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'One hot product',
  about: 'Every order is for the same product, so that all of them want to change the same stock.',
  tasks: [
    {
      weight: 1,
      *run({ random, products }) {
        const [hot = random.pick(products)] = wellStocked(products);
        yield order(random, hot, { keepsBody: false });
      },
    },
  ],
};
