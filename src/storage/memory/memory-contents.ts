import { randomUUID } from 'node:crypto';
import type { ChangedOrder, EventOfOrder, KeyRecord } from '../../domain/decide-batch.ts';
import type { Order } from '../../domain/order.ts';
import type { StoredProduct } from '../../domain/product.ts';
import type { ProductImage } from '../../domain/product-image.ts';
import type { NumberedMovement } from '../../domain/stock-movement.ts';
import type { Popularity } from '../../domain/top-products.ts';
import type { ApiKey, NewApiKey } from '../access-store.ts';
import { type AuditHead, emptyAuditHash, type StoredAuditRow } from '../audit-log.ts';
import type { PositionedLogEntry } from '../order-store.ts';
import type { ProductEntry } from '../shop-log.ts';

/** Everything the store knows. Outlives the store when it is passed in, as a database file would. */
export interface MemoryContents {
  shopId: string;
  products: readonly StoredProduct[];
  productChanges: readonly ProductEntry[];
  movements: readonly NumberedMovement[];
  images: readonly ProductImage[];
  /** By hash: since when no product may name a picture. */
  unnamedImages: ReadonlyMap<string, number>;
  /** As they were placed; without personal data after an erasure. */
  orders: readonly Order[];
  events: readonly EventOfOrder[];
  keys: readonly KeyRecord[];
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
  /** As write sets have left them, of orders with steps. Read by `verify` alone. */
  changedOrders: readonly ChangedOrder[];
}

export function emptyMemory(): MemoryContents {
  return {
    shopId: randomUUID(),
    products: [],
    productChanges: [],
    movements: [],
    images: [],
    unnamedImages: new Map(),
    orders: [],
    events: [],
    keys: [],
    log: [],
    stock: new Map(),
    words: new Map(),
    counters: [],
    changedOrders: [],
    apiKeys: [],
    audit: [],
    auditHead: { position: 0, hash: emptyAuditHash },
  };
}
