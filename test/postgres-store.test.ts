import { describe, test } from 'node:test';
import { openPostgresStore } from '../src/storage/postgres/postgres-store.ts';
import type { OpenedStore } from './order-store/opened-store.ts';
import { describeOrderStore } from './order-store.contract.ts';
import { describeAgreement } from './order-store.model.ts';
import {
  locationOf,
  openTestDatabase,
  postgresMissing,
  testSettings,
} from './postgres/postgres-databases.ts';

async function openTemporary(): Promise<OpenedStore> {
  const database = await openTestDatabase();
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

const missing = await postgresMissing();
if (missing === null) {
  describeOrderStore('PostgreSQL', openTemporary);
  describeAgreement('PostgreSQL', openTemporary);
} else {
  describe('the order store on PostgreSQL', () => {
    test('everything', { skip: missing }, () => undefined);
  });
}
