import { get } from './requests.ts';
import type { Scenario } from './scenario.ts';

const pages = ['/', '/docs', '/openapi.json', '/api/v1/products?limit=100', '/metrics', '/readyz'];

export const scenario: Scenario = {
  title: 'Costly pages on fresh connections',
  about:
    'Every request opens a connection of its own and asks for a page that costs the service much; orders that come meanwhile must not wait.',
  tasks: [
    {
      weight: 3,
      *run({ random }) {
        yield get(random.pick(pages), { closesConnection: true });
      },
    },
    {
      weight: 1,
      *run({ random, products }) {
        if (products.length === 0) return;
        const { sku } = random.pick(products);
        yield get(`/?product=${encodeURIComponent(sku)}`, { closesConnection: true, route: 'GET /?product' });
      },
    },
  ],
};
