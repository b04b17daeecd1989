/**
 * What happens to the rankings when products leave them, because they are retired or renamed: others move up, whose
 * counters did not change (ranking.ts, docs/decisions/0012).
 */
import type { Popularity } from '../../domain/top-products.ts';
import { findBestCounters } from './best-counters.ts';
import type { Answer, Connection } from './connection.ts';
import { followProducts, rankCounters, rankProducts, spareRanks } from './ranking.ts';
import { addFalls, payDebts, type RankingDebt, readDebts, toDebts } from './ranking-debt.ts';

/** The states in whose ranking each product is. */
const selectRanked = `
  SELECT asked.sku, ARRAY(
    SELECT state FROM popularity WHERE popularity.sku = asked.sku AND ranked_at_ms IS NOT NULL) AS states
  FROM unnest($1::text[]) AS asked(sku)`;

/** With another name or status than before. */
export interface ChangedProduct {
  readonly sku: string;
  /** In whose ranking it is. */
  readonly states: readonly string[];
}

/** Of these products, in whose ranking each is. */
export async function findRanked(
  send: Connection['send'],
  skus: readonly string[],
): Promise<readonly ChangedProduct[]> {
  if (skus.length === 0) return [];
  const [answer] = await send([{ text: selectRanked, values: [skus] }]);
  return toChangedProducts(answer);
}

/** What follows for the rankings of a state from products that leave them. */
export interface Moves {
  /** Counters that come among the best. */
  readonly movingUp: readonly Popularity[];
  /** As they were before the counters were looked at. */
  readonly debts: readonly RankingDebt[];
  /** By state, how many left after the counters were looked at. */
  readonly leaving: ReadonlyMap<string, number>;
}

/**
 * With the shop's lock. The counters that were found before it are the right ones, unless others have come into the
 * rankings, or so many have left and fallen since that the spare ranks are used up: then they are looked for anew.
 */
export async function movesOf(
  send: Connection['send'],
  changed: readonly ChangedProduct[],
  before: {
    readonly early: readonly ChangedProduct[];
    readonly seen: readonly RankingDebt[];
    readonly movingUp: readonly Popularity[] | null;
  },
): Promise<Moves> {
  const { early, seen, movingUp } = before;
  const debts = await readDebtsOf(send, changed);
  const leaving = leavingOf(changed);
  const ranksSeen = ranksOf(early);
  const isSound =
    [...ranksOf(changed)].every((rank) => ranksSeen.has(rank)) &&
    [...leaving].every(([state, count]) => count + fallsSince(seen, debts, state) <= spareRanks);
  if (movingUp !== null && isSound) return { movingUp, debts: seen, leaving };
  return { movingUp: await findMovingUp(send, changed), debts, leaving: new Map() };
}

export async function readDebtsOf(
  send: Connection['send'],
  changed: readonly ChangedProduct[],
): Promise<readonly RankingDebt[]> {
  const states = [...leavingOf(changed).keys()];
  if (states.length === 0) return [];
  const [answer] = await send([readDebts(states)]);
  return toDebts(answer);
}

function fallsSince(before: readonly RankingDebt[], now: readonly RankingDebt[], state: string): number {
  const fallsIn = (debts: readonly RankingDebt[]) => debts.find((debt) => debt.state === state)?.falls ?? 0;
  return fallsIn(now) - fallsIn(before);
}

export async function rerank(
  send: Connection['send'],
  changed: readonly ChangedProduct[],
  { movingUp, debts, leaving }: Moves,
  nowMs: number,
): Promise<readonly string[]> {
  const skus = changed.map(({ sku }) => sku);
  const [, , ranked] = await send([
    followProducts(skus),
    rankCounters(movingUp, nowMs),
    rankProducts(skus, nowMs),
    payDebts(debts),
    addFalls(leaving),
  ]);
  const states = (ranked?.rows ?? []).map((row) => String(row['state']));
  return [...states, ...movingUp.map(({ state }) => state)];
}

function toChangedProducts(answer: Answer | undefined): readonly ChangedProduct[] {
  return (answer?.rows ?? []) as unknown as readonly ChangedProduct[];
}

function ranksOf(changed: readonly ChangedProduct[]): ReadonlySet<string> {
  return new Set(changed.flatMap(({ sku, states }) => states.map((state) => `${state} ${sku}`)));
}

/** Whether orders may go on while it is looked for the counters that move up (ranking.ts). */
export function isFewAtOnce(changed: readonly ChangedProduct[]): boolean {
  return [...leavingOf(changed).values()].every((count) => count <= spareRanks);
}

/** How many of the products are in the ranking of each state. */
function leavingOf(changed: readonly ChangedProduct[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const state of changed.flatMap((product) => product.states))
    counts.set(state, (counts.get(state) ?? 0) + 1);
  return counts;
}

/** The counters that are among the best without the changed products, in the states where those are ranked. */
export async function findMovingUp(
  send: Connection['send'],
  changed: readonly ChangedProduct[],
): Promise<readonly Popularity[]> {
  const states = [...new Set(changed.flatMap((product) => product.states))];
  if (states.length === 0) return [];
  return findBestCounters(
    send,
    states,
    changed.map(({ sku }) => sku),
  );
}
