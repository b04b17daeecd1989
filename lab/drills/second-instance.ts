import { join } from 'node:path';
import { endure } from './endure.ts';
import type { Fault } from './fault.ts';
import { type Shopping, shopAtBoth } from './shop-at-both.ts';

export const secondInstance: Fault = {
  name: 'second-instance',
  title: 'Start a second instance on the same database',
  about:
    'Both take orders, and some orders are sent to both at once with one key: each must be placed once, and answered alike.',
  usualMs: 2_000,
  isFelt: false,
  isPossible: (service) => service.isRunning() || 'The service does not run',
  run: async (context) => {
    const { service, ledgerFolder = null, say } = context;
    let shopping: Shopping | null = null;
    await endure(context, {
      begin: async () => {
        const url = await service.startSecond();
        if (ledgerFolder === null) return;
        shopping = shopAtBoth([service.url, url], join(ledgerFolder, 'ledger-second.tsv'));
      },
      begun: 'A second instance is ready on the same database',
      end: async () => {
        try {
          const orders = await shopping?.end();
          if (orders !== undefined) say(`${orders} orders were sent to both, and placed once`, 'over');
        } finally {
          await service.stopSecond();
        }
      },
      ended: 'The second instance has ended',
    });
  },
};
