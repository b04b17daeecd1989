/**
 * Reads a whole shop, page by page, from a file that no other program has open.
 *
 * Trades copying a shop while it sells for one moment that lasts: SQLite's exclusive locking mode keeps every
 * other connection out, so that a service must be stopped first, and none can be started meanwhile. A reader
 * that is killed leaves the file as it was. Always holds: nothing is written.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DatabaseRefusedError } from '../engine.ts';
import { CopyRefusedError, type ShopFigures, type ShopReader } from '../shop-transfer.ts';
import { createAuditReads } from './audit.ts';
import { cannotOpen, notFound, openConnection } from './connection.ts';
import { assertCurrentSchema } from './migrate.ts';
import { orderKeyFile, readOrderKeySecret } from './order-key-file.ts';
import { readShopId } from './product-log.ts';
import { selectProducts } from './rows.ts';
import { readFigures } from './shop-figures.ts';
import { createPages } from './shop-pages.ts';

/** For a reader that only looks at the file for a moment. */
const lockWaitMs = 2_000;

const cacheKib = 65_536;

/** @throws DatabaseRefusedError, CopyRefusedError */
export function openSqliteShopReader(file: string): ShopReader {
  if (!existsSync(file)) throw notFound(file);
  assertOurs(file);
  const db = openForOurselves(file);
  try {
    const figures = readFigures(db);
    const shopId = readShopId(db);
    const readPage = createPages(db);
    const orderKeySecretAt = orderKeyFile(file);
    return {
      figures,
      identity: identityOf(db, shopId, figures),
      shopId,
      auditHead: createAuditReads(db).readAuditHead(),
      readPage,
      readOrderKeySecret: () => readOrderKeySecret(orderKeySecretAt),
      orderKeySecretAt,
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Before anything is locked: another program's file, or one of another schema, is not touched. */
function assertOurs(file: string): void {
  try {
    const db = openConnection({ file, readOnly: true, cacheKib });
    try {
      assertCurrentSchema(db);
    } finally {
      db.close();
    }
  } catch (error) {
    throw toRefusal(file, error);
  }
}

function openForOurselves(file: string): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file, { timeout: lockWaitMs });
    // Said before the file is first read, else the mode would wait for a write (sqlite.org/wal.html, "noshm").
    db.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -${cacheKib}; PRAGMA trusted_schema = OFF`);
    db.exec('BEGIN IMMEDIATE');
    return db;
  } catch (error) {
    db?.close();
    throw toRefusal(file, error);
  }
}

function toRefusal(file: string, error: unknown): Error {
  if (error instanceof DatabaseRefusedError) return error;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  const [busy, locked] = [5, 6];
  if (code === busy || code === locked) {
    return new CopyRefusedError(
      `${file} is in use: stop the service, or whatever else has it open, and copy then; a shop that sells while it is moved would lose orders.`,
    );
  }
  return cannotOpen(file, error);
}

/**
 * The shop's id, the figures, the last order, and every word of the catalogue: orders and steps are only ever added, but products
 * are changed.
 */
function identityOf(db: DatabaseSync, shopId: string, figures: ShopFigures): string {
  const digest = createHash('sha256');
  digest.update(shopId);
  digest.update(JSON.stringify(figures));
  digest.update(JSON.stringify(db.prepare('SELECT min(order_id), max(order_id) FROM orders').get() ?? null));
  for (const row of db.prepare(`${selectProducts} ORDER BY sku`).iterate())
    digest.update(JSON.stringify(row));
  return digest.digest('hex');
}
