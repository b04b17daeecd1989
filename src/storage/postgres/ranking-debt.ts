/**
 * Cancelled and returned orders count down, and a ranked counter that falls may let one move up that is not ranked.
 *
 * Always holds: the best `ranksKept` − debt active products of a state are ranked. The debt is how many falls have
 * happened since all counters of the state were last looked at; both are counted in `ranking_debt` and only grow. A
 * counter falls when it is lowered and then stands behind the last of those best: one that still stands before it is
 * better than all that are not ranked. So a shop with fewer products than ranks never has a debt. With a debt of
 * {@link spareRanks} the best twenty are still ranked.
 *
 * A debt is paid by looking at all counters of the state (best-counters.ts): in the background from the first fall on
 * ({@link payInBackground}), beside orders; by the step's own transaction when the spare is used up
 * ({@link rankAnew}), and then orders wait. Falls that happen while the counters are being looked at stay owed
 * (docs/decisions/0012).
 */
import type { Popularity } from '../../domain/top-products.ts';
import { findBestCounters } from './best-counters.ts';
import type { Answer, Connection, Statement } from './connection.ts';
import { popularityOrder, rankCounters, ranksKept, spareRanks } from './ranking.ts';

/** Which answer tells the states that owe something: {@link toDebts}. */
export const debtAnswer = 'take-popularity';

/** Where fewer are ranked than the floor's rank, all counters are. */
const takeAndTell = `
  WITH taken AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) AS taken(state, sku, orders, units)),
  floor AS (
    SELECT ranked.* FROM (
      SELECT state, sku, name, orders, units,
        row_number() OVER (PARTITION BY state ORDER BY ${popularityOrder}) AS rank
      FROM popularity WHERE state = ANY($1::text[]) AND ranked_at_ms IS NOT NULL) AS ranked
    LEFT JOIN ranking_debt AS owed ON owed.state = ranked.state
    WHERE rank = ${ranksKept} - coalesce(owed.falls - owed.paid, 0)),
  lowered AS (
    UPDATE popularity AS counter SET orders = counter.orders - taken.orders, units = counter.units - taken.units
    FROM taken WHERE counter.sku = taken.sku AND counter.state = taken.state
    RETURNING counter.state, counter.sku, counter.name, counter.orders, counter.units, counter.ranked_at_ms),
  fallen AS (
    SELECT lowered.state, count(*) AS falls
    FROM lowered JOIN floor ON floor.state = lowered.state
    WHERE lowered.ranked_at_ms IS NOT NULL
      AND (-lowered.orders, -lowered.units, lowered.name, lowered.sku)
        >= (-floor.orders, -floor.units, floor.name, floor.sku)
      AND (lowered.sku <> floor.sku OR (lowered.orders, lowered.units) <> (floor.orders, floor.units))
    GROUP BY lowered.state)
  INSERT INTO ranking_debt AS owed (state, falls) SELECT state, falls FROM fallen
  ON CONFLICT (state) DO UPDATE SET falls = owed.falls + excluded.falls
  RETURNING state, falls, paid`;

/** Who sends it has the shop's lock. */
export const takePopularity = (counters: readonly Popularity[]): Statement => ({
  name: debtAnswer,
  text: takeAndTell,
  values: [
    counters.map(({ state }) => state),
    counters.map(({ sku }) => sku),
    counters.map(({ orders }) => orders),
    counters.map(({ units }) => units),
  ],
});

export interface RankingDebt {
  readonly state: string;
  /** So far, those that are paid too. */
  readonly falls: number;
  readonly paid: number;
}

export function toDebts(answer: Answer | undefined): readonly RankingDebt[] {
  return (answer?.rows ?? []) as unknown as readonly RankingDebt[];
}

/** States whose best twenty may not all be ranked. */
export function statesBeyondSpare(debts: readonly RankingDebt[]): readonly string[] {
  return debts.filter(({ falls, paid }) => falls - paid > spareRanks).map(({ state }) => state);
}

/** Falls that are owed, by state. */
export type FallsOwed = ReadonlyMap<string, number>;

/** To be sent by who has the shop's lock: nobody changes them until it is given back. */
export const readOwing: Statement = {
  name: 'ranking-debts-owing',
  text: 'SELECT state, falls, paid FROM ranking_debt WHERE falls > paid',
  values: [],
};

export function toFallsOwed(answer: Answer | undefined): FallsOwed {
  return new Map(toDebts(answer).map(({ state, falls, paid }) => [state, falls - paid]));
}

/** Whether the best twenty of each state are still ranked when each of these counters falls. */
export function isWithinSpare(owed: FallsOwed, counters: readonly Popularity[]): boolean {
  const falls = new Map(owed);
  for (const { state } of counters) falls.set(state, (falls.get(state) ?? 0) + 1);
  return counters.every(({ state }) => (falls.get(state) ?? 0) <= spareRanks);
}

export const readDebts = (states: readonly string[]): Statement => ({
  name: 'ranking-debts',
  text: 'SELECT state, falls, paid FROM ranking_debt WHERE state = ANY($1::text[])',
  values: [states],
});

/** @param seen the debts as they were before the counters were looked at */
export const payDebts = (seen: readonly RankingDebt[]): Statement => ({
  name: 'pay-ranking-debts',
  text: `UPDATE ranking_debt SET paid = greatest(paid, seen.falls)
    FROM unnest($1::text[], $2::bigint[]) AS seen(state, falls) WHERE ranking_debt.state = seen.state`,
  values: [seen.map(({ state }) => state), seen.map(({ falls }) => falls)],
});

/** Products that left the ranking of a state while its counters were being looked at, as so many falls. */
export const addFalls = (leaving: ReadonlyMap<string, number>): Statement => ({
  text: `INSERT INTO ranking_debt AS owed (state, falls) SELECT * FROM unnest($1::text[], $2::bigint[])
    ON CONFLICT (state) DO UPDATE SET falls = owed.falls + excluded.falls`,
  values: [[...leaving.keys()], [...leaving.values()]],
});

/** Within a transaction that has the shop's lock, which orders wait for. Nothing is owed afterwards. */
export async function rankAnew(
  send: Connection['send'],
  states: readonly string[],
  nowMs: number,
): Promise<void> {
  const best = await findBestCounters(send, states, []);
  await send([
    rankCounters(best, nowMs),
    { text: 'UPDATE ranking_debt SET paid = falls WHERE state = ANY($1::text[])', values: [states] },
  ]);
}

/**
 * Looks beside orders, then ranks in a transaction that has the shop's lock for a moment.
 * @param inTransaction begins one, takes the lock, and commits when all statements were good
 */
export async function payInBackground(
  send: Connection['send'],
  inTransaction: (statements: readonly Statement[]) => Promise<void>,
  states: readonly string[],
  nowMs: number,
): Promise<void> {
  const [answer] = await send([readDebts(states)]);
  const owing = toDebts(answer).filter(({ falls, paid }) => falls > paid);
  if (owing.length === 0) return;
  const best = await findBestCounters(
    send,
    owing.map(({ state }) => state),
    [],
  );
  await inTransaction([rankCounters(best, nowMs), payDebts(owing)]);
}
