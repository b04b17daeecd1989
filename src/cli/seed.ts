/** `nozama seed`: loads the demo catalogue into a shop that has no products. */
import { seedDemoCatalog } from '../catalog/seed-demo-catalog.ts';
import { databaseAt } from '../storage/engines.ts';
import type { Command } from './command.ts';
import { loadConfig } from './load-config.ts';

export const command: Command = {
  usage: `Loads the demo catalogue into a shop that has no products. It changes nothing in a shop that has some.

Usage: nozama seed

DEMO_STOCK sets the units of every product.
Exit codes: 0 loaded, or the shop had products; 1 failed; 2 wrong arguments or configuration.
`,
  options: {},
  positionals: [],
  async run() {
    const { databaseUrl, engineSettings, demoStock } = loadConfig();
    const store = await databaseAt(databaseUrl, engineSettings).open();
    try {
      const seeded = await seedDemoCatalog(store, { demoStock, nowMs: Date.now() });
      process.stdout.write(
        seeded ? 'The demo catalogue is loaded.\n' : 'The shop already has products: nothing changed.\n',
      );
      return 0;
    } finally {
      await store.close();
    }
  },
};
