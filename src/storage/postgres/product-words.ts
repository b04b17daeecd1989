/**
 * The words of products and their sorted names, which the program makes: SQL does not fold texts as
 * `domain/product-search.ts` does. Always holds: a product whose `sort_name` is set has the words of its name, its
 * category and its SKU when it is active, and none when it is retired.
 */
import type { Product } from '../../domain/product.ts';
import { productWords, sortName } from '../../domain/product-search.ts';
import type { Connection, Statement } from './connection.ts';
import { beginReadCommitted, lockCatalog } from './locks.ts';

type FindableProduct = Pick<Product, 'sku' | 'name' | 'category' | 'active'>;

/** For products of different SKUs that are stored with their sorted names, under the catalogue's lock. */
export function wordStatements(products: readonly FindableProduct[]): readonly Statement[] {
  const skus = products.map(({ sku }) => sku);
  const pairs = products
    .filter(({ active }) => active)
    .flatMap((product) => productWords(product).map((word) => ({ sku: product.sku, word })));
  return [
    { text: 'DELETE FROM product_words WHERE sku = ANY($1::text[])', values: [skus] },
    {
      text: 'INSERT INTO product_words (sku, word) SELECT * FROM unnest($1::text[], $2::text[])',
      values: [pairs.map(({ sku }) => sku), pairs.map(({ word }) => word)],
    },
  ];
}

/** One by one: a table that is on every machine is changed by no function in FROM (docs/decisions/0018). */
const setSortName = ({ sku, name }: FindableProduct): Statement => ({
  text: 'UPDATE products SET sort_name = $2 WHERE sku = $1',
  values: [sku, sortName(name)],
});

const productsAtOnce = 500;

/** Makes what is missing since a migration, or because an older program has saved products. Orders go on. */
export async function makeMissingWords({ send }: Pick<Connection, 'send'>): Promise<void> {
  for (let isMissing = await lacksWords(send); isMissing; ) {
    await send([{ text: beginReadCommitted }]);
    try {
      const [, answer] = await send([
        lockCatalog,
        {
          text: `SELECT sku, name, category, active FROM products WHERE sort_name IS NULL
            ORDER BY sku LIMIT ${productsAtOnce}`,
        },
      ]);
      const products = (answer?.rows ?? []) as unknown as readonly FindableProduct[];
      await send([...products.map(setSortName), ...wordStatements(products)]);
      await send([{ text: 'COMMIT' }]);
      isMissing = products.length === productsAtOnce;
    } catch (error) {
      await send([{ text: 'ROLLBACK' }]).catch(() => undefined);
      throw error;
    }
  }
}

/** Without a lock: a service that starts while nothing is missing waits for nobody. */
async function lacksWords(send: Connection['send']): Promise<boolean> {
  const [answer] = await send([{ text: 'SELECT FROM products WHERE sort_name IS NULL LIMIT 1' }]);
  return answer?.rowCount === 1;
}
