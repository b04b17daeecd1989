/** What tests draw from one row of random numbers. */
import assert from 'node:assert/strict';

export interface Draws {
  /** A whole number from 0, less than this. */
  below(bound: number): number;
  isOneIn(count: number): boolean;
  /** @throws AssertionError when there is none */
  oneOf<Item>(items: readonly Item[]): Item;
}

/** @param random from 0, less than 1 */
export function drawsOf(random: () => number): Draws {
  const below = (bound: number) => Math.floor(random() * bound);
  return {
    below,
    isOneIn: (count) => below(count) === 0,
    oneOf(items) {
      const item = items[below(items.length)];
      assert.ok(item !== undefined);
      return item;
    },
  };
}
