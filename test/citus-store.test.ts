/** The whole engine contract with orders distributed over two workers; see test/citus/. */
import { describe, test } from 'node:test';
import { citusMissing, openCitusDatabase } from './citus/citus-databases.ts';
import type { OpenedStore } from './order-store/opened-store.ts';
import { describeOrderStore } from './order-store.contract.ts';
import { describeAgreement } from './order-store.model.ts';
import { openStoreOn } from './postgres/opened-postgres-store.ts';

async function openTemporary(): Promise<OpenedStore> {
  return openStoreOn(await openCitusDatabase());
}

const missing = citusMissing;
if (missing === null) {
  describeOrderStore('Citus', openTemporary);
  describeAgreement('Citus', openTemporary);
} else {
  describe('the order store on Citus', () => {
    test('everything', { skip: missing }, () => undefined);
  });
}
