/**
 * What the shop page shows before anything is searched for, read again only when it may have changed.
 *
 * Always holds: what an order of this service has changed is in every view that is asked for after its answer; what
 * other instances have changed is in every view after {@link ageMsMax}. A product that has not changed stays the same
 * object, so that what was rendered from it can be kept.
 */
import { isSameProduct, type Product } from '../../domain/product.ts';
import type { ProductPosition, ProductSearch } from '../../domain/product-search.ts';
import type { OrderStore } from '../../storage/order-store.ts';

/** The most products a shop page lists. */
export const productsShownMax = 48;

/** The most categories that it offers, of a shop with more products than that. */
export const categoriesShownMax = 100;

/** So old may a view be of which only other instances know that it has changed, in milliseconds. */
export const ageMsMax = 200;

export interface FirstView {
  /** Active products; the same list as long as nothing has changed. All there are by SKU, or the first by name. */
  readonly products: readonly Product[];
  /** Of a catalogue that is larger than one page; null when all of it is here. */
  readonly more: {
    readonly categories: readonly string[];
    /** Where the next page begins; null when there is none any more. */
    readonly next: ProductPosition | null;
  } | null;
}

export interface FirstViews {
  read(): Promise<FirstView>;
}

export interface FirstViewOptions {
  readonly store: Pick<OrderStore, 'listActiveProducts' | 'findProducts' | 'listCategories'>;
  /** Counts the commits of this service: another number means that the stock may be another. */
  readonly commitCount: () => number;
  /** Milliseconds since some moment; never goes back. */
  readonly nowMs: () => number;
}

export const wholeCatalogue: ProductSearch = { words: [], category: null, sort: 'name' };

interface Read {
  readonly view: FirstView;
  readonly commitCount: number;
  readonly readAtMs: number;
}

export function createFirstViews({ store, commitCount, nowMs }: FirstViewOptions): FirstViews {
  let last: Read | null = null;
  let reading: Promise<Read> | null = null;

  function isFresh({ commitCount: known, readAtMs }: Read, wanted: number): boolean {
    return known >= wanted && nowMs() - readAtMs < ageMsMax;
  }

  async function readView(): Promise<FirstView> {
    const { products, hasMore } = await store.listActiveProducts(null, productsShownMax);
    if (!hasMore) return { products, more: null };
    const found = await store.findProducts(wholeCatalogue, null, productsShownMax);
    const categories = await store.listCategories(categoriesShownMax);
    return { products: found.products, more: { categories, next: found.next } };
  }

  async function readAgain(): Promise<Read> {
    const begun = { commitCount: commitCount(), readAtMs: nowMs() };
    last = { ...begun, view: keepUnchanged(last?.view, await readView()) };
    return last;
  }

  return {
    async read() {
      const wanted = commitCount();
      if (last !== null && isFresh(last, wanted)) return last.view;
      for (;;) {
        reading ??= readAgain().finally(() => {
          reading = null;
        });
        const { view, commitCount: known } = await reading;
        // One that had begun before the last commit may have missed it; the next has not.
        if (known >= wanted) return view;
      }
    },
  };
}

/** The new view, with the known objects where nothing has changed, and the known view where nothing has at all. */
function keepUnchanged(known: FirstView | undefined, read: FirstView): FirstView {
  if (known === undefined) return read;
  const bySku = new Map(known.products.map((product) => [product.sku, product]));
  const kept = read.products.map((product) => {
    const before = bySku.get(product.sku);
    return before !== undefined && isSameProduct(before, product) ? before : product;
  });
  const isSame =
    kept.length === known.products.length &&
    kept.every((product, i) => product === known.products[i]) &&
    JSON.stringify(read.more) === JSON.stringify(known.more);
  return isSame ? known : { ...read, products: kept };
}
