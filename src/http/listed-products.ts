/**
 * The products that the shop page lists, read again only when they may have changed.
 *
 * A page of 1,000 products would take milliseconds of the serving thread to read and to render. Always holds: what an
 * order of this service has changed is in every list that is asked for after its answer; what other instances have
 * changed is in every list after {@link ageMsMax}. A product that has not changed stays the same object, so that what
 * was rendered from it can be kept. The rows are read some at a time, with a turn of the event loop in between, so that
 * no turn is long.
 */
import { isSameProduct, type Product } from '../domain/product.ts';
import type { OrderStore } from '../storage/order-store.ts';

export interface ListedProducts {
  /** Active products, by SKU; the same list as long as nothing has changed. */
  read(): Promise<readonly Product[]>;
}

export interface ListedProductsOptions {
  readonly store: Pick<OrderStore, 'listActiveProducts'>;
  /** Counts the commits of this service: another number means that the stock may be another. */
  readonly commitCount: () => number;
}

/** The most products a shop page lists. */
const countMax = 1_000;

/** So old may a list be of which only other instances know that it has changed, in milliseconds. */
export const ageMsMax = 200;

/** A quarter of a millisecond to read. */
const rowsPerTurn = 200;

interface Listed {
  readonly products: readonly Product[];
  readonly commitCount: number;
  readonly readAtMs: number;
}

export function createListedProducts({ store, commitCount }: ListedProductsOptions): ListedProducts {
  let listed: Listed | null = null;
  let reading: Promise<Listed> | null = null;

  function isFresh({ commitCount: known, readAtMs }: Listed, wanted: number): boolean {
    return known >= wanted && performance.now() - readAtMs < ageMsMax;
  }

  async function readAgain(): Promise<Listed> {
    const begun = { commitCount: commitCount(), readAtMs: performance.now() };
    const products: Product[] = [];
    let after: string | null = null;
    do {
      if (after !== null) await new Promise((resolve) => setImmediate(resolve));
      const page = await store.listActiveProducts(after, Math.min(rowsPerTurn, countMax - products.length));
      products.push(...page.products);
      after = page.hasMore ? (page.products.at(-1)?.sku ?? null) : null;
    } while (after !== null && products.length < countMax);
    listed = { ...begun, products: keepUnchanged(listed?.products ?? [], products) };
    return listed;
  }

  return {
    async read() {
      const wanted = commitCount();
      if (listed !== null && isFresh(listed, wanted)) return listed.products;
      for (;;) {
        reading ??= readAgain().finally(() => {
          reading = null;
        });
        const { products, commitCount: known } = await reading;
        // One that had begun before the last commit may have missed it; the next has not.
        if (known >= wanted) return products;
      }
    },
  };
}

/** The new list, with the known objects where nothing has changed, and the known list where nothing has at all. */
function keepUnchanged(known: readonly Product[], read: readonly Product[]): readonly Product[] {
  const bySku = new Map(known.map((product) => [product.sku, product]));
  const kept = read.map((product) => {
    const before = bySku.get(product.sku);
    return before !== undefined && isSameProduct(before, product) ? before : product;
  });
  return kept.length === known.length && kept.every((product, i) => product === known[i]) ? known : kept;
}
