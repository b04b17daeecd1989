/** A shopper's visit to a shop that may lie, for tests of the check that should find it out. */
import { inFolder } from '../../test/journeys/open-shop.ts';
import { type CheckLimits, checkTruth, readStock } from './check-truth.ts';
import { type Lie, type LyingShop, startLyingShop } from './lying-shop.ts';
import { createShopper, type Shopper } from './shopper.ts';
import type { TruthOptions, TruthVerdict } from './truth.ts';

export interface Visit {
  readonly shop: LyingShop;
  readonly shopper: Shopper;
  readonly folder: string;
  readonly options: TruthOptions;
  check(limits?: CheckLimits): Promise<TruthVerdict>;
  checkUntil(checkMsMax: number): Promise<TruthVerdict>;
}

export async function withLyingShop(
  {
    lie = null,
    stock = { 'tent-4p': 1_000, mug: 1_000 },
  }: { lie?: Lie | null; stock?: Record<string, number> },
  use: (visit: Visit) => Promise<void>,
): Promise<void> {
  await using shop = await startLyingShop({ stock, lie });
  await inFolder(async (folder) => {
    const stockBefore = await readStock(shop.url);
    const options = {
      url: shop.url,
      ledgerFolder: folder,
      stockBefore,
      onProgress: () => {},
      checkMsMax: 60_000,
    };
    await use({
      shop,
      folder,
      options,
      shopper: createShopper(shop.url, folder),
      check: (limits) => checkTruth(options, limits),
      checkUntil: (checkMsMax) => checkTruth({ ...options, checkMsMax }),
    });
  });
}

/** The lying shop does not normalize, so its shopper sends text that is normal already. */
export const plain = { customer_name: 'Ada Lovelace', email: null };
