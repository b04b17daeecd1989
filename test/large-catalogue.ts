/** A shop with more products than its page shows. */
import { databaseAt } from '../src/storage/engines.ts';
import { aProduct, stockUp } from './builders.ts';
import { openShop, type Shop, type ShopEngine } from './journeys/open-shop.ts';
import { keyIn, place } from './journeys/shop-client.ts';

/** Its SKUs are `goods-0000` and up, besides those of the demo catalogue. */
export async function openLargeShop(products = 1_000, engine: ShopEngine = 'sqlite'): Promise<Shop> {
  const shop = await openShop({ engine });
  await shop.stop();
  const store = await databaseAt(shop.postgres?.url ?? `sqlite:${shop.file}`).open();
  await stockUp(
    store,
    Array.from({ length: products }, (_, i) =>
      aProduct({
        sku: `goods-${String(i).padStart(4, '0')}`,
        category: i % 2 === 0 ? 'Outdoors' : 'Indoors',
      }),
    ),
  );
  await store.close();
  await shop.start();
  return shop;
}

/** The same, with an order: `orderPath` is the address of its confirmation, with the key. */
export async function openLargeShopWithOrder(
  engine: ShopEngine = 'sqlite',
  products = 1_000,
): Promise<{ readonly shop: Shop; readonly orderPath: string }> {
  const shop = await openLargeShop(products, engine);
  const { order_id, confirmation_url } = await place(shop.url);
  return { shop, orderPath: `/orders/${order_id}?key=${keyIn(confirmation_url)}` };
}
