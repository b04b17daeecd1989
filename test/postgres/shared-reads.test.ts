/** A page that very many ask for at the same time is read once for all of them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OrderStore } from '../../src/storage/order-store.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aProduct, aSubmission, stockUp } from '../builders.ts';
import { place } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();
const askers = 10_000;
/** What autovacuum and the opening of a store may add. */
const othersMax = 10;

describe('reads of one page by many on PostgreSQL', { skip: missing ?? false }, () => {
  test('are one statement, and each gets an answer of its own', async () => {
    await using database = await openTestDatabase();
    /** Transactions that `use` takes. Sessions hand in their counts when they end. */
    const countedIn = async (use: (store: OrderStore) => Promise<void>): Promise<number> => {
      const counted = async () => {
        const [row] = await database.query(
          'SELECT xact_commit::int AS n FROM pg_stat_database WHERE datname = current_database()',
        );
        return Number(row?.['n']);
      };
      const before = await counted();
      const store = await openPostgresStore({ location: locationOf(database.url), settings: testSettings });
      await use(store);
      await store.close();
      return (await counted()) - before;
    };
    let orderId = '';
    await countedIn(async (store) => {
      await stockUp(store, [aProduct()]);
      ({ orderId } = await place(store, aSubmission()));
    });
    const byOne = await countedIn(async (store) => {
      await store.findConfirmation(orderId, 3);
    });
    const byMany = await countedIn(async (store) => {
      const answers = await Promise.all(
        Array.from({ length: askers }, () => store.findConfirmation(orderId, 3)),
      );
      const [first, second] = answers;
      assert.deepEqual(first, second);
      assert.notEqual(first?.order, second?.order, 'nobody changes what another was answered');
      assert.ok(answers.every((answer) => answer?.order.orderId === orderId));
    });
    assert.ok(byMany - byOne <= othersMax, `${byMany} transactions for many, ${byOne} for one`);
  });
});
