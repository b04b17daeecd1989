/**
 * Which counters are in a state's ranking, as statements. A counter is ranked when `ranked_at_ms` is set.
 *
 * Always holds: the twenty best active products of a state are ranked, and no retired one is. A counter which is counted
 * up can come among the best; its own transaction looks ({@link isAmongBest}). One that is counted down can let another
 * come among them: ranking-debt.ts.
 * A counter that others have overtaken is taken out later (ranking-keeper.ts).
 *
 * A ranked product that is retired or renamed lets others move up, whose counters did not change. They are looked for
 * among all counters of the state, which takes seconds for a million (best-counters.ts). Orders need not wait for that,
 * because {@link spareRanks} more than twenty are ranked: an order that is committed meanwhile ranks its counter also
 * when so many of those before it are about to go.
 */
import { type Popularity, topProductsMax } from '../../domain/top-products.ts';
import type { Statement } from './connection.ts';

/** Most popular first, as `comparePopularity` has it; the columns are in byte order. */
export const popularityOrder = 'orders DESC, units DESC, name, sku';

/** So many ranked products of a state may be retired or renamed at once while orders go on; beyond it orders wait. */
export const spareRanks = 4;

export const ranksKept = topProductsMax + spareRanks;

/** @param column of a counter as it will be, as an expression */
export function isAmongBest(column: (name: 'state' | 'orders' | 'units' | 'name' | 'sku') => string): string {
  return `${ranksKept} > (
    SELECT count(*) FROM popularity AS ranked
    WHERE ranked.state = ${column('state')} AND ranked.ranked_at_ms IS NOT NULL
      AND (-ranked.orders, -ranked.units, ranked.name, ranked.sku)
        < (-(${column('orders')}), -(${column('units')}), ${column('name')}, ${column('sku')}))`;
}

/** Those of products that are active by now: one may have been retired since its counter was looked at. */
export const rankCounters = (counters: readonly Popularity[], nowMs: number): Statement => ({
  text: `
    UPDATE popularity SET ranked_at_ms = $3::bigint
    FROM unnest($1::text[], $2::text[]) AS best(state, sku)
    WHERE popularity.sku = best.sku AND popularity.state = best.state AND popularity.ranked_at_ms IS NULL
      AND best.sku IN (SELECT sku FROM products WHERE active)`,
  values: [counters.map(({ state }) => state), counters.map(({ sku }) => sku), nowMs],
});

/** Ranks the best of every state, in one statement without a limit in time. */
export const rankAll = (nowMs: number): Statement => ({
  text: `
    UPDATE popularity SET ranked_at_ms = $1::bigint
    FROM (SELECT state, sku, row_number() OVER (PARTITION BY state ORDER BY ${popularityOrder}) AS rank
      FROM popularity WHERE sku NOT IN (SELECT sku FROM products WHERE NOT active)) AS best
    WHERE best.rank <= ${ranksKept} AND popularity.ranked_at_ms IS NULL
      AND popularity.sku = best.sku AND popularity.state = best.state`,
  values: [nowMs],
});

/** The counters of saved products take their names; those of retired products leave the rankings. */
export const followProducts = (skus: readonly string[]): Statement => ({
  text: `
    UPDATE popularity SET name = products.name,
      ranked_at_ms = CASE WHEN products.active THEN popularity.ranked_at_ms END
    FROM products WHERE products.sku = ANY($1::text[]) AND popularity.sku = products.sku`,
  values: [skus],
});

/** Ranks the counters of saved products that are among the best. */
export const rankProducts = (skus: readonly string[], nowMs: number): Statement => ({
  text: `
    UPDATE popularity AS counter SET ranked_at_ms = $2::bigint
    FROM products
    WHERE products.sku = ANY($1::text[]) AND products.active AND counter.sku = products.sku
      AND counter.ranked_at_ms IS NULL AND ${isAmongBest((name) => `counter.${name}`)}
    RETURNING counter.state`,
  values: [skus, nowMs],
});

/** Takes out who is beyond the best. */
export const shortenRankings = (states: readonly string[]): Statement => ({
  name: 'shorten-rankings',
  text: `
    UPDATE popularity SET ranked_at_ms = NULL
    FROM (SELECT state, sku, row_number() OVER (PARTITION BY state ORDER BY ${popularityOrder}) AS rank
      FROM popularity WHERE state = ANY($1::text[]) AND ranked_at_ms IS NOT NULL) AS ranked
    WHERE ranked.rank > ${ranksKept}
      AND popularity.state = ranked.state AND popularity.sku = ranked.sku`,
  values: [states],
});
