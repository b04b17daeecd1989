/**
 * The log of a shop in a file, on a connection of its own that only reads.
 *
 * Always holds: between two calls there is no transaction, so that the write-ahead log can start anew. Limit: other
 * programs can't have the file for themselves (`nozama copy`, `nozama restore`) while it is open.
 */
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { DatabaseRefusedError } from '../engine.ts';
import { assertLogRange, type LogName, type ShopLog } from '../shop-log.ts';
import { cannotOpen, notFound, openConnection } from './connection.ts';
import { assertCurrentSchema } from './migrate.ts';
import { createProductLog, readShopId } from './product-log.ts';
import { createOrderLogReads, createStockLogReads, type LogReads } from './shop-log-reads.ts';

/** For the pages of one range; the operating system keeps the others. */
const cacheKib = 8_192;

/** @throws DatabaseRefusedError when the file is not there, is not Nozama's, or has another schema */
export function openSqliteShopLog(file: string): ShopLog {
  if (!existsSync(file)) throw notFound(file);
  const db = openConnection({ file, readOnly: true, cacheKib });
  try {
    assertCurrentSchema(db);
    return createShopLog(db);
  } catch (error) {
    db.close();
    throw error instanceof DatabaseRefusedError ? error : cannotOpen(file, error);
  }
}

function createShopLog(db: DatabaseSync): ShopLog {
  const orders = createOrderLogReads(db);
  const products = createProductLog(db);
  const stock = createStockLogReads(db);
  const logs: Readonly<Record<LogName, LogReads>> = {
    orders,
    products: {
      readEnd: products.readProductEnd,
      readTimeAfter: products.readProductTimeAfter,
      readFact: products.readProductFact,
    },
    stock,
  };
  let isClosed = false;

  return {
    readShopId: async () => readShopId(db),
    readEnd: async (log) => logs[log].readEnd(),
    readTimeAfter: async (log, position) => logs[log].readTimeAfter(position),
    readFact: async (log, position) => logs[log].readFact(position),
    async readPlacedOrders(range) {
      assertLogRange(range);
      return orders.readPlacedOrders(range);
    },
    async readOrderEvents(range) {
      assertLogRange(range);
      return orders.readOrderEvents(range);
    },
    async readProductChanges(range) {
      assertLogRange(range);
      return products.readProductChanges(range);
    },
    async readMovements(range) {
      assertLogRange(range);
      return stock.readMovements(range);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      db.close();
    },
  };
}
