/** Writes that are not orders: the catalogue, the stock ledger and the pictures. */
import type { DatabaseSync } from 'node:sqlite';
import {
  type CatalogChange,
  type CatalogOutcome,
  type CatalogSnapshot,
  type CatalogWriteSet,
  decideCatalogChange,
  type EarlierMovement,
  referenceId,
  skusOf,
} from '../../domain/decide-catalog.ts';
import type { StoredProduct } from '../../domain/product.ts';
import { productWords, sortName } from '../../domain/product-search.ts';
import type { MovementReason } from '../../domain/stock-movement.ts';
import { usStates } from '../../domain/us-state.ts';
import type { AuditOrigin } from '../audit-log.ts';
import { auditOfCatalog } from '../catalog-audit.ts';
import { createAppendAudit } from './audit.ts';
import { inTransaction } from './connection.ts';
import { createImageWrites, type SavedImages } from './image-writes.ts';
import { createNameRanks } from './name-ranks.ts';
import { type ProductRow, selectProducts, toProduct } from './rows.ts';

export function createCatalogWrites(db: DatabaseSync) {
  const readSnapshot = createSnapshotReader(db);
  const apply = createWriteSetWriter(db);
  const appendAudit = createAppendAudit(db);
  const images = createImageWrites(db);
  const probe = db.prepare('UPDATE write_probe SET writes = writes + 1 WHERE probe_id = 1');

  return {
    changeCatalog: ({ change, origin }: CatalogRequest): CatalogOutcome =>
      inTransaction(db, () => {
        const snapshot = readSnapshot(change);
        const { outcome, writeSet } = decideCatalogChange(snapshot, change);
        apply(snapshot, writeSet);
        for (const hash of writeSet.imagesGivenUp) images.mark(hash, change.atMs);
        appendAudit(auditOfCatalog(origin, change, outcome));
        return outcome;
      }),

    saveImages: (saved: SavedImages): void => inTransaction(db, () => images.save(saved)),

    clearImages: (nowMs: number) => inTransaction(db, () => images.clear(nowMs)),

    checkWritable(): void {
      inTransaction(db, () => probe.run());
    },
  };
}

/** Decides about changes that are not made, by any connection: orders do not wait for it. */
export function createCatalogTrials(db: DatabaseSync): (change: CatalogChange) => CatalogOutcome {
  const readSnapshot = createSnapshotReader(db);
  return (change) => decideCatalogChange(readSnapshot(change), change).outcome;
}

/** A change on its way to the writing thread, in JSON. */
export interface CatalogRequest {
  readonly change: CatalogChange;
  readonly origin: AuditOrigin | null;
}

function createSnapshotReader(db: DatabaseSync) {
  const selectAny = db.prepare('SELECT 1 FROM products LIMIT 1');
  const selectProduct = db.prepare(`${selectProducts} WHERE sku = ?`);
  const selectReferred = db.prepare(
    'SELECT units, reason FROM stock_movements WHERE sku = ? AND reference = ?',
  );

  return (change: CatalogChange): CatalogSnapshot => {
    const products = new Map<string, StoredProduct>();
    const onHand = new Map<string, number>();
    for (const sku of skusOf(change)) {
      const row = selectProduct.get(sku);
      if (row === undefined) continue;
      const { onHand: units, ...product } = toProduct(row as unknown as ProductRow);
      products.set(sku, product);
      onHand.set(sku, units);
    }
    const movementsByReference = new Map<string, EarlierMovement>();
    for (const { sku, reference } of change.movements) {
      const row = reference === null ? undefined : selectReferred.get(sku, reference);
      if (reference !== null && row !== undefined)
        movementsByReference.set(referenceId(sku, reference), {
          units: Number(row['units']),
          reason: row['reason'] as MovementReason,
        });
    }
    return { isEmpty: selectAny.get() === undefined, products, onHand, movementsByReference };
  };
}

function createWriteSetWriter(db: DatabaseSync) {
  const insertProduct = db.prepare(`
    INSERT INTO products (
      sku, name, sort_name, description, category, price_cents, image_url, active, revision, created_at_ms,
      product_no)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(product_no), 0) + 1 FROM products))`);
  const insertStock = db.prepare('INSERT INTO stock (sku, on_hand) VALUES (?, 0)');
  const updateProduct = db.prepare(`
    UPDATE products SET name = ?, sort_name = ?, description = ?, category = ?, price_cents = ?, image_url = ?, active = ?,
      revision = ?
    WHERE sku = ? RETURNING product_no`);
  // A counter for each state at most: found by their key, which begins with the state.
  const setCountersActive = db.prepare(
    'UPDATE popularity SET is_active = ? WHERE product_no = ? AND state IN (SELECT value FROM json_each(?))',
  );
  const states = JSON.stringify(usStates);
  const deleteWords = db.prepare('DELETE FROM product_words WHERE sku = ?');
  const insertWords = db.prepare('INSERT INTO product_words (sku, word) SELECT ?, value FROM json_each(?)');
  const nameRanks = createNameRanks(db);
  const insertMovement = db.prepare(`
    INSERT INTO stock_movements (sku, units, reason, note, reference, actor, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const addStock = db.prepare('UPDATE stock SET on_hand = on_hand + ? WHERE sku = ?');

  function writeProduct(product: StoredProduct, before: StoredProduct | undefined): void {
    const { sku, name, description, category, priceCents, imageUrl, revision, createdAtMs } = product;
    const active = product.active ? 1 : 0;
    const words = [name, sortName(name)] as const;
    if (before === undefined) {
      const rest = [description, category, priceCents, imageUrl, active, revision, createdAtMs] as const;
      insertProduct.run(sku, ...words, ...rest);
      insertStock.run(sku);
      nameRanks.rank(sku, name, null);
      return;
    }
    const row = updateProduct.get(
      ...words,
      description,
      category,
      priceCents,
      imageUrl,
      active,
      revision,
      sku,
    );
    const productNo = Number(row?.['product_no']);
    if (before.name !== name) nameRanks.rank(sku, name, productNo);
    if (before.active !== product.active) setCountersActive.run(active, productNo, states);
  }

  function writeWords({ sku, name, category, active }: StoredProduct, isNew: boolean): void {
    if (!isNew) deleteWords.run(sku);
    if (active) insertWords.run(sku, JSON.stringify(productWords({ name, category, sku })));
  }

  return (snapshot: CatalogSnapshot, { products, movements, unitsMoved }: CatalogWriteSet): void => {
    for (const product of products) {
      const before = snapshot.products.get(product.sku);
      writeProduct(product, before);
      writeWords(product, before === undefined);
    }
    nameRanks.settle();
    for (const { sku, units, reason, note, reference, actor, atMs } of movements)
      insertMovement.run(sku, units, reason, note, reference, actor, atMs);
    for (const [sku, units] of unitsMoved) addStock.run(units, sku);
  };
}
