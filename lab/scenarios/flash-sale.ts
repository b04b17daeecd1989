import { scarcest } from './choose-products.ts';
import { confirmationPage, get, order } from './requests.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'Flash sale',
  about:
    'All shoppers want the last units of the scarcest product. The answer "sold out" counts as a success.',
  requestsPerJourney: 2,
  stock: 1_000,
  tasks: [
    {
      weight: 1,
      *run({ random, products }) {
        const { sku } = scarcest(products);
        yield get(`/api/v1/products/${sku}`, { route: 'GET /api/v1/products/{sku}' });
        const placed = yield order(random, { sku }, { expects: [201, 409] });
        if (placed.status === 409 && !placed.text().includes('"out_of_stock"'))
          throw new Error(`refused for another reason than stock: ${placed.text()}`);
        if (placed.status === 201) yield confirmationPage(placed);
      },
    },
  ],
};
