/**
 * The storage ceiling: the engine alone, handed ready submissions in batches of several sizes, with its
 * full durability. `bun lab/baselines/storage-ceiling.ts --folder /tmp --seconds 1`; prints JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine } from '../engine/engine-under-test.ts';
import { createSubmissions } from '../engine/submissions.ts';

/** Submissions made beforehand for one size, so that making them is not measured. */
const readyMax = 60_000;
const secondsMax = 60;

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: '/tmp' },
    seconds: { type: 'string', default: '1' },
    sizes: { type: 'string', default: '1,10,50,200,1000' },
  },
});
const seconds = Math.min(secondsMax, Number(values.seconds));
const folder = mkdtempSync(join(values.folder, 'storage-ceiling-'));
try {
  const store = await openEngine(join(folder, 'orders.db'));
  const { products } = await store.listProducts(null, 1_000);
  const newSubmission = createSubmissions({ skus: products.map(({ sku }) => sku), seed: 1, nowMs: Date.now });
  const batches: { size: number; ordersPerSecond: number; orders: number }[] = [];
  for (const size of values.sizes.split(',').map(Number)) {
    const ready = Array.from({ length: Math.ceil(readyMax / size) }, () =>
      Array.from({ length: size }, newSubmission),
    );
    const startedAtMs = performance.now();
    let orders = 0;
    for (const batch of ready) {
      const outcomes = await store.commitBatch(batch);
      if (outcomes.some(({ kind }) => kind !== 'placed')) throw new Error('an order was not placed');
      orders += size;
      if (performance.now() - startedAtMs > seconds * 1_000) break;
    }
    const ordersPerSecond = Math.round((orders / (performance.now() - startedAtMs)) * 1_000);
    batches.push({ size, ordersPerSecond, orders });
  }
  const { engine, durability } = store;
  await store.close();
  process.stdout.write(`${JSON.stringify({ engine, durability, batches })}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
