/**
 * The engine contract: what `src/storage/order-store.ts` promises, compared with a real engine.
 *
 * A new engine's test file calls {@link describeOrderStore} with a way to open an empty store; it may add
 * tests of its own, but skips none of these. After each test the store must verify clean.
 */
import { describe } from 'node:test';
import { describeAccess } from './order-store/access.ts';
import { describeAuditOfSteps } from './order-store/audit-of-steps.ts';
import { describeCatalogue } from './order-store/catalogue.ts';
import { describeChangingCatalogue } from './order-store/changing-catalogue.ts';
import { describeFindingProducts } from './order-store/finding-products.ts';
import { describeGrants } from './order-store/grants.ts';
import { describeIdempotency } from './order-store/idempotency.ts';
import { describeLifetime } from './order-store/lifetime.ts';
import { describeListingOrders } from './order-store/listing-orders.ts';
import type { OpenStore } from './order-store/opened-store.ts';
import { describeOrderLog } from './order-store/order-log.ts';
import { describePlacing } from './order-store/placing.ts';
import { describeRanking } from './order-store/ranking.ts';
import { describeSteps } from './order-store/steps.ts';
import { describeStock } from './order-store/stock.ts';

export function describeOrderStore(name: string, openStore: OpenStore): void {
  describe(`the order store on ${name}`, () => {
    describePlacing(openStore);
    describeIdempotency(openStore);
    describeSteps(openStore);
    describeGrants(openStore);
    describeAuditOfSteps(openStore);
    describeStock(openStore);
    describeRanking(openStore);
    describeCatalogue(openStore);
    describeChangingCatalogue(openStore);
    describeFindingProducts(openStore);
    describeListingOrders(openStore);
    describeOrderLog(openStore);
    describeAccess(openStore);
    describeLifetime(openStore);
  });
}
