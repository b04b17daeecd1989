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
  const movements = demoCatalog.map(({ sku, stock }) => ({
    sku,
    units: demoStock ?? stock,
    reason: 'receipt' as const,
    note: null,
    reference: null,
    actor: 'service',
    atMs: nowMs,
  }));
  return store.seedCatalog(
    products,
    movements.filter(({ units }) => units > 0),
    nowMs,
  );
}
