/** The statements of one batch of new orders, as the PostgreSQL engine itself makes them. */
import { decideBatch } from '../../src/domain/decide-batch.ts';
import { noRights } from '../../src/domain/grant.ts';
import type { Submission } from '../../src/domain/submission.ts';
import type { Statement } from '../../src/storage/postgres/connection.ts';
import { beginReadCommitted, lockShopAndTell } from '../../src/storage/postgres/locks.ts';
import { snapshotStatements } from '../../src/storage/postgres/snapshot.ts';
import { writeStatements } from '../../src/storage/postgres/write-set.ts';
import { benchStock, openEngine } from './engine-under-test.ts';
import { createSubmissions } from './submissions.ts';

export type { Statement } from '../../src/storage/postgres/connection.ts';

export interface BatchStatements {
  readonly submissions: readonly Submission[];
  /** Sent together: opens the transaction and reads. */
  readonly first: readonly Statement[];
  /** Sent together: writes and commits. */
  readonly second: readonly Statement[];
}

/**
 * @param databaseUrl of a database that holds the demo catalogue
 * @param sizes a batch for each, all of different orders
 * @param orderNumberFirst of each batch
 */
export async function describeBatches(
  databaseUrl: string,
  sizes: readonly number[],
  orderNumberFirst: number,
): Promise<readonly BatchStatements[]> {
  const store = await openEngine(databaseUrl);
  const { products: listed } = await store.listProducts(null, 1_000);
  await store.close();
  const products = new Map(
    listed.map(({ sku, name, priceCents, active }) => [
      sku,
      { sku, name, priceCents, active, onHand: benchStock },
    ]),
  );
  const newSubmission = createSubmissions({ skus: [...products.keys()], seed: 1, nowMs: Date.now });
  return sizes.map((size) => {
    const submissions = Array.from({ length: size }, newSubmission);
    const { writeSet } = decideBatch(
      {
        products,
        ordersByKey: new Map(),
        ordersById: new Map(),
        rightsByKey: noRights,
        orderNumberNext: orderNumberFirst,
      },
      submissions,
    );
    if (writeSet.orders.length !== size) throw new Error('an order of the batch was refused');
    return {
      submissions,
      first: [{ text: beginReadCommitted }, lockShopAndTell, ...snapshotStatements(submissions)],
      second: [...writeStatements(writeSet), { text: 'COMMIT' }],
    };
  });
}
