/** The analyses of docs/analyses, run by a reader on the lake of a shop that has sold, and compared with the shop. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { analysisSql } from '../../scripts/lake-document.ts';
import { baskets, repeatZipCodes, revenueByHour, stockCover, topProducts } from './expected-analyses.ts';
import { type SoldShop, states } from './sold-shop.ts';
import type { SqlPrompt } from './sql-prompt.ts';

export const tableNames = ['orders', 'order_lines', 'order_events', 'products', 'stock_movements'] as const;

/**
 * A piece of code in a section of docs/LAKE.md.
 * @param language as the page marks it, such as `sql`
 * @param index of the pieces in that language, the first is 0
 */
export function exampleIn(section: string, language: string, index = 0): string {
  const page = readFileSync(join(import.meta.dirname, '../../docs/LAKE.md'), 'utf8');
  const text = page.split(`### ${section}\n`)[1]?.split('\n### ')[0] ?? assert.fail(section);
  const pieces = Array.from(text.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g')));
  return pieces[index]?.[1] ?? assert.fail(`${section}: no ${language} ${index}`);
}

/** Runs the example of docs/LAKE.md in a lake, and gives what its last statement found. */
export async function runExample(prompt: SqlPrompt, section: string, lake: string) {
  const statements = exampleIn(section, 'sql')
    .replaceAll('/srv/shop/lake', lake)
    // The tests have the extension from PyPI, and load it themselves.
    .replace(/^INSTALL delta; LOAD delta;\n/, '')
    .split(';\n')
    .filter((statement) => statement.trim() !== '');
  let found = null;
  for (const statement of statements) found = await prompt.run(statement);
  return found ?? assert.fail(`${section}: no statement`);
}

/** @param named gives the shop and a prompt whose views are made */
export function itAnalyses(given: () => { readonly shop: SoldShop; readonly prompt: SqlPrompt }): void {
  const ask = async (name: Parameters<typeof analysisSql>[0]) =>
    (await given().prompt.run(analysisSql(name))).rows;

  it('finds the three products of each state that its page shows, and those of each week', async () => {
    const { shop } = given();
    const rows = await ask('top-products');
    const ofAllTime = rows.filter(([, week]) => week === null);
    for (const state of states) {
      const ranked = ofAllTime.filter(([of]) => of === state);
      const skus = ranked.map(([, , , sku]) => sku);
      assert.deepEqual(skus, shop.shownProducts.get(state), `the page of ${state}`);
      const figures = ranked.map(([, , , sku, , orders, units]) => `${sku} ${orders} ${units}`);
      assert.deepEqual(figures, shop.rankings.get(state), `the ranking of ${state}`);
      assert.equal(skus.length, 3, state);
    }
    const expected = topProducts(shop);
    assert.deepEqual(
      rows.filter(([, week]) => week !== null),
      expected,
    );
    assert.ok(new Set(expected.map(([, week]) => week)).size > 2, 'the shop has sold in several weeks');
  });

  it('finds which products are bought together', async () => {
    const expected = baskets(given().shop);
    assert.deepEqual(await ask('baskets'), expected);
    assert.ok(expected.length > 5);
  });

  it('finds the ZIP codes that order again', async () => {
    const expected = repeatZipCodes(given().shop);
    assert.deepEqual(await ask('repeat-zip-codes'), expected);
    assert.ok(expected.length > 3);
  });

  it('finds the units on hand that the shop shows, and how long they last', async () => {
    const expected = stockCover(given().shop);
    assert.deepEqual(await ask('stock-cover'), expected);
    assert.ok(expected.some(([, , , units]) => Number(units) > 0));
  });

  it('finds the revenue of each hour', async () => {
    const expected = revenueByHour(given().shop);
    assert.deepEqual(await ask('revenue-by-hour'), expected);
    assert.ok(
      expected.some(([, , , , , cancelled, returned]) => Number(cancelled) > 0 && Number(returned) > 0),
    );
  });
}
