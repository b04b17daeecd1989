/**
 * The checks of `verify`, on every engine. An engine recounts from the orders every figure that was counted on the
 * way, and compares the two.
 */

/** By name, in the order in which they are made, each with the sentence that a report shows. */
export const verifyChecks = {
  storage: 'the database is sound by its own means',
  products: 'lines, stock and its movements name products of the catalogue',
  totals: 'every order has lines, and they add up to its total',
  lines: 'every line belongs to an order and is price times quantity',
  linesOnce: 'no order holds a product twice',
  numbers: 'order numbers: each once, and none that was not given out',
  stock: 'stock: movements - sold + put back = on hand',
  images: 'pictures: each is as its address says, and those that products name are there',
  counters: 'popularity: counters = orders and units kept by state and product',
  ranking: 'popularity: each state ranks its best active products, and ties by the names of the catalogue',
  log: 'order log: every order is in it exactly once as placed, with its time',
  positions: 'order log: positions are 1, 2, 3 … and tell of orders that exist',
  words: 'search: active products are found by their words and listed by their names, retired ones are not',
  changes: 'log of products: positions are 1, 2, 3 …, revisions grow, and the newest ones are the products',
  shopId: 'shop id: there is exactly one',
  audit: 'audit log: every entry follows from the one before, up to the last that was written',
  steps: 'steps: the status and the revision of every order follow from its events',
  erased: 'erasures: no order that was erased has a name, a street or an email again',
  events: 'order log: every step of an order is in it exactly once, with its time',
  keys: 'idempotency: every key leads to a revision of an order, and none has two keys',
} as const;

export type CheckName = keyof typeof verifyChecks;

export const checkNames = Object.keys(verifyChecks) as readonly CheckName[];

/** How many findings of one check are listed. */
export const findingsPerCheckMax = 100;

/** A check of an engine that recounts in SQL. */
export interface SqlCheck {
  /** A query for the number of things that the check looks at. */
  readonly count: string;
  /** A query with one row (subject, expected, found) for each thing that is not as it must be. */
  readonly find: string;
}

/** One thing that is not as it must be. */
export interface Finding {
  readonly check: CheckName;
  /** An order number, a SKU, a state and SKU … */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
}

export interface VerifyReport {
  /** All of {@link checkNames}, each with how many things it looked at. */
  readonly checks: readonly { readonly name: CheckName; readonly examined: number }[];
  /** Empty when all is well; at most {@link findingsPerCheckMax} for each check. */
  readonly findings: readonly Finding[];
}

/** Called before each check of a verification. @param nth from 1 */
export type OnCheck = (name: CheckName, nth: number, count: number) => void;
