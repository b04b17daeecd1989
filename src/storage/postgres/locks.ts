/**
 * What transactions of all instances take in this order, so that no two ever wait for each other:
 *
 * 0. the catalogue's lock, for who changes products; a batch never needs it
 * 1. the shop's own lock: whoever has it decides about stock and writes what every order changes, the log's
 *    next position and the ranking
 * 2. the stock rows of a batch, by SKU: who changes stock by hand is waited for, and waits
 * 3. idempotency keys, by scope and key, as they are inserted
 *
 * Each is held until the transaction has ended. The shop's lock comes first so that a batch waits for it while
 * more orders can still join (docs/decisions/0016).
 */
import type { Statement } from './connection.ts';

/** "NZMA": keeps our advisory locks apart from those of others in the same database. */
const lockSpace = 0x4e_5a_4d_41;
const shopLock = 1;
const migrationLock = 2;
const catalogLock = 3;

/** The isolation is said, not left to the server's default: each statement must see what was just committed. */
export const beginReadCommitted = 'BEGIN ISOLATION LEVEL READ COMMITTED';

export const lockShop: Statement = { text: `SELECT pg_advisory_xact_lock(${lockSpace}, ${shopLock})` };

/** The same lock, and whether nobody else had it. */
export const lockShopAndTell: Statement = {
  name: 'lock-shop',
  text: `
    SELECT CASE WHEN pg_try_advisory_xact_lock(${lockSpace}, ${shopLock}) THEN true
      ELSE pg_advisory_xact_lock(${lockSpace}, ${shopLock}) IS NULL END AS came_at_once`,
  values: [],
};

export const lockCatalog: Statement = { text: `SELECT pg_advisory_xact_lock(${lockSpace}, ${catalogLock})` };

export const lockMigrations: Statement = {
  text: `SELECT pg_advisory_xact_lock(${lockSpace}, ${migrationLock})`,
};

export const lockStock = (skus: readonly string[]): Statement => ({
  name: 'lock-stock',
  text: 'SELECT sku, on_hand FROM stock WHERE sku = ANY($1::text[]) ORDER BY sku FOR NO KEY UPDATE',
  values: [skus],
});
