/** Several instances on one test database, as a shop with more than one service has them. */
import assert from 'node:assert/strict';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { until } from '../journeys/behind-the-service.ts';
import { assertVerifiesClean } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, type TestDatabase, testSettings } from './postgres-databases.ts';

/**
 * Opens as many instances on one database as asked for, each with three connections that write. In the end it must
 * verify clean, and none of its transactions may have waited for each other in a circle: retries would hide that.
 */
export async function withInstances(
  count: number,
  use: (stores: readonly OrderStore[], database: TestDatabase) => Promise<void>,
): Promise<void> {
  await using database = await openTestDatabase();
  const location = locationOf(database.url);
  const stores: OrderStore[] = [];
  try {
    for (let i = 0; i < count; i += 1) {
      stores.push(await openPostgresStore({ location, settings: { ...testSettings, writeConnections: 3 } }));
    }
    await use(stores, database);
    for (const store of stores) await assertVerifiesClean(store);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
  await assertNoDeadlock(database);
}

async function assertNoDeadlock(database: TestDatabase): Promise<void> {
  // Sessions hand in what they have counted when they end.
  const sessions = `SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'nozama%'`;
  await until(async () => (await database.query(sessions)).length === 0, 'the end of the sessions');
  const counted: readonly unknown[] = await database.query(
    'SELECT deadlocks::int AS deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  assert.deepEqual(counted, [{ deadlocks: 0 }]);
}
