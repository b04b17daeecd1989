/**
 * The port of what has happened in a shop, for readers who carry it to other systems: the order log, the log of
 * products, the ledger of the stock.
 *
 * Positions of a log grow in the order in which its entries were committed: once {@link ShopLog.readEnd} has told a
 * position, no entry at or before it appears any more. A reader keeps the position that it has reached.
 */
import type { LogEntry } from '../domain/decide-batch.ts';
import type { Order } from '../domain/order.ts';
import type { OrderEvent } from '../domain/order-event.ts';
import type { StoredProduct } from '../domain/product.ts';
import type { NumberedMovement, StockMovement } from '../domain/stock-movement.ts';

/** `orders`: the order log. `products`: the log of products. `stock`: the ledger, whose positions are movement ids, with gaps. */
export type LogName = 'orders' | 'products' | 'stock';

/** The entries with `after` < position ≤ `through`. */
export interface LogRange {
  readonly after: number;
  readonly through: number;
}

/** Positions of one range at most. */
export const logRangeMax = 10_000;

/** @throws RangeError unless it goes forward from a position, over {@link logRangeMax} positions at most */
export function assertLogRange({ after, through }: LogRange): void {
  const isWhole = Number.isSafeInteger(after) && Number.isSafeInteger(through);
  if (!isWhole || after < 0 || through < after || through - after > logRangeMax) {
    throw new RangeError(
      `a range of a log goes from a position of 0 or more over ${logRangeMax} positions at most, not from ${after} to ${through}`,
    );
  }
}

/** The same on every engine: a shop that is copied to another engine keeps its positions, and what stands there. */
export function factOfEntry(entry: Omit<LogEntry, 'orderNumber'>): string {
  return JSON.stringify([entry.orderId, entry.revision, entry.type, entry.atMs]);
}

/** As {@link factOfEntry}. */
export function factOfMovement(
  movement: Pick<StockMovement, 'sku' | 'units' | 'atMs' | 'reference'>,
): string {
  return JSON.stringify([movement.sku, movement.units, movement.atMs, movement.reference]);
}

export interface PlacedEntry {
  readonly position: number;
  /** As it was placed, at revision 1; without personal data after an erasure. */
  readonly order: Order;
}

export interface EventEntry {
  readonly position: number;
  readonly orderId: string;
  readonly orderNumber: number;
  readonly event: OrderEvent;
}

export interface ProductEntry {
  readonly position: number;
  /** As the change left it. */
  readonly product: StoredProduct;
  readonly changedAtMs: number;
}

/** Reads only, on a connection of its own; every call that fails throws, and may be repeated. */
export interface ShopLog {
  /** A UUID, made with the shop; the same in all its copies. */
  readShopId(): Promise<string>;
  /** The last position that can be read now; 0 of an empty log. It never goes back. */
  readEnd(log: LogName): Promise<number>;
  /** When the first entry after the position was made, in milliseconds since the Unix epoch; null when there is none. */
  readTimeAfter(log: LogName, position: number): Promise<number | null>;
  /** What stands at the position: the same text each time, and another in any other shop. Null when nothing does. */
  readFact(log: LogName, position: number): Promise<string | null>;
  /** By position. @param range of {@link logRangeMax} at most, up to what {@link readEnd} told */
  readPlacedOrders(range: LogRange): Promise<readonly PlacedEntry[]>;
  /** What happened after orders were placed, by position. @param range as above */
  readOrderEvents(range: LogRange): Promise<readonly EventEntry[]>;
  /** By position. @param range as above */
  readProductChanges(range: LogRange): Promise<readonly ProductEntry[]>;
  /** By movement id. @param range as above */
  readMovements(range: LogRange): Promise<readonly NumberedMovement[]>;
  close(): Promise<void>;
}
