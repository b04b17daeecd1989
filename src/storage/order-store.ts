/**
 * The port: what every storage engine promises. Read this first.
 *
 * An engine decides nothing. For a batch it opens one transaction, reads the snapshot that `decideBatch`
 * asks for, applies the write set it returns, and commits durably. All engines pass the contract in
 * `test/order-store.contract.ts`, held against the in-memory reference model in `memory/`.
 */

import type { Command, KeyedOrder, LogEntry } from '../domain/decide-batch.ts';
import type { CatalogChange, CatalogOutcome } from '../domain/decide-catalog.ts';
import type { Order } from '../domain/order.ts';
import type { OrderHistory } from '../domain/order-event.ts';
import type { OrderFilter } from '../domain/order-filter.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { CatalogProduct, Product } from '../domain/product.ts';
import type { ProductImage } from '../domain/product-image.ts';
import type { ProductPosition, ProductSearch } from '../domain/product-search.ts';
import type { NumberedMovement, StockMovement } from '../domain/stock-movement.ts';
import type { Idempotency } from '../domain/submission.ts';
import type { TopProduct } from '../domain/top-products.ts';
import type { UsState } from '../domain/us-state.ts';
import type { AccessStore } from './access-store.ts';
import type { AuditOrigin } from './audit-log.ts';
import type { VerifyReport } from './verify-checks.ts';

/** An entry of the order log as stored. */
export interface PositionedLogEntry extends LogEntry {
  /** 1, 2, 3 …; a later commit never shows a lower position than one already seen. */
  readonly position: number;
}

/** An order together with what its confirmation page shows beside it. */
export interface Confirmation {
  /** As it is now. */
  readonly order: Order;
  /** Its steps, the oldest first. */
  readonly events: OrderHistory['events'];
  /** `lineImageUrls[i]` is the picture of `order.lines[i]`, as the catalogue has it at this moment. */
  readonly lineImageUrls: readonly string[];
  /** The ranking of the order's state at the same moment: what this very order added is in it. */
  readonly topProducts: readonly TopProduct[];
}

export interface OrderPage {
  /** By number, the highest first. */
  readonly orders: readonly Order[];
  /** The number below which to go on; null when no order is left. */
  readonly next: number | null;
}

export interface ProductPage {
  /** Ordered by SKU. */
  readonly products: readonly Product[];
  /** Whether there are products after the last one. */
  readonly hasMore: boolean;
}

export interface FoundProducts {
  /** In the order that was asked for. */
  readonly products: readonly Product[];
  /** Where to go on; null when no product is left. */
  readonly next: ProductPosition | null;
}

export interface MovementPage {
  /** Newest first. */
  readonly movements: readonly NumberedMovement[];
  /** Whether there are movements before the last one. */
  readonly hasMore: boolean;
}

/** Why the engine can be trusted with an order: its settings as read back from it, for logs and reports. */
export type DurabilitySettings = Readonly<Record<string, string | number>>;

/** What one durable transaction with orders was like, for metrics. */
export interface CommitReport {
  /** Commands in it, 1 or more. */
  readonly size: number;
  /** From its beginning to its durable end, in milliseconds. */
  readonly durationMs: number;
  readonly succeeded: boolean;
}

/** What every engine is opened with. */
export interface StoreSettings {
  /** Commands in one transaction at most, also when it serves several calls; a single call may be larger. */
  readonly batchSizeMax: number;
  /** Called after each transaction with orders; must not throw. */
  readonly onCommit: (report: CommitReport) => void;
  /** Called with a sentence for the operator, at most once in minutes; must not throw. */
  readonly onWarning: (sentence: string) => void;
  /** Memory for pages of the database in this process, in KiB; engines on a server keep none here. */
  readonly pageCacheKib: number;
}

export const defaultStoreSettings: StoreSettings = {
  batchSizeMax: 256,
  pageCacheKib: 40_960,
  onCommit: () => undefined,
  onWarning: () => undefined,
};

/** A figure for the operator's metrics, read whenever they are. */
export interface StoreGauge {
  /** As Prometheus names metrics, with the unit at its end, such as `nozama_disk_free_bytes`. */
  readonly name: string;
  readonly help: string;
  /** Must not throw: null when it can't be told now. */
  readonly read: () => number | null;
}

/**
 * Takes commands that came in after a batch was handed over, so that they join it; none when none waits.
 * @param countMax 0 or more
 */
export type TakeMore = (countMax: number) => readonly Command[];

export interface ClearedImages {
  readonly cleared: number;
  readonly isMore: boolean;
}

export interface OrderStore {
  /** Such as `sqlite 3.53.4`. */
  readonly engine: string;
  readonly durability: DurabilitySettings;

  /** What the engine can tell of itself beside its commits. */
  readonly gauges: readonly StoreGauge[];

  /** API keys. */
  readonly access: AccessStore;

  /** How many calls of {@link OrderStore.commitBatch} may be under way at once, 1 or more. */
  readonly commitsInFlightMax: number;

  /**
   * Durable once resolved: `outcomes[i]` answers `commands[i]`. An engine may commit calls that overlap
   * in one transaction; each is decided as if the ones before it were done.
   * If it throws, nothing is known of the batch; submitting it again is safe, because the ids of
   * orders and events are unique.
   *
   * An engine that had to wait for its turn may call `takeMore` once it has it. What that returns belongs to
   * the batch, behind its commands: outcomes follow in the same order, and a failure is theirs too.
   */
  commitBatch(commands: readonly Command[], takeMore?: TakeMore): Promise<readonly Outcome[]>;

  /** Writes something small durably, or throws as commitBatch would: tells whether orders can be taken. */
  checkWritable(): Promise<void>;

