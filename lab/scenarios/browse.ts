import { get, pause } from './requests.ts';
import type { Scenario } from './scenario.ts';

const product = { route: 'GET /api/v1/products/{sku}' };

export const scenario: Scenario = {
  title: 'Browse',
  about:
    'Opens the shop, thinks, looks at a few products and at the popular products of their state; orders nothing.',
  requestsPerJourney: 3.5,
  tasks: [
    {
      weight: 3,
      *run({ random, products }) {
        yield get('/');
        for (let looks = random.whole(1, 4); looks > 0 && products.length > 0; looks -= 1) {
          yield pause(500, 3_000);
          yield get(`/api/v1/products/${random.pick(products).sku}`, product);
        }
      },
    },
    {
      weight: 1,
      *run({ random }) {
        yield get('/');
        yield pause(500, 3_000);
        const state = random.pick(['CA', 'TX', 'NY', 'WY']);
        yield get(`/api/v1/states/${state}/top-products`, {
          route: 'GET /api/v1/states/{state}/top-products',
        });
      },
    },
  ],
};
