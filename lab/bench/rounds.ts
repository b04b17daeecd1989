/** In which order a round measures: every other one backwards, so that a machine that drifts hurts all sides alike. */
export function inTurn<Item>(items: readonly Item[], round: number): readonly Item[] {
  return round % 2 === 0 ? items : items.toReversed();
}
