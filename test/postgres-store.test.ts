import { after, describe, test } from 'node:test';
import type { OpenedStore } from './order-store/opened-store.ts';
import { describeOrderStore } from './order-store.contract.ts';
import { describeAgreement } from './order-store.model.ts';
import { emptyShop } from './postgres/emptied-database.ts';
import { openStoreOn } from './postgres/opened-postgres-store.ts';
import { openTestDatabase, postgresMissing, type TestDatabase } from './postgres/postgres-databases.ts';

let emptied: Promise<TestDatabase> | undefined;

after(async () => {
  await (await emptied)?.[Symbol.asyncDispose]();
});

async function openTemporary(): Promise<OpenedStore> {
  emptied ??= openTestDatabase();
  const database = await emptied;
  await emptyShop(database);
  // Kept for the next test.
  return openStoreOn({ ...database, async [Symbol.asyncDispose]() {} });
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
