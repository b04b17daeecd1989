import { get } from './requests.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'Health check',
  about: 'GET /health_check again and again: the cost of HTTP alone, without an order.',
  tasks: [
    {
      weight: 1,
      *run() {
        yield get('/health_check');
      },
    },
  ],
};
