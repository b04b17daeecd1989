/**
 * Instances that take turns: their batches are joined by the orders that come meanwhile. `SEED=…` replays the race,
 * `RUNS=…` makes more or fewer.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCommitBatcher } from '../../src/intake/commit-batcher.ts';
import type { CommitReport } from '../../src/storage/order-store.ts';
import { openPostgresStore } from '../../src/storage/postgres/postgres-store.ts';
import { aProduct, aSubmission, stockUp } from '../builders.ts';
import { seededRandom } from '../drills/outside-ledger.ts';
import { assertVerifiesClean, onHandOf } from '../order-store/opened-store.ts';
import { locationOf, openTestDatabase, postgresMissing, testSettings } from './postgres-databases.ts';

const missing = await postgresMissing();
const seed = Number(process.env['SEED'] || Date.now() % 2 ** 31);
const numRuns = Number(process.env['RUNS'] || 20);

describe('instances that take turns on PostgreSQL', { skip: missing ?? false }, () => {
  for (const count of [2, 4]) {
    test(`${count} of them sell the last units once, in fewer commits than orders (SEED=${seed} RUNS=${numRuns})`, {
      timeout: 300_000,
    }, async () => {
      const random = seededRandom(seed + count);
      const below = (bound: number) => Math.floor(random() * bound);
      await using database = await openTestDatabase();
      const commits: CommitReport[] = [];
      const stores = await Promise.all(
        Array.from({ length: count }, () =>
          openPostgresStore({
            location: locationOf(database.url),
            settings: { ...testSettings, writeConnections: 1 },
            onCommit: (report) => commits.push(report),
          }),
        ),
      );
      const batchers = stores.map((store) =>
        createCommitBatcher({ store, queueDepthMax: 1_000, batchSizeMax: 40, onCommit: () => undefined }),
      );
      const [first] = stores;
      assert.ok(first);
      try {
        let submitted = 0;
        for (let run = 0; run < numRuns; run += 1) {
          const stock = 1 + below(60);
          const skus = [`hot-${run}`, `cold-${run}`, `other-${run}`];
          const [hot = ''] = skus;
          await stockUp(
            first,
            skus.map((sku) => aProduct({ sku, onHand: sku === hot ? stock : 1_000 })),
          );
          const customers = Array.from({ length: 120 }, async (_, nth) => {
            await sleep(below(15));
            const lines = [
              ...(nth % 3 === 0 ? [] : [{ sku: hot, quantity: 1 }]),
              { sku: skus[1 + below(2)] ?? hot, quantity: 1 },
            ];
            const submission = aSubmission({ lines: random() < 0.5 ? lines : lines.toReversed() });
            const outcome = await batchers[nth % count]?.submit(submission);
            assert.ok(outcome?.kind === 'placed' || outcome?.kind === 'out_of_stock', outcome?.kind);
            if (outcome.kind === 'placed') assert.equal(outcome.order.orderId, submission.orderId);
            return outcome.kind === 'placed' && nth % 3 !== 0 ? 1 : 0;
          });
          const sold = (await Promise.all(customers)).reduce<number>((sum, units) => sum + units, 0);
          submitted += customers.length;
          assert.equal(sold, Math.min(stock, 80));
          assert.equal(await onHandOf(first, hot), stock - sold);
        }
        assert.equal(
          commits.reduce((sum, { size }) => sum + size, 0),
          submitted,
        );
        assert.ok(
          commits.every(({ size, succeeded }) => succeeded && size <= 40),
          'no batch is larger than allowed, none fails',
        );
        assert.ok(commits.length < submitted / 2, `${commits.length} commits for ${submitted} orders`);
        await assertVerifiesClean(first);
      } finally {
        await Promise.all(stores.map((store) => store.close()));
      }
    });
  }
});
