/** Stock before, stock after, and units sold: the three must agree for every product. */
import type { FaultBook } from './fault-book.ts';
import type { StockBalance, StockLevel } from './truth.ts';

export interface Balance {
  readonly stock: readonly StockBalance[];
  /** SKUs of which more was taken than was sold, less, more sold than there was, or fewer than none left. */
  readonly takenMore: readonly StockBalance[];
  readonly takenLess: readonly StockBalance[];
  readonly oversold: readonly StockBalance[];
  /** SKUs that were sold or listed, and are not known on both sides. */
  readonly untold: readonly string[];
}

export function balanceStock(
  before: readonly StockLevel[],
  after: readonly StockLevel[],
  sold: ReadonlyMap<string, number>,
): Balance {
  const left = new Map(after.map(({ sku, onHand }) => [sku, onHand]));
  const listed = new Set(before.map(({ sku }) => sku));
  const untold = Array.from(sold.keys()).filter((sku) => !listed.has(sku));
  const stock: StockBalance[] = [];
  for (const { sku, onHand } of before) {
    const onHandAfter = left.get(sku);
    if (onHandAfter === undefined) untold.push(sku);
    else stock.push({ sku, before: onHand, after: onHandAfter, sold: sold.get(sku) ?? 0 });
  }
  const isOversold = (one: StockBalance) => one.after < 0 || one.sold > one.before;
  const others = stock.filter((one) => !isOversold(one));
  return {
    stock,
    oversold: stock.filter(isOversold),
    takenMore: others.filter((one) => one.before - one.after > one.sold),
    takenLess: others.filter((one) => one.before - one.after < one.sold),
    untold,
  };
}

export interface StockKnowledge {
  /** Whether the outcome of every sent order is known. */
  readonly isAllKnown: boolean;
  readonly hasOtherShoppers: boolean;
}

export function noteStockFaults(
  balance: Balance,
  faults: FaultBook,
  { isAllKnown, hasOtherShoppers }: StockKnowledge,
): void {
  // Other clients may buy or receive stock, but stock never falls below zero.
  const oversold = hasOtherShoppers ? balance.oversold.filter(({ after }) => after < 0) : balance.oversold;
  for (const one of oversold) {
    const what = one.after < 0 ? `${one.after} are left` : `${one.sold} were sold of ${one.before}`;
    faults.note('oversold', `${one.sku}: ${what} (${inWords(one)})`);
  }
  if (hasOtherShoppers) return;
  for (const one of balance.takenLess) {
    const missing = one.sold - (one.before - one.after);
    faults.note(
      'stock',
      `${one.sku}: ${missing} units were sold that were not taken from stock (${inWords(one)})`,
    );
  }
  if (!isAllKnown) return;
  for (const one of balance.takenMore) {
    const more = one.before - one.after - one.sold;
    faults.note(
      'stock',
      `${one.sku}: ${more} units more were taken from stock than were sold here (${inWords(one)})`,
    );
  }
}

function inWords({ before, after, sold }: StockBalance): string {
  return `${before} before, ${after} after, ${sold} sold`;
}
