import type { OrderStore } from '../storage/order-store.ts';
import { demoCatalog } from './demo-catalog.ts';

export interface SeedOptions {
  /** Units of every product; null for the stock the catalogue itself gives each. */
  readonly demoStock: number | null;
  readonly nowMs: number;
}

/** Loads the demo catalogue into a store without products; returns whether it did. */
export function seedDemoCatalog(
  store: Pick<OrderStore, 'seedCatalog'>,
  { demoStock, nowMs }: SeedOptions,
): Promise<boolean> {
  const products = demoCatalog.map(({ stock: _, ...product }) => product);
  const receipts = demoCatalog.map(({ sku, stock }) => ({
    sku,
    units: demoStock ?? stock,
    receivedAtMs: nowMs,
  }));
  return store.seedCatalog(
    products,
    receipts.filter(({ units }) => units > 0),
  );
}
