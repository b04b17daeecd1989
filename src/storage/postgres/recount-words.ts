/** The part of `verify` that holds the words and the sorted name of each product against the program's own. */
import type { Product } from '../../domain/product.ts';
import { productWords, sortName } from '../../domain/product-search.ts';
import { type Finding, findingsPerCheckMax } from '../verify-checks.ts';
import type { Connection } from './connection.ts';

/** The outcome of one check. */
export interface Recount {
  /** How many things it looked at. */
  readonly examined: number;
  readonly found: readonly Omit<Finding, 'check'>[];
}

interface KeptWords extends Pick<Product, 'sku' | 'name' | 'category' | 'active'> {
  readonly sort_name: string | null;
  readonly words: readonly string[];
}

const productsAtOnce = 1_000;

/** One query for so many products, so that a catalogue of any size takes little memory. */
const selectKept = `
  SELECT sku, name, category, active, sort_name, ARRAY(
    SELECT word FROM product_words WHERE product_words.sku = products.sku ORDER BY word) AS words
  FROM products WHERE sku > $1 ORDER BY sku LIMIT ${productsAtOnce}`;

const selectStray = `
  SELECT word, sku FROM product_words
  WHERE NOT EXISTS (SELECT FROM products WHERE products.sku = product_words.sku) LIMIT ${findingsPerCheckMax}`;

export async function recountWords(send: Connection['send']): Promise<Recount> {
  const [stray] = await send([{ text: selectStray }]);
  const found = (stray?.rows ?? []).map(({ word, sku }) => ({
    subject: `word ${word}`,
    expected: 'a product',
    found: `none of SKU ${sku}`,
  }));
  let examined = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const [answer]: Awaited<ReturnType<Connection['send']>> = await send([
      { text: selectKept, values: [after] },
    ]);
    const products = (answer?.rows ?? []) as unknown as readonly KeptWords[];
    found.push(...products.flatMap(compare));
    examined += products.length;
    after = products.at(-1)?.sku;
  }
  return { examined, found: found.slice(0, findingsPerCheckMax) };
}

function compare(kept: KeptWords): readonly Recount['found'][number][] {
  const { sku } = kept;
  const [sorted, words] = [sortName(kept.name), kept.active ? productWords(kept).join(' ') : ''];
  const keptWords = kept.words.join(' ');
  return [
    ...(sorted === kept.sort_name
      ? []
      : [{ subject: sku, expected: `sorted as ${sorted}`, found: `${kept.sort_name}` }]),
    ...(words === keptWords ? [] : [{ subject: sku, expected: words, found: keptWords }]),
  ];
}
