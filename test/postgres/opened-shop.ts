/** A shop for the contract of its log, on a test's own PostgreSQL database. */
import { databaseAt } from '../../src/storage/engines.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import type { OpenedShop } from '../shop-log.contract.ts';
import { openStoreOn } from './opened-postgres-store.ts';
import { locationOf, type TestDatabase, testSettings } from './postgres-databases.ts';

/** @param logUrl of the same database, by another way unless left out */
export async function openShopOn(database: TestDatabase, logUrl = database.url): Promise<OpenedShop> {
  return {
    ...(await openStoreOn(database)),
    openStore: () => openPostgresStore({ location: locationOf(database.url), settings: testSettings }),
    openLog: () => databaseAt(logUrl).openLog(),
  };
}
