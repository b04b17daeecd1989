import { get } from './requests.ts';
import type { Scenario } from './scenario.ts';

interface Page {
  readonly products: readonly { readonly sku: string }[];
  readonly next_cursor: string | null;
}

export const scenario: Scenario = {
  title: 'Catalogue crawl',
  about: 'Reads the catalogue page by page, and every product on it, as a search engine does.',
  // The demo catalogue: one page of twenty.
  requestsPerJourney: 21,
  tasks: [
    {
      weight: 1,
      *run() {
        for (let cursor: string | null = ''; cursor !== null; ) {
          const path = `/api/v1/products?limit=20${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
          const answer = yield get(path, { keepsBody: true, route: 'GET /api/v1/products' });
          if (answer.status !== 200) return;
          const page = answer.json() as Page;
          for (const { sku } of page.products)
            yield get(`/api/v1/products/${sku}`, { route: 'GET /api/v1/products/{sku}' });
          cursor = page.next_cursor;
        }
      },
    },
  ],
};
