/** `nozama seed`: loads the demo catalogue into a shop that has no products. */
import { type SeedOptions, seedDemoCatalog } from '../catalog/seed-demo-catalog.ts';
import type { Config } from '../config.ts';
import { openOrderStore } from '../storage/open-order-store.ts';

export async function seedCommand(
  { databaseUrl, engineSettings }: Pick<Config, 'databaseUrl' | 'engineSettings'>,
  options: SeedOptions,
  write: (text: string) => void,
): Promise<number> {
  const store = await openOrderStore(databaseUrl, engineSettings);
  try {
    const seeded = await seedDemoCatalog(store, options);
    write(seeded ? 'The demo catalogue is loaded.\n' : 'The shop already has products: nothing changed.\n');
    return 0;
  } finally {
    await store.close();
  }
}
