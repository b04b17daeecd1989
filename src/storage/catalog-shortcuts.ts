/** The plain changes of a catalogue, on top of `changeCatalog`: the same on every engine. */
import type { CatalogChange, CatalogOutcome, CatalogProblem } from '../domain/decide-catalog.ts';
import type { CatalogProduct } from '../domain/product.ts';
import type { StockMovement } from '../domain/stock-movement.ts';
import type { OrderStore } from './order-store.ts';

/** A change was asked for that must be possible, and is not. */
export class CatalogRefusedError extends Error {
  override readonly name = 'CatalogRefusedError';
  readonly problems: readonly CatalogProblem[];

  constructor(change: CatalogChange, problems: readonly CatalogProblem[]) {
    const words = problems.map(({ of, index, code }) => {
      const sku = of === 'product' ? change.products[index]?.product.sku : change.movements[index]?.sku;
      return `${of} ${sku}: ${code}`;
    });
    super(`the catalogue was not changed: ${words.join(', ')}`);
    this.problems = problems;
  }
}

const noChange = { products: [], movements: [], onlyIfEmpty: false, isTrial: false } as const;

export function catalogShortcuts(
  changeCatalog: OrderStore['changeCatalog'],
): Pick<OrderStore, 'saveProducts' | 'moveStock' | 'seedCatalog'> {
  async function mustChange(change: CatalogChange): Promise<CatalogOutcome> {
    const outcome = await changeCatalog(change);
    if (outcome.kind === 'refused') throw new CatalogRefusedError(change, outcome.problems);
    return outcome;
  }

  return {
    async saveProducts(products, atMs = Date.now()) {
      if (products.length > 0) await mustChange({ ...noChange, atMs, products: products.map(toChange) });
    },

    async moveStock(movements) {
      if (movements.length > 0) await mustChange({ ...noChange, atMs: latestOf(movements), movements });
    },

    async seedCatalog(products, movements, atMs = Date.now()) {
      const change = { ...noChange, atMs, products: products.map(toChange), movements, onlyIfEmpty: true };
      return (await mustChange(change)).kind === 'changed';
    },
  };
}

function toChange(product: CatalogProduct) {
  return { product, expectedRevision: null };
}

function latestOf(movements: readonly StockMovement[]): number {
  return movements.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
}
