/**
 * What distribution costs where it can't pay: the same batches and pages through the engine on one PostgreSQL,
 * and on a coordinator with two workers, all of the same programs, settings and disk, all on this machine.
 *
 *   CITUS_BIN=/usr/lib/postgresql/16/bin bun lab/choices/citus.ts
 */
import type { OrderStore } from '../../src/storage/order-store.ts';
import { citusBin, distributeSql, startCitus } from '../citus/citus-cluster.ts';
import { migrateEngine, openEngine } from '../engine/engine-under-test.ts';
import { createSubmissions } from '../engine/submissions.ts';
import { startPostgres } from '../postgres/postgres-server.ts';
import { compareAsync } from './interleave.ts';

const bin = citusBin();
if (bin === null) {
  process.stderr.write('CITUS_BIN must name the folder with the programs of a PostgreSQL that has Citus.\n');
  process.exit(2);
}

const pagesAtOnce = 50;
const batchSizes = [1, 32, 256];

async function sideOf(store: OrderStore) {
  const { products } = await store.listProducts(null, 1_000);
  const newSubmission = createSubmissions({ skus: products.map(({ sku }) => sku), seed: 1, nowMs: Date.now });
  let recent: readonly string[] = [];
  return {
    async commit(size: number): Promise<void> {
      const outcomes = await store.commitBatch(Array.from({ length: size }, newSubmission));
      if (outcomes.some(({ kind }) => kind !== 'placed')) throw new Error('an order was refused');
      recent = outcomes.flatMap((outcome) => ('order' in outcome ? [outcome.order.orderId] : []));
    },
    async showPages(): Promise<void> {
      const asked = Array.from({ length: pagesAtOnce }, (_, nth) => recent[nth % recent.length] ?? '');
      await Promise.all(asked.map((orderId) => store.findConfirmation(orderId, 3)));
    },
  };
}

await using server = await startPostgres({ bin, fsync: true });
await using cluster = await startCitus({ bin, fsync: true });
await cluster.createDatabase('shop');
const distributedUrl = cluster.coordinator.url('shop');
await migrateEngine(distributedUrl);
await cluster.coordinator.query(distributeSql, 'shop');
const single = await openEngine(server.url('postgres'));
const distributed = await openEngine(distributedUrl);
const [one, many] = [await sideOf(single), await sideOf(distributed)];

const [versions] = await cluster.coordinator.query(
  "SELECT current_setting('server_version') AS server, citus_version() AS citus",
  'shop',
);
process.stdout.write(`PostgreSQL ${versions?.['server']}, ${versions?.['citus']}, fsync on\n`);
for (const size of batchSizes) {
  await compareAsync(
    `Durable batches of ${size}, per order`,
    [
      { name: 'one PostgreSQL', run: () => one.commit(size) },
      { name: 'Citus, two workers', run: () => many.commit(size) },
    ],
    size,
  );
}
await compareAsync(
  `${pagesAtOnce} confirmation pages asked for at once, per page`,
  [
    { name: 'one PostgreSQL', run: () => one.showPages() },
    { name: 'Citus, two workers', run: () => many.showPages() },
  ],
  pagesAtOnce,
);
await single.close();
await distributed.close();
