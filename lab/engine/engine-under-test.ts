/**
 * The one file in which the lab touches the service's insides: the storage engine, to measure it alone, to
 * fill databases faster than by HTTP, and to recount the orders of a run. Everything else goes by HTTP.
 */
import { seedDemoCatalog } from '../../src/catalog/seed-demo-catalog.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import type { VerifyReport } from '../../src/storage/verify-checks.ts';

/** So much of every demo product that no run sells out. */
export const benchStock = 1_000_000_000;

/** The engine of a DATABASE_URL, with the demo catalogue as the service would seed it. */
export async function openEngine(databaseUrl: string): Promise<OrderStore> {
  const store = await databaseAt(databaseUrl).open();
  await seedDemoCatalog(store, { demoStock: benchStock, nowMs: Date.now() });
  return store;
}

/** Brings an empty database to the schema. */
export async function migrateEngine(databaseUrl: string): Promise<void> {
  await databaseAt(databaseUrl).migrate();
}

/** Recounts everything; the service may run meanwhile. */
export function verifyEngine(databaseUrl: string): Promise<VerifyReport> {
  return databaseAt(databaseUrl).verify();
}

const logPage = 10_000;

/** How many orders the order log tells of after a position. */
export async function countLoggedOrders(store: OrderStore, afterPosition: number): Promise<number> {
  let count = 0;
  let position = afterPosition;
  for (;;) {
    const entries = await store.readOrderLog(position, logPage);
    count += entries.filter(({ type }) => type === 'order_placed').length;
    const last = entries.at(-1);
    if (last === undefined) return count;
    position = last.position;
  }
}

/** The position of the newest entry of the log, 0 when it is empty. */
export async function lastLogPosition(store: OrderStore): Promise<number> {
  // The port reads forwards only, so the end is found by doubling and then halving the distance.
  const hasAfter = async (position: number) => (await store.readOrderLog(position, 1)).length > 0;
  if (!(await hasAfter(0))) return 0;
  let below = 0;
  let step = 1;
  while (await hasAfter(below + step)) {
    below += step;
    step *= 2;
  }
  for (; step >= 1; step = Math.floor(step / 2)) {
    if (await hasAfter(below + step)) below += step;
  }
  return below + 1;
}
