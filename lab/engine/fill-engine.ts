/** Fills a database with orders placed before, through the engine itself, in large batches. */
import type { Submission } from '../../src/domain/submission.ts';
import { lastLogPosition, openEngine } from './engine-under-test.ts';
import { createSubmissions } from './submissions.ts';

export interface FilledDatabase {
  readonly orders: number;
  readonly seconds: number;
  /** Where the order log ends: what comes after it was placed by a run. */
  readonly logPosition: number;
  /** Paths of confirmation pages, spread evenly over all orders. */
  readonly pagePaths: readonly string[];
}

const batchSize = 5_000;
const pagePathsMax = 20_000;
/**
 * Orders of the past come this fast, so that ten million of them are still less than three hours old and
 * every idempotency key is one the service must keep.
 */
const ordersPerMs = 1;

export async function fillEngine(
  databaseUrl: string,
  orders: number,
  onProgress: (done: number) => void,
): Promise<FilledDatabase> {
  const startedAtMs = performance.now();
  const store = await openEngine(databaseUrl);
  const { products } = await store.listProducts(null, 1_000);
  const firstAtMs = Date.now() - Math.ceil(orders / ordersPerMs) - 60_000;
  let made = 0;
  const newSubmission = createSubmissions({
    skus: products.map(({ sku }) => sku),
    seed: 1,
    nowMs: () => firstAtMs + Math.floor(made / ordersPerMs),
  });
  const pagePaths: string[] = [];
  const pageEvery = Math.max(1, Math.ceil(orders / pagePathsMax));

  function nextBatch(): Submission[] {
    const batch: Submission[] = [];
    while (batch.length < batchSize && made < orders) {
      const submission = newSubmission();
      if (made % pageEvery === 0) pagePaths.push(`/orders/${submission.orderId}`);
      batch.push(submission);
      made += 1;
    }
    return batch;
  }

  let batch = nextBatch();
  while (batch.length > 0) {
    const committing = store.commitBatch(batch);
    // Made while the engine's own thread writes the one before.
    const following = nextBatch();
    for (const { kind } of await committing) {
      if (kind !== 'placed') throw new Error(`an order for the filled database was ${kind}`);
    }
    onProgress(made - following.length);
    batch = following;
  }
  const logPosition = await lastLogPosition(store);
  await store.close();
  return { orders, seconds: (performance.now() - startedAtMs) / 1_000, logPosition, pagePaths };
}
