/**
 * What transactions of all instances take in this order, so that no two ever wait for each other:
 *
 * 0. the catalogue's lock, for who changes products; a batch never needs it
 * 1. the shop's own lock: its holder decides about stock and writes what every order changes, the log's
 *    next position and the ranking
 * 2. the stock rows of a batch, by SKU: who changes stock by hand is waited for, and waits. Those of orders that join come
 *    behind, so that a program that locks several by hand, past the shop's lock, may be sent away by PostgreSQL
 * 3. idempotency keys, by scope and key, as they are inserted
 * 4. the head of the audit log, for who makes a change that is audited, as steps of orders are; placing an order is not
 *
 * Each is held until the transaction has ended. The shop's lock comes first so that a batch waits for it while
 * more orders can still join (docs/decisions/0016).
 *
 * A migration takes the whole table of stock first, which every batch needs before it has written anything: then none
 * is in the middle, with locks on some tables and waiting for others that the migration has.
 */
import type { Statement } from './connection.ts';

/** "NZMA": keeps our advisory locks apart from those of others in the same database. */
const lockSpace = 0x4e_5a_4d_41;
const shopLock = 1;
const migrationLock = 2;
const catalogLock = 3;

/** The isolation is said, not left to the server's default: each statement must see what was just committed. */
export const beginReadCommitted = 'BEGIN ISOLATION LEVEL READ COMMITTED';

export const beginReadOnly = 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY';

/** All statements see the same moment. */
export const beginOneMoment = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';

export const lockShop: Statement = { text: `SELECT pg_advisory_xact_lock(${lockSpace}, ${shopLock})` };

/** The same lock, and whether it was free. */
export const lockShopAndTell: Statement = {
  name: 'lock-shop',
  text: `
    SELECT CASE WHEN pg_try_advisory_xact_lock(${lockSpace}, ${shopLock}) THEN true
      ELSE pg_advisory_xact_lock(${lockSpace}, ${shopLock}) IS NULL END AS came_at_once`,
  values: [],
};

/** Held by the session until {@link unlockShop}: no order is being committed meanwhile, on any server. */
export const lockShopForSession: Statement = { text: `SELECT pg_advisory_lock(${lockSpace}, ${shopLock})` };

export const unlockShop: Statement = { text: `SELECT pg_advisory_unlock(${lockSpace}, ${shopLock})` };

export const lockCatalog: Statement = { text: `SELECT pg_advisory_xact_lock(${lockSpace}, ${catalogLock})` };

export const lockMigrations: Statement = {
  text: `SELECT pg_advisory_xact_lock(${lockSpace}, ${migrationLock})`,
};

/** Pages go on reading it. */
export const lockBatchesOut: Statement = { text: 'LOCK TABLE stock IN EXCLUSIVE MODE' };

/** The same rows as {@link lockStock}, of which nobody waits. */
export const selectStock = (skus: readonly string[]): Statement => ({
  text: 'SELECT sku, on_hand FROM stock WHERE sku = ANY($1::text[])',
  values: [skus],
});

export const lockStock = (skus: readonly string[]): Statement => ({
  name: 'lock-stock',
  text: 'SELECT sku, on_hand FROM stock WHERE sku = ANY($1::text[]) ORDER BY sku FOR NO KEY UPDATE',
  values: [skus],
});

/** An expression: the SKUs of the first parameter, and those in the orders of the second. */
export const skusWithThoseOfOrders =
  '$1::text[] || ARRAY(SELECT sku FROM order_lines WHERE order_id = ANY($2::uuid[]))';

/** Those of stored orders too. */
export const lockStockOfOrders = (skus: readonly string[], orderIds: readonly string[]): Statement => ({
  name: 'lock-stock-of-orders',
  text: `SELECT sku, on_hand FROM stock WHERE sku = ANY(${skusWithThoseOfOrders}) ORDER BY sku FOR NO KEY UPDATE`,
  values: [skus, orderIds],
});