  /** As it is now. */
  findOrder(orderId: string): Promise<Order | null>;

  /** As it was placed, and all that has happened to it. */
  findOrderWithEvents(orderId: string): Promise<OrderHistory | null>;

  /** The same by the number that people know the order by. @param number 0 to 2⁵³ − 1 */
  findHistoryByNumber(number: number): Promise<OrderHistory | null>;

  /**
   * The order that a key has made or changed, as it was then, with the fingerprint of what was asked for. For the rare
   * retry: two reads.
   */
  findOrderByKey(callerKey: Pick<Idempotency, 'scope' | 'key'>): Promise<KeyedOrder | null>;

  /**
   * Orders as they are now that a filter finds, the highest number first. An engine looks at `ordersWalkedMax` numbers in
   * one call at most, so that the time it takes depends on neither how many orders there are nor the filter: `orders`
   * may be fewer than `limit`, or none, though `next` leads to more.
   * @param beforeNumber the number that the page starts below; null for the newest @param limit 1 to 100
   */
  listOrders(filter: OrderFilter, beforeNumber: number | null, limit: number): Promise<OrderPage>;

  /** @param topLimit 1 to 20 */
  findConfirmation(orderId: string, topLimit: number): Promise<Confirmation | null>;

  /**
   * The active products that were ordered in a state, most popular first, by the order of `comparePopularity`.
   * A product that is retired leaves it, and the next moves up; brought back, it comes in where its orders put it.
   * The time it takes depends on neither the number of orders nor of products. @param limit 1 to 20
   */
  topProducts(state: UsState, limit: number): Promise<readonly TopProduct[]>;

  findProduct(sku: string): Promise<Product | null>;

  /** Those that there are, by SKU, all of one moment. @param skus 1,000 at most */
  findProductsBySku(skus: readonly string[]): Promise<ReadonlyMap<string, Product>>;

  /**
   * By the composed name (`composedName`), else exactly. Of several that share it an active one before a
   * retired one, then the lowest SKU; the time it takes grows with how many share it.
   */
  findProductByName(name: string): Promise<Product | null>;

  /** Products whose SKU comes after `afterSku`, or from the start. @param limit 1 to 1,000 */
  listProducts(afterSku: string | null, limit: number): Promise<ProductPage>;

  /** The same without those that are retired; the time it takes does not depend on their number. */
  listActiveProducts(afterSku: string | null, limit: number): Promise<ProductPage>;

  /**
   * Active products that hold all words, after a position of the same sort or from the start. An engine looks at
   * `productsWalked` products in one call at most, so that the time it takes depends on neither their number nor the
   * question: `products` may be fewer than `limit`, or none, though `next` leads to more. @param limit 1 to 100
   */
  findProducts(search: ProductSearch, after: ProductPosition | null, limit: number): Promise<FoundProducts>;

  /** The categories of active products, by code point, the first of them. @param limit 1 to 100 */
  listCategories(limit: number): Promise<readonly string[]>;

  /** Entries after `position`, oldest first. @param limit 1 to 10,000 */
  readOrderLog(afterPosition: number, limit: number): Promise<readonly PositionedLogEntry[]>;

  /**
   * Decides a change of catalogue and stock by `decideCatalogChange` and makes it, in one durable transaction. Of
   * several that try at once, each is decided after the one before. If it throws, nothing is known of the change:
   * products may be saved again, and movements that have a reference.
   * @param origin who has asked for it, for the audit log; null when it is not told
   */
  changeCatalog(change: CatalogChange, origin?: AuditOrigin | null): Promise<CatalogOutcome>;

  /**
   * Adds products, their names composed, or changes all but their stock. One transaction.
   * @param atMs when products that are new were added; now, unless told
   */
  saveProducts(products: readonly CatalogProduct[], atMs?: number): Promise<void>;

  /** Makes movements of existing products. One transaction; throws, and changes nothing, when one is not possible. */
  moveStock(movements: readonly StockMovement[]): Promise<void>;

  /**
   * Into a store without products, and only then: saves these and moves their stock, all in one
   * transaction. Returns whether it did. Of several that try at once, one does.
   */
  seedCatalog(
    products: readonly CatalogProduct[],
    movements: readonly StockMovement[],
    atMs?: number,
  ): Promise<boolean>;

  /** Movements of a product, newest first. @param before the movement id that the page starts below; null for the newest. @param limit 1 to 1,000 */
  listStockMovements(sku: string, before: number | null, limit: number): Promise<MovementPage>;

  /**
   * Keeps pictures, each once by its hash, durably. A picture that is kept stays for as long as a product names it, and
   * for {@link unnamedImagesKeptMs} in any case.
   * @param images {@link imagesBytesMax} of them together at most
   * @param atMs from when on they are kept; now unless given
   */
  saveImages(images: readonly ProductImage[], atMs?: number): Promise<void>;

  /**
   * Takes away pictures that no product has named for {@link unnamedImagesKeptMs}. Looks at up to {@link imagesLookedAtMax}
   * of those that may be such; `isMore` when it has looked at so many.
   */
  clearImages(nowMs: number): Promise<ClearedImages>;

  /** @param hash as {@link ProductImage} has it */
  findImage(hash: string): Promise<ProductImage | null>;

  /** Recounts everything from the orders and compares: every check of `verify-checks.ts`. */
  verify(): Promise<VerifyReport>;

  /** Finishes what is under way and lets go of every file and connection. Later calls throw. */
  close(): Promise<void>;
}

/** Told before each migration: the schema version that it brings, and the last. */
export type OnMigration = (version: number, newest: number) => void;
