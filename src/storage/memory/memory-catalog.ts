/** The catalogue, the ledger and the pictures of the reference model. */
import { decideCatalogChange, referenceId, skusOf } from '../../domain/decide-catalog.ts';
import type { StoredProduct } from '../../domain/product.ts';
import { hashInImagePath, imagesLookedAtMax, unnamedImagesKeptMs } from '../../domain/product-image.ts';
import { productWords } from '../../domain/product-search.ts';
import { auditOfCatalog } from '../catalog-audit.ts';
import { catalogShortcuts } from '../catalog-shortcuts.ts';
import type { ClearedImages, OrderStore } from '../order-store.ts';
import { appendAudit } from './memory-access.ts';
import type { MemoryContents } from './memory-contents.ts';
import { countOnHand, frozenCopy } from './recounts.ts';

type CatalogWrites = Pick<
  OrderStore,
  'changeCatalog' | 'saveProducts' | 'moveStock' | 'seedCatalog' | 'saveImages' | 'clearImages'
>;

export function memoryCatalogWrites(contents: MemoryContents, assertOpen: () => void): CatalogWrites {
  const changeCatalog: OrderStore['changeCatalog'] = async (change, origin = null) => {
    assertOpen();
    const skus = skusOf(change);
    const products = contents.products.filter(({ sku }) => skus.includes(sku));
    const snapshot = {
      isEmpty: contents.products.length === 0,
      products: new Map(products.map((product) => [product.sku, product])),
      onHand: new Map(products.map(({ sku }) => [sku, countOnHand(contents, sku)])),
      movementsByReference: new Map(
        contents.movements.flatMap(({ sku, reference, units, reason }) =>
          reference === null ? [] : [[referenceId(sku, reference), { units, reason }] as const],
        ),
      ),
    };
    const { outcome, writeSet } = decideCatalogChange(snapshot, frozenCopy(change));
    if (change.isTrial) return frozenCopy(outcome);
    appendAudit(contents, auditOfCatalog(origin, change, outcome));
    saveProducts(contents, writeSet.products, change.atMs);
    const made = writeSet.movements.map((movement, index) =>
      frozenCopy({ ...movement, movementId: contents.movements.length + 1 + index }),
    );
    contents.movements = [...contents.movements, ...made];
    contents.stock = addUnits(contents.stock, [...writeSet.unitsMoved]);
    mark(contents, writeSet.imagesGivenUp, change.atMs);
    return frozenCopy(outcome);
  };

  return {
    changeCatalog,
    ...catalogShortcuts(changeCatalog),

    async clearImages(nowMs) {
      assertOpen();
      return clearImages(contents, nowMs);
    },

    async saveImages(images, atMs = Date.now()) {
      assertOpen();
      mark(
        contents,
        images.map(({ hash }) => hash),
        atMs,
      );
      for (const image of images) {
        if (contents.images.some(({ hash }) => hash === image.hash)) continue;
        // Bytes can't be frozen: they are copied.
        contents.images = [...contents.images, Object.freeze({ ...image, bytes: image.bytes.slice() })];
      }
    },
  };
}

function saveProducts(contents: MemoryContents, products: readonly StoredProduct[], atMs: number): void {
  const saved = products.map(({ sku }) => sku);
  contents.products = [
    ...contents.products.filter(({ sku }) => !saved.includes(sku)),
    ...frozenCopy(products),
  ];
  contents.productChanges = [
    ...contents.productChanges,
    ...products.map((product, index) =>
      frozenCopy({
        position: contents.productChanges.length + 1 + index,
        product,
        changedAtMs: atMs,
      }),
    ),
  ];
  contents.stock = new Map([...saved.map((sku) => [sku, 0] as const), ...contents.stock]);
  contents.words = new Map([
    ...contents.words,
    ...products.map((product) => [product.sku, product.active ? productWords(product) : []] as const),
  ]);
  contents.counters = contents.counters.map((counter) => ({
    ...counter,
    name: contents.products.find(({ sku }) => sku === counter.sku)?.name ?? counter.name,
  }));
}

function mark(contents: MemoryContents, hashes: readonly string[], atMs: number): void {
  contents.unnamedImages = new Map([
    ...contents.unnamedImages,
    ...hashes.map((hash) => [hash, atMs] as const),
  ]);
}

function clearImages(contents: MemoryContents, nowMs: number): ClearedImages {
  const due = [...contents.unnamedImages]
    .filter(([, sinceMs]) => sinceMs <= nowMs - unnamedImagesKeptMs)
    .sort(([, one], [, other]) => one - other)
    .slice(0, imagesLookedAtMax)
    .map(([hash]) => hash);
  const named = new Set(contents.products.map(({ imageUrl }) => hashInImagePath(imageUrl)));
  const kept = contents.images.filter(({ hash }) => named.has(hash) || !due.includes(hash));
  const cleared = contents.images.length - kept.length;
  contents.images = kept;
  contents.unnamedImages = new Map([...contents.unnamedImages].filter(([hash]) => !due.includes(hash)));
  return { cleared, isMore: due.length === imagesLookedAtMax };
}

export function memoryCatalogReads(
  contents: MemoryContents,
  assertOpen: () => void,
): Pick<OrderStore, 'listStockMovements' | 'findImage'> {
  return {
    async listStockMovements(sku, before, limit) {
      assertOpen();
      const found = contents.movements
        .filter((movement) => movement.sku === sku && (before === null || movement.movementId < before))
        .toReversed();
      return frozenCopy({ movements: found.slice(0, limit), hasMore: found.length > limit });
    },

    async findImage(hash) {
      assertOpen();
      return contents.images.find((image) => image.hash === hash) ?? null;
    },
  };
}

export function addUnits(
  stock: ReadonlyMap<string, number>,
  added: readonly (readonly [sku: string, units: number])[],
): ReadonlyMap<string, number> {
  const sums = new Map(stock);
  for (const [sku, units] of added) sums.set(sku, (sums.get(sku) ?? 0) + units);
  return sums;
}
