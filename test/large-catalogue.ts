/** A shop with as many products as its page lists. */
import { databaseAt } from '../src/storage/engines.ts';
import { aProduct, stockUp } from './builders.ts';
import { openShop, type Shop } from './journeys/open-shop.ts';
import { keyIn, place } from './journeys/shop-client.ts';

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

/** The same, with an order: `orderPath` is the address of its confirmation, with the key. */
export async function openLargeShopWithOrder(): Promise<{ readonly shop: Shop; readonly orderPath: string }> {
  const shop = await openLargeShop();
  const { order_id, confirmation_url } = await place(shop.url);
  return { shop, orderPath: `/orders/${order_id}?key=${keyIn(confirmation_url)}` };
}
