import type { OrderStore } from '../storage/order-store.ts';
import { demoCatalog } from './demo-catalog.ts';

export interface SeedOptions {
  /** Units of every product; null for the stock the catalogue itself gives each. */
  readonly demoStock: number | null;
  readonly nowMs: number;
}

/** Loads the demo catalogue into a store without products; returns whether it did. */
export async function seedDemoCatalog(
  store: Pick<OrderStore, 'listProducts' | 'saveProducts' | 'receiveStock'>,
  { demoStock, nowMs }: SeedOptions,
): Promise<boolean> {
  const { products } = await store.listProducts(null, 1);
  if (products.length > 0) return false;
  await store.saveProducts(demoCatalog.map(({ stock: _, ...product }) => product));
  const receipts = demoCatalog.map(({ sku, stock }) => ({
    sku,
    units: demoStock ?? stock,
    receivedAtMs: nowMs,
  }));
  await store.receiveStock(receipts.filter(({ units }) => units > 0));
  return true;
}
