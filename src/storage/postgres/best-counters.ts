/**
 * The best counters of some states, looked for among all: a scan, for no index leads to them (docs/decisions/0012).
 *
 * Read in ranges of products, so that each statement is short however many products there are. A counter that is not
 * counted up after it was read has the value that was found, and is among the best that are found when it is among
 * the best.
 */
import { comparePopularity, type Popularity } from '../../domain/top-products.ts';
import type { Connection, Row, Statement } from './connection.ts';
import { popularityOrder, ranksKept } from './ranking.ts';

/** In one statement. Each has a counter for each state at most. */
export const productsPerRange = 1_000;

/** Where a range ends: the last SKU of each. */
const selectRangeEnds: Statement = {
  text: `
    SELECT sku FROM (SELECT sku, row_number() OVER (ORDER BY sku) AS nth FROM products) AS numbered
    WHERE nth % ${productsPerRange} = 0 ORDER BY sku`,
};

/** NOT IN reads the retired products once. Counters below the floor of their state are not worth sorting. */
const selectBestOfRange = `
  SELECT state, sku, name, orders, units FROM (
    SELECT state, sku, name, orders, units,
      row_number() OVER (PARTITION BY state ORDER BY ${popularityOrder}) AS rank
    FROM popularity
    WHERE sku > $1 AND ($2::text IS NULL OR sku <= $2) AND state = ANY($3::text[])
      AND orders >= coalesce(($4::jsonb ->> state)::bigint, 0)
      AND sku <> ALL($5::text[]) AND sku NOT IN (SELECT sku FROM products WHERE NOT active)) AS counted
  WHERE rank <= ${ranksKept}`;

/** Of active products. @param except SKUs of products that are left out */
export async function findBestCounters(
  send: Connection['send'],
  states: readonly string[],
  except: readonly string[],
): Promise<readonly Popularity[]> {
  const [ends] = await send([selectRangeEnds]);
  const bestByState = new Map<string, readonly Popularity[]>();
  let after = '';
  for (const end of [...(ends?.rows ?? []).map((row) => String(row['sku'])), null]) {
    const values = [after, end, states, JSON.stringify(floorsOf(bestByState)), except];
    const [found] = await send([{ text: selectBestOfRange, values }]);
    addBest(bestByState, found?.rows ?? []);
    after = end ?? after;
  }
  return [...bestByState.values()].flat();
}

function addBest(bestByState: Map<string, readonly Popularity[]>, rows: readonly Row[]): void {
  for (const [state, found] of Map.groupBy(rows as unknown as readonly Popularity[], (row) => row.state)) {
    const best = [...(bestByState.get(state) ?? []), ...found].sort(comparePopularity);
    bestByState.set(state, best.slice(0, ranksKept));
  }
}

/** The orders that a counter must have to come in, for states that have as many as are kept. */
function floorsOf(bestByState: ReadonlyMap<string, readonly Popularity[]>): Readonly<Record<string, number>> {
  const floors: Record<string, number> = {};
  for (const [state, best] of bestByState) {
    const last = best[ranksKept - 1];
    if (last !== undefined) floors[state] = last.orders;
  }
  return floors;
}
