/** A store that reaches its database through a proxy, and another instance beside it that does not. */

import { type CuttingProxy, startCuttingProxy } from '../../lab/postgres/cutting-proxy.ts';
import type { OrderStore } from '../../src/storage/order-store.ts';
import type { PostgresSettings } from '../../src/storage/postgres/postgres-settings.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aProduct, aSubmission, stockUp } from '../builders.ts';
import { assertVerifiesClean } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, type TestDatabase, testSettings } from './postgres-databases.ts';

export interface ProxiedStore {
  readonly store: OrderStore;
  readonly proxy: CuttingProxy;
  /** Another instance, whose connections are never cut. */
  readonly other: OrderStore;
  readonly database: TestDatabase;
}

/** Units of `tent-4p` before the first order, which takes one. */
export const stock = 100;

/** One order has been placed when `use` is called; the books must agree when it has ended. */
export async function withProxiedStore(
  use: (given: ProxiedStore) => Promise<void>,
  settings: Partial<PostgresSettings> = {},
): Promise<void> {
  await using database = await openTestDatabase();
  const url = new URL(database.url);
  await using proxy = await startCuttingProxy(Number(url.port || 5_432));
  const other = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
  url.host = `127.0.0.1:${proxy.port}`;
  const store = await openPostgresStore({
    location: locationOf(url.href),
    settings: { ...testSettings, ...settings },
  });
  try {
    await stockUp(other, [aProduct({ onHand: stock })]);
    // Opens a connection and prepares its statements, so that a cut meets a batch as most are.
    await store.commitBatch([aSubmission()]);
    await use({ store, proxy, other, database });
    await assertVerifiesClean(other);
  } finally {
    await store.close();
    await other.close();
  }
}
