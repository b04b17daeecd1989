/** A shop with as many products as its page lists. */
import { databaseAt } from '../src/storage/engines.ts';
import { aProduct, stockUp } from './builders.ts';
import { openShop, type Shop } from './journeys/open-shop.ts';

/** Its SKUs are `goods-0000` and up, besides those of the demo catalogue. */
export async function openLargeShop(products = 1_000): Promise<Shop> {
  const shop = await openShop();
  await shop.stop();
  const store = await databaseAt(`sqlite:${shop.file}`).open();
  await stockUp(
    store,
    Array.from({ length: products }, (_, i) => aProduct({ sku: `goods-${String(i).padStart(4, '0')}` })),
  );
  await store.close();
  await shop.start();
  return shop;
}
