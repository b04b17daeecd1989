/** The whole engine contract with orders distributed over two workers. */
import { describe, test } from 'node:test';
import type { OpenedStore } from '../order-store/opened-store.ts';
import { describeOrderStore } from '../order-store.contract.ts';
import { describeAgreement } from '../order-store.model.ts';
import { openStoreOn } from '../postgres/opened-postgres-store.ts';
import { citusMissing, openCitusDatabase } from './citus-databases.ts';

async function openTemporary(): Promise<OpenedStore> {
  return openStoreOn(await openCitusDatabase());
}

const missing = citusMissing;
if (missing === null) {
  describeOrderStore('Citus', openTemporary);
  // A run reads everything after each operation, which takes 16 s here: every read asks all nodes.
  describeAgreement('Citus', openTemporary, { runs: 5, runMaxMs: 60_000 });
} else {
  describe('the order store on Citus', () => {
    test('everything', { skip: missing }, () => undefined);
  });
}
