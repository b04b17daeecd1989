/** The ways in which `sabotage.ts` breaks the decision on a batch of commands. */
import type { Sabotage } from './sabotages.ts';

const domainTests = [
  'decide-batch',
  'decide-batch.idempotency',
  'decide-batch.properties',
  'take-step.properties',
].map((name) => `src/domain/${name}.test.ts`);

export const domainSabotages: readonly Sabotage[] = [
  {
    name: 'skip the stock check',
    file: 'src/domain/decide-batch.ts',
    find: 'if (shortages.length > 0)',
    replace: 'if (shortages.length > 99)',
    tests: domainTests,
  },
  {
    name: 'forget the stock that earlier orders of the batch took',
    file: 'src/domain/batch-draft.ts',
    find: '(snapshot.products.get(sku)?.onHand ?? 0) - (stockTaken.get(sku) ?? 0)',
    replace: 'snapshot.products.get(sku)?.onHand ?? stockTaken.get(sku) ?? 0',
    tests: domainTests,
  },
  {
    name: 'one unit more than there is',
    file: 'src/domain/decide-batch.ts',
    find: 'if (quantity > available)',
    replace: 'if (quantity > available + 1)',
    tests: domainTests,
  },
  {
    name: 'let a bad order pull its neighbours down',
    file: 'src/domain/decide-batch.ts',
    find: "if ('problems' in priced) return",
    replace: "if ('problems' in priced) throw new Error('rejected'); if ('problems' in priced) return",
    tests: domainTests,
  },
  {
    name: 'count units as orders',
    file: 'src/domain/decide-batch.ts',
    find: 'counter.orders += 1;',
    replace: 'counter.orders += quantity;',
    tests: domainTests,
  },
  {
    name: 'replay an order for another payload',
    file: 'src/domain/batch-draft.ts',
    find: 'sameKey.fingerprint === idempotency.fingerprint',
    replace: 'sameKey.fingerprint !== null',
    tests: domainTests,
  },
  {
    name: 'miss a key that comes twice in one batch',
    file: 'src/domain/batch-draft.ts',
    find: 'draft.snapshot.ordersByKey.get(id) ?? draft.placedByKey.get(id)',
    replace: 'draft.snapshot.ordersByKey.get(id)',
    tests: domainTests,
  },
  {
    name: 'write a price in the order that the catalogue does not have',
    file: 'src/domain/decide-batch.ts',
    find: 'unitPriceCents: product.priceCents, lineTotalCents',
    replace: 'unitPriceCents: product.priceCents + 1, lineTotalCents',
    tests: domainTests,
  },
];
