/**
 * The storage ceiling: the engine alone, handed ready submissions in batches of several sizes, with its
 * full durability. `bun lab/baselines/storage-ceiling.ts --folder /tmp --seconds 1`; prints JSON.
 */
import { parseArgs } from 'node:util';
import { openEngine } from '../engine/engine-under-test.ts';
import { createSubmissions } from '../engine/submissions.ts';

/** Submissions made beforehand for one size, so that making them is not measured. */
const readyMax = 60_000;
const secondsMax = 60;

const { values } = parseArgs({
  options: {
    database: { type: 'string', default: '' },
    seconds: { type: 'string', default: '1' },
    sizes: { type: 'string', default: '1,10,50,200,1000' },
  },
});
const seconds = Math.min(secondsMax, Number(values.seconds));
const store = await openEngine(values.database);
const lanes = values.database.startsWith('sqlite:') ? 1 : store.commitsInFlightMax;
const { products } = await store.listProducts(null, 1_000);
const newSubmission = createSubmissions({ skus: products.map(({ sku }) => sku), seed: 1, nowMs: Date.now });

async function measure(size: number): Promise<{ size: number; ordersPerSecond: number; orders: number }> {
  const ready = Array.from({ length: Math.ceil(readyMax / size) }, () =>
    Array.from({ length: size }, newSubmission),
  );
  const startedAtMs = performance.now();
  let orders = 0;
  async function commitSome(): Promise<void> {
    for (let batch = ready.pop(); batch !== undefined; batch = ready.pop()) {
      const outcomes = await store.commitBatch(batch);
      if (outcomes.some(({ kind }) => kind !== 'placed')) throw new Error('an order was not placed');
      orders += size;
      if (performance.now() - startedAtMs > seconds * 1_000) break;
    }
  }
  await Promise.all(Array.from({ length: lanes }, commitSome));
  return { size, orders, ordersPerSecond: Math.round((orders / (performance.now() - startedAtMs)) * 1_000) };
}

const batches: Awaited<ReturnType<typeof measure>>[] = [];
for (const size of values.sizes.split(',').map(Number)) batches.push(await measure(size));
const { engine, durability } = store;
await store.close();
process.stdout.write(`${JSON.stringify({ engine, durability, batches })}\n`);
