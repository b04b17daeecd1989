/**
 * The textbook's database work, as the original did it: one order is one row and one transaction, every
 * step is its own statement, and the popular products are counted from the orders for each page.
 *
 * What it is given for free: prepared statements, and the same durability as Nozama on the same engine. What
 * it lacks on purpose: an index on the state (the original had none), batching, idempotency keys. It has only
 * an index on its primary key.
 */
import { randomUUID } from 'node:crypto';

export interface TextbookOrder {
  readonly customerName: string;
  readonly streetAddress: string;
  readonly city: string | null;
  readonly state: string;
  readonly zipCode: string;
  readonly sku: string;
  readonly quantity: number;
}

export interface StoredTextbookOrder extends TextbookOrder {
  readonly orderId: string;
  readonly placedAt: string;
  readonly productName: string;
  readonly unitPriceCents: number;
  readonly totalCents: number;
}

export type TextbookOutcome =
  | { readonly kind: 'placed'; readonly order: StoredTextbookOrder }
  | { readonly kind: 'unknown_product' }
  | { readonly kind: 'out_of_stock'; readonly available: number };

export interface TextbookProduct {
  readonly sku: string;
  readonly name: string;
  readonly price_cents: number;
  readonly stock: number;
}

export interface TextbookRank {
  readonly name: string;
  readonly orders: number;
}

export interface TextbookStore {
  readonly durability: Readonly<Record<string, unknown>>;
  placeOrder(order: TextbookOrder): Promise<TextbookOutcome>;
  findOrder(orderId: string): Promise<StoredTextbookOrder | null>;
  topProducts(state: string): Promise<readonly TextbookRank[]>;
  listProducts(): Promise<readonly TextbookProduct[]>;
  close(): Promise<void>;
}

export interface TextbookSeed {
  readonly products: number;
  /** Units of each. */
  readonly stock: number;
}

/** The order as it is stored. */
export function priceOrder(order: TextbookOrder, product: TextbookProduct): StoredTextbookOrder {
  return {
    ...order,
    orderId: randomUUID(),
    placedAt: new Date().toISOString(),
    productName: product.name,
    unitPriceCents: product.price_cents,
    totalCents: product.price_cents * order.quantity,
  };
}

/** The products of a new shop: SKU, name, price in cents. */
export function textbookProducts({ products }: TextbookSeed): readonly (readonly [string, string, number])[] {
  return Array.from({ length: products }, (_, i) => [
    `product-${i + 1}`,
    `Textbook Product ${i + 1}`,
    100 * (i + 1) + 99,
  ]);
}
