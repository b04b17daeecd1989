/** How outcomes cross from the writing thread: whole orders, or what the other side does not know. */
import { decideBatch } from '../../src/domain/decide-batch.ts';
import { decodeOutcomes, encodeOutcomes } from '../../src/storage/sqlite/commit-reply.ts';
import { createSubmissions } from '../engine/submissions.ts';
import { compare } from './interleave.ts';

const ordersPerBatch = 20;

const product = {
  sku: 'tent-4p',
  name: 'Sundown Four-Person Tent',
  priceCents: 19_999,
  onHand: 1e9,
  active: true,
};
const newSubmission = createSubmissions({ skus: [product.sku], seed: 1, nowMs: Date.now });
const submissions = Array.from({ length: ordersPerBatch }, newSubmission);
const { outcomes } = decideBatch(
  {
    products: new Map([[product.sku, product]]),
    ordersByKey: new Map(),
    ordersById: new Map(),
    orderNumberNext: 1001,
  },
  submissions,
);

compare(
  'Outcomes to text and back, for each order',
  [
    { name: 'whole orders', run: () => JSON.parse(JSON.stringify(outcomes)) },
    { name: 'what is not known', run: () => decodeOutcomes(encodeOutcomes(outcomes), submissions) },
  ],
  ordersPerBatch,
);
