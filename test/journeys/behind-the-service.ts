/** Changes and reads of the database by another program on the same machine. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import type { CatalogProduct } from '../../src/domain/product.ts';
import type { NewApiKey } from '../../src/storage/access-store.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import { aMovement, anAuditDraft } from '../builders.ts';
import type { Shop } from './open-shop.ts';

/** Saves products in the catalogue while the shop is open, as a merchant's program does; with stock, as many units. */
export async function saveProducts(
  { postgres, file }: Pick<Shop, 'postgres' | 'file'>,
  products: readonly CatalogProduct[],
  units = 0,
): Promise<void> {
  const store = await databaseAt(postgres?.url ?? `sqlite:${file}`).open();
  try {
    await store.saveProducts(products);
    if (units === 0) return;
    await store.moveStock(products.map(({ sku }) => aMovement({ sku, units })));
  } finally {
    await store.close();
  }
}

/** Changes a product of the catalogue while the shop is open. */
export async function changeProduct(
  { postgres, file }: Pick<Shop, 'postgres' | 'file'>,
  sku: string,
  change: Partial<CatalogProduct>,
): Promise<void> {
  const store = await databaseAt(postgres?.url ?? `sqlite:${file}`).open();
  try {
    const product = await store.findProduct(sku);
    assert.ok(product, `${sku} is not in the catalogue`);
    const { onHand: _, ...catalogued } = product;
    await store.saveProducts([{ ...catalogued, ...change }]);
  } finally {
    await store.close();
  }
}

/** Takes SQLite's write lock, as a long import would: commits wait until it is released. */
export function holdWriteLock(file: string): { release(): void } {
  const db = new DatabaseSync(file, { timeout: 5_000 });
  db.exec('BEGIN IMMEDIATE');
  return {
    release() {
      if (db.isOpen) db.close();
    },
  };
}

/** Takes a table away, as a damaged file would: every read of it fails until it is put back. */
export function takeAwayTable(file: string, table: 'orders' | 'products'): { putBack(): void } {
  const rename = (from: string, to: string) => {
    const db = new DatabaseSync(file, { timeout: 5_000 });
    try {
      db.exec(`ALTER TABLE ${from} RENAME TO ${to}`);
    } finally {
      db.close();
    }
  };
  rename(table, `${table}_away`);
  return { putBack: () => rename(`${table}_away`, table) };
}

export function countOrders(file: string): number {
  return countRows(file, 'orders');
}

type CountedTable = 'audit_log' | 'idempotency_keys' | 'order_events' | 'order_log' | 'orders';

export function countRows(file: string, table: CountedTable): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(db.prepare(`SELECT count(*) AS found FROM ${table}`).get()?.['found']);
  } finally {
    db.close();
  }
}

/** Waits for something that must come. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = 'it',
  maxMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + maxMs;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, `${what} never came`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Makes an API key by another program, such as one that has expired already. */
export async function createKey(
  { postgres, file }: Pick<Shop, 'postgres' | 'file'>,
  key: NewApiKey,
): Promise<void> {
  const store = await databaseAt(postgres?.url ?? `sqlite:${file}`).open();
  try {
    assert.equal(await store.access.createApiKey(key, anAuditDraft()), 'created');
  } finally {
    await store.close();
  }
}

/** Changes what an API key may do, as an administrator does by SQL. @param scopes sorted, with a space between */
export async function setScopes(
  { postgres, file }: Pick<Shop, 'postgres' | 'file'>,
  keyId: string,
  scopes: string,
): Promise<void> {
  if (postgres !== null) {
    await postgres.query(`UPDATE api_keys SET scopes = '${scopes}' WHERE key_id = '${keyId}'`);
    return;
  }
  const db = new DatabaseSync(file, { timeout: 5_000 });
  try {
    db.prepare('UPDATE api_keys SET scopes = ? WHERE key_id = ?').run(scopes, keyId);
  } finally {
    db.close();
  }
}
