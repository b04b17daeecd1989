import type { Order } from '../../domain/order.ts';
import type { StoredProduct } from '../../domain/product.ts';
import type { ProductImage } from '../../domain/product-image.ts';
import type { NumberedMovement } from '../../domain/stock-movement.ts';
import type { Idempotency } from '../../domain/submission.ts';
import type { Popularity } from '../../domain/top-products.ts';
import type { ApiKey, NewApiKey } from '../access-store.ts';
import { type AuditHead, emptyAuditHash, type StoredAuditRow } from '../audit-log.ts';
import type { PositionedLogEntry } from '../order-store.ts';

/** Everything the store knows. Outlives the store when it is passed in, as a database file would. */
export interface MemoryContents {
  products: readonly StoredProduct[];
  movements: readonly NumberedMovement[];
  images: readonly ProductImage[];
  orders: readonly StoredOrder[];
  log: readonly PositionedLogEntry[];
  /** Units on hand by SKU, as movements and write sets have left them. Read by `verify` alone. */
  stock: ReadonlyMap<string, number>;
  /** The words of active products by SKU, as they were saved. Read by `verify` alone. */
  words: ReadonlyMap<string, readonly string[]>;
  /** As write sets have left them, with the names of the catalogue. Read by `verify` alone. */
  counters: readonly Popularity[];
  apiKeys: readonly (ApiKey & NewApiKey)[];
  audit: readonly StoredAuditRow[];
  auditHead: AuditHead;
}

export interface StoredOrder {
  readonly order: Order;
  /** The key that made it. */
  readonly idempotency: Idempotency | null;
}

export function emptyMemory(): MemoryContents {
  return {
    products: [],
    movements: [],
    images: [],
    orders: [],
    log: [],
    stock: new Map(),
    words: new Map(),
    counters: [],
    apiKeys: [],
    audit: [],
    auditHead: { position: 0, hash: emptyAuditHash },
  };
}
