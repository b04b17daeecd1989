/**
 * How an engine finds products by words in a time that does not grow with the catalogue. With a word that few products
 * have, it gathers these and sorts them. Otherwise it walks along the sorted list and keeps each product that has all
 * words, for some products; a later call goes on.
 */

/** So many words of products are looked up in one walk: less than a millisecond of SQLite's. */
export const wordsWalkedMax = 1_000;

/** How many products a walk looks at. @param words that each is held against, 1 or more */
export function productsWalked(words: number): number {
  return Math.floor(wordsWalkedMax / words);
}

/** A word in so many products at most is one that few have. */
export const rareMax = 300;

export interface SearchPlan {
  /** The word whose products are gathered; null for a walk. */
  readonly gathered: string | null;
  /** The words that each product is held against. */
  readonly checked: readonly string[];
}

/** @param counts how many products have a word that begins so, by word; more than {@link rareMax} need not be counted */
export function planSearch(counts: ReadonlyMap<string, number>): SearchPlan {
  const words = [...counts.keys()];
  const countOf = (word: string) => counts.get(word) ?? 0;
  const [rarest = null] = words.toSorted((a, b) => countOf(a) - countOf(b));
  if (rarest === null || countOf(rarest) > rareMax) return { gathered: null, checked: words };
  return { gathered: rarest, checked: words.filter((word) => word !== rarest) };
}
