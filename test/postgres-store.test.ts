import { describe, test } from 'node:test';
import type { OpenedStore } from './order-store/opened-store.ts';
import { describeOrderStore } from './order-store.contract.ts';
import { describeAgreement } from './order-store.model.ts';
import { openStoreOn } from './postgres/opened-postgres-store.ts';
import { openTestDatabase, postgresMissing } from './postgres/postgres-databases.ts';

async function openTemporary(): Promise<OpenedStore> {
  return openStoreOn(await openTestDatabase());
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
