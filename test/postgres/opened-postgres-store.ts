/** A store for the engine contract on a test's own PostgreSQL database. */
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import type { OpenedStore } from '../order-store/opened-store.ts';
import { locationOf, type TestDatabase, testSettings } from './postgres-databases.ts';

export async function openStoreOn(database: TestDatabase): Promise<OpenedStore> {
  const open = () => openPostgresStore({ location: locationOf(database.url), settings: testSettings });
  const store = await open();
  let current = store;
  return {
    store,
    async reopen() {
      await current.close();
      current = await open();
      return current;
    },
    async dispose() {
      await current.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
