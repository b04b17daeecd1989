import type { CatalogChange, CatalogOutcome } from '../domain/decide-catalog.ts';
import { StoreUnavailableError } from '../intake/batches-at-store.ts';
import type { AccessStore } from '../storage/access-store.ts';
import type { OrderStore } from '../storage/order-store.ts';
import type { StoreReads } from './dependencies.ts';

function rethrow(cause: unknown): never {
  throw new StoreUnavailableError('the store could not be read or written', { cause });
}

function rethrowWrite(cause: unknown): never {
  throw new StoreUnavailableError('the store could not be written', { cause });
}

/** The store's reads, whose failures are told apart from bugs of ours: they are a 503, not a 500. */
export function guardReads(store: OrderStore): StoreReads {
  return {
    engine: store.engine,
    durability: store.durability,
    findOrder: (orderId) => store.findOrder(orderId).catch(rethrow),
    findOrderWithEvents: (orderId) => store.findOrderWithEvents(orderId).catch(rethrow),
    findHistoryByNumber: (number) => store.findHistoryByNumber(number).catch(rethrow),
    listOrders: (filter, beforeNumber, limit) => store.listOrders(filter, beforeNumber, limit).catch(rethrow),
    findConfirmation: (orderId, topLimit) => store.findConfirmation(orderId, topLimit).catch(rethrow),
    topProducts: (state, limit) => store.topProducts(state, limit).catch(rethrow),
    findProduct: (sku) => store.findProduct(sku).catch(rethrow),
    findProductsBySku: (skus) => store.findProductsBySku(skus).catch(rethrow),
    findProductByName: (name) => store.findProductByName(name).catch(rethrow),
    listProducts: (afterSku, limit) => store.listProducts(afterSku, limit).catch(rethrow),
    findProducts: (search, after, limit) => store.findProducts(search, after, limit).catch(rethrow),
    listCategories: (limit) => store.listCategories(limit).catch(rethrow),
    listActiveProducts: (afterSku, limit) => store.listActiveProducts(afterSku, limit).catch(rethrow),
    changeCatalog: (change, origin) => store.changeCatalog(change, origin).catch(rethrowWrite),
    listStockMovements: (sku, before, limit) => store.listStockMovements(sku, before, limit).catch(rethrow),
    saveImages: (images) => store.saveImages(images).catch(rethrowWrite),
    findImage: (hash) => store.findImage(hash).catch(rethrow),
  };
}

/** Tells of each change of the catalogue and the stock that was made. */
export function countChanges(
  reads: StoreReads,
  onChanged: (change: CatalogChange, outcome: CatalogOutcome) => void,
): StoreReads {
  return {
    ...reads,
    async changeCatalog(change, origin) {
      const outcome = await reads.changeCatalog(change, origin);
      onChanged(change, outcome);
      return outcome;
    },
  };
}

/** As {@link guardReads} does, for API keys, their writes too: nothing of a write that fails is stored. */
export function guardAccess(access: AccessStore): AccessStore {
  return {
    findApiKey: (secretHash) => access.findApiKey(secretHash).catch(rethrow),
    listApiKeys: (afterKeyId, limit) => access.listApiKeys(afterKeyId, limit).catch(rethrow),
    createApiKey: (key, audit) => access.createApiKey(key, audit).catch(rethrow),
    revokeApiKey: (keyId, audit) => access.revokeApiKey(keyId, audit).catch(rethrow),
    readAudit: (beforePosition, limit) => access.readAudit(beforePosition, limit).catch(rethrow),
    readAuditHead: () => access.readAuditHead().catch(rethrow),
    noteKeyUse: (keyId, atMs) => access.noteKeyUse(keyId, atMs).catch(rethrow),
  };
}
