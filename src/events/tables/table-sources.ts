/** Which log of the shop each table is written from. */
import type { NumberedMovement } from '../../domain/stock-movement.ts';
import type {
  EventEntry,
  LogName,
  LogRange,
  PlacedEntry,
  ProductEntry,
  ShopLog,
} from '../../storage/shop-log.ts';
import type { BatchBuilder } from './column-builder.ts';
import type { LakeTable } from './lake-table.ts';
import {
  orderEventsTable,
  orderLinesTable,
  ordersTable,
  productsTable,
  stockMovementsTable,
} from './lake-tables.ts';
import { addMovements, addOrderEvents, addOrderLines, addOrders, addProducts } from './shop-rows.ts';

/** The entries of a range. Each kind is read when it is first asked for, and once for all tables. */
export interface RangeEntries {
  placedOrders(): Promise<readonly PlacedEntry[]>;
  orderEvents(): Promise<readonly EventEntry[]>;
  productChanges(): Promise<readonly ProductEntry[]>;
  movements(): Promise<readonly NumberedMovement[]>;
}

export function entriesIn(shop: ShopLog, range: LogRange): RangeEntries {
  return {
    placedOrders: once(() => shop.readPlacedOrders(range)),
    orderEvents: once(() => shop.readOrderEvents(range)),
    productChanges: once(() => shop.readProductChanges(range)),
    movements: once(() => shop.readMovements(range)),
  };
}

function once<Result>(read: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | null = null;
  return () => {
    result ??= read();
    return result;
  };
}

/** The orders whose personal data was erased among the entries. */
export async function erasedOrderIdsIn(entries: RangeEntries): Promise<readonly string[]> {
  const events = await entries.orderEvents();
  return events.flatMap(({ orderId, event }) => (event.type === 'order_erased' ? [orderId] : []));
}

export interface TableSource {
  readonly table: LakeTable;
  readonly log: LogName;
  /** Adds the rows that the entries make in this table. @returns how many */
  readonly addRows: (batch: BatchBuilder, entries: RangeEntries) => Promise<number>;
  /** Whether rows that are in the table change when the personal data of their orders is erased. */
  readonly isErasable: boolean;
}

export const tableSources: readonly TableSource[] = [
  {
    table: ordersTable,
    log: 'orders',
    addRows: async (batch, entries) => addOrders(batch, await entries.placedOrders()),
    isErasable: true,
  },
  {
    table: orderLinesTable,
    log: 'orders',
    addRows: async (batch, entries) => addOrderLines(batch, await entries.placedOrders()),
    isErasable: false,
  },
  {
    table: orderEventsTable,
    log: 'orders',
    addRows: async (batch, entries) => addOrderEvents(batch, await entries.orderEvents()),
    isErasable: true,
  },
  {
    table: productsTable,
    log: 'products',
    addRows: async (batch, entries) => addProducts(batch, await entries.productChanges()),
    isErasable: false,
  },
  {
    table: stockMovementsTable,
    log: 'stock',
    addRows: async (batch, entries) => addMovements(batch, await entries.movements()),
    isErasable: false,
  },
];
