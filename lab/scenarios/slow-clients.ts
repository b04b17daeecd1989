import { wellStocked } from './choose-products.ts';
import { get, order } from './requests.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'Slow clients',
  about: 'Some send their order byte by byte over seconds; the others must not notice.',
  tasks: [
    {
      weight: 1,
      *run({ random, products }) {
        const bytesPerSecond = random.whole(100, 400);
        const route = 'POST /api/v1/orders (slowly)';
        yield order(random, random.pick(wellStocked(products)), { bytesPerSecond, route });
      },
    },
    {
      weight: 4,
      *run({ random, products }) {
        yield order(random, random.pick(wellStocked(products)), { keepsBody: false });
        yield get('/health_check');
      },
    },
  ],
};
