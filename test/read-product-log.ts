/** The shop's id and its log of product changes from the beginning. @param url as DATABASE_URL has it */
import { databaseAt } from '../src/storage/engines.ts';
import type { ProductEntry } from '../src/storage/shop-log.ts';

export async function readProductLog(url: string): Promise<{
  readonly shopId: string;
  readonly entries: readonly ProductEntry[];
}> {
  const log = await databaseAt(url).openLog();
  try {
    const shopId = await log.readShopId();
    const through = await log.readEnd('products');
    return { shopId, entries: await log.readProductChanges({ after: 0, through }) };
  } finally {
    await log.close();
  }
}

/** Position, SKU, revision and price of each entry. */
export function toldOf(
  entries: readonly ProductEntry[],
): readonly (readonly [number, string, number, number])[] {
  return entries.map(({ position, product: { sku, revision, priceCents } }) => [
    position,
    sku,
    revision,
    priceCents,
  ]);
}
