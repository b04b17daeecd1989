import type { Product } from '../../src/domain/product.ts';
import { databaseAt } from '../../src/storage/engines.ts';
import { stockUp } from '../builders.ts';
import type { Shop } from '../journeys/open-shop.ts';

/** The demo catalogue is taken off the shelves, and others put there, while the shop is closed. */
export async function restock(shop: Shop, products: readonly Product[]): Promise<void> {
  await shop.stop();
  const store = await databaseAt(`sqlite:${shop.file}`).open();
  const { products: old } = await store.listProducts(null, 1_000);
  await store.saveProducts(old.map(({ onHand: _, ...product }) => ({ ...product, active: false })));
  await stockUp(store, products);
  await store.close();
  await shop.start();
}
