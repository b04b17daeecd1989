/** Writes that are not orders: the catalogue and what comes into the warehouse. */
import type { DatabaseSync } from 'node:sqlite';
import { composedName } from '../../domain/product.ts';
import { productWords, sortName } from '../../domain/product-search.ts';
import { usStates } from '../../domain/us-state.ts';
import type { CatalogProduct, StockReceipt } from '../order-store.ts';
import { inTransaction } from './connection.ts';
import { createNameRanks } from './name-ranks.ts';

export function createCatalogWrites(db: DatabaseSync) {
  const upsertProduct = db.prepare(`
    INSERT INTO products (sku, name, sort_name, description, category, price_cents, image_url, active, product_no)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(product_no), 0) + 1 FROM products))
    ON CONFLICT (sku) DO UPDATE SET
      name = excluded.name, sort_name = excluded.sort_name, description = excluded.description, category = excluded.category,
      price_cents = excluded.price_cents, image_url = excluded.image_url, active = excluded.active`);
  const insertStock = db.prepare(
    'INSERT INTO stock (sku, on_hand) VALUES (?, 0) ON CONFLICT (sku) DO NOTHING',
  );
  const deleteWords = db.prepare('DELETE FROM product_words WHERE sku = ?');
  const insertWords = db.prepare('INSERT INTO product_words (sku, word) SELECT ?, value FROM json_each(?)');
  const selectEarlier = db.prepare('SELECT name, active, product_no FROM products WHERE sku = ?');
  // A counter for each state at most: found by their key, which begins with the state.
  const setCountersActive = db.prepare(
    'UPDATE popularity SET is_active = ? WHERE product_no = ? AND state IN (SELECT value FROM json_each(?))',
  );
  const nameRanks = createNameRanks(db);
  const insertReceipt = db.prepare(
    'INSERT INTO stock_receipts (sku, units, received_at_ms) VALUES (?, ?, ?)',
  );
  const addStock = db.prepare('UPDATE stock SET on_hand = on_hand + ? WHERE sku = ?');
  const probe = db.prepare('UPDATE write_probe SET writes = writes + 1 WHERE probe_id = 1');

  const selectAnyProduct = db.prepare('SELECT 1 FROM products LIMIT 1');

  function writeProducts(products: readonly CatalogProduct[]): void {
    for (const { sku, description, category, priceCents, imageUrl, ...product } of products) {
      const name = composedName(product.name);
      const active = product.active ? 1 : 0;
      const earlier = selectEarlier.get(sku);
      upsertProduct.run(sku, name, sortName(name), description, category, priceCents, imageUrl, active);
      insertStock.run(sku);
      deleteWords.run(sku);
      if (product.active) insertWords.run(sku, JSON.stringify(productWords({ name, category, sku })));
      if (earlier?.['name'] !== name) nameRanks.rank(sku, name);
      if (earlier !== undefined && earlier['active'] !== active)
        setCountersActive.run(active, earlier['product_no'] ?? null, JSON.stringify(usStates));
    }
    nameRanks.settle();
  }

  function writeReceipts(receipts: readonly StockReceipt[]): void {
    for (const { sku, units, receivedAtMs } of receipts) {
      insertReceipt.run(sku, units, receivedAtMs);
      addStock.run(units, sku);
    }
  }

  return {
    saveProducts: (products: readonly CatalogProduct[]): void =>
      inTransaction(db, () => writeProducts(products)),
    receiveStock: (receipts: readonly StockReceipt[]): void =>
      inTransaction(db, () => writeReceipts(receipts)),

    seedCatalog: ({ products, receipts }: CatalogSeed): boolean =>
      inTransaction(db, () => {
        if (selectAnyProduct.get() !== undefined) return false;
        writeProducts(products);
        writeReceipts(receipts);
        return true;
      }),

    checkWritable(): void {
      inTransaction(db, () => probe.run());
    },
  };
}

/** What an empty shop is filled with. */
export interface CatalogSeed {
  readonly products: readonly CatalogProduct[];
  readonly receipts: readonly StockReceipt[];
}
