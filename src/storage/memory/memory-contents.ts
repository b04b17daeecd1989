import type { Order } from '../../domain/order.ts';
import type { Idempotency } from '../../domain/submission.ts';
import type { CatalogProduct, PositionedLogEntry, StockReceipt } from '../order-store.ts';

/** Everything the store knows. Outlives the store when it is passed in, as a database file would. */
export interface MemoryContents {
  products: readonly CatalogProduct[];
  receipts: readonly StockReceipt[];
  orders: readonly StoredOrder[];
  log: readonly PositionedLogEntry[];
}

export interface StoredOrder {
  readonly order: Order;
  /** The key that made it. */
  readonly idempotency: Idempotency | null;
}

export function emptyMemory(): MemoryContents {
  return { products: [], receipts: [], orders: [], log: [] };
}
