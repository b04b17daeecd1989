/**
 * What docs/LAKE.md says of DuckDB, Polars and delta-rs, done with the lake that a service has written beside taking
 * orders. LAKE_PYTHON names a Python that has them: scripts/test-lake.sh.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { exampleIn, itAnalyses, runExample } from './analyses.contract.ts';
import { openSoldShop, type SoldShop } from './sold-shop.ts';
import { openSqlPrompt, type SqlPrompt } from './sql-prompt.ts';

const python = process.env['LAKE_PYTHON'] ?? '';
const skip = python === '' && 'LAKE_PYTHON names no Python with delta-rs, DuckDB and Polars';

describe('the lake of a shop that has sold', { skip }, () => {
  let shop: SoldShop;
  let prompt: SqlPrompt;
  let lake: string;
  before(async () => {
    if (skip !== false) return;
    shop = await openSoldShop({ LAKE_URL: 'file:./lake' });
    lake = join(shop.folder, 'lake');
    prompt = openSqlPrompt({ engine: 'duckdb', python });
  });
  after(async () => {
    await prompt?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
  });

  it('is read by the example for DuckDB', async () => {
    const { rows } = await runExample(prompt, 'DuckDB', lake);
    const dollars = rows.map(([state, orders, sum]) => [state, orders, Math.round(Number(sum) * 100)]);
    assert.deepEqual(dollars, shop.ordersByState);
  });

  describe('with DuckDB', () => itAnalyses(() => ({ shop, prompt })));

  const printedBy = (example: string) =>
    execFileSync(python, ['-c', example.replaceAll('/srv/shop/lake', lake)], { encoding: 'utf8' });

  it('is read by the example for Polars and delta-rs', () => {
    const printed = printedBy(exampleIn('Polars and delta-rs', 'python'));
    for (const [state, orders, cents] of shop.ordersByState)
      assert.match(printed, new RegExp(`${state}\\W+${orders}\\W+${cents}\\W`));
  });

  it('has the top products of a state by the example for Polars', () => {
    const printed = printedBy(exampleIn('Polars and delta-rs', 'python', 1));
    const rows = Array.from(printed.matchAll(/^│ ([a-z0-9-]+) +┆ (\d+) +┆ (\d+) +┆/gm));
    const figures = rows.map(([, sku, orders, units]) => `${sku} ${orders} ${units}`);
    assert.deepEqual(figures, shop.rankings.get('TX'), printed);
  });
});
