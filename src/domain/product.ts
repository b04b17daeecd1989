import { composed } from './composed-text.ts';
import type { Cents } from './money.ts';

/** A product as its seller describes it. */
export interface CatalogProduct {
  /** 1 to 64 characters of a–z, 0–9 and `-`; names the product everywhere. */
  readonly sku: string;
  /** Kept as {@link composedName} gives it. */
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly priceCents: Cents;
  /** Path of its picture on this service, such as `/images/tent-4p.svg`. */
  readonly imageUrl: string;
  /** An inactive product stays readable in old orders and can't be ordered any more. */
  readonly active: boolean;
}

/** A product as the catalogue keeps it. */
export interface StoredProduct extends CatalogProduct {
  /** 1 when it is added, one more with each change of the fields above. Its stock does not change it. */
  readonly revision: number;
  /** When it was added, in milliseconds since the Unix epoch. */
  readonly createdAtMs: number;
}

/** A product of the catalogue together with its stock now. */
export interface Product extends StoredProduct {
  /** Units that can be sold now; 0 to {@link onHandMax}. */
  readonly onHand: number;
}

/**
 * A product's name as it is kept, compared and looked up: composed (Unicode NFC, UAX #15), so that an accent is the
 * same whether a client sends it as one character or as two.
 */
export function composedName(name: string): string {
  return composed(name);
}

/** Whether nothing of a product has changed. */
export function isSameProduct(a: Product, b: Product): boolean {
  return a.onHand === b.onHand && isSameDescription(a, b);
}

/** Whether two products are described alike. */
export function isSameDescription(a: CatalogProduct, b: CatalogProduct): boolean {
  return (
    a.sku === b.sku &&
    a.priceCents === b.priceCents &&
    a.name === b.name &&
    a.description === b.description &&
    a.category === b.category &&
    a.imageUrl === b.imageUrl &&
    a.active === b.active
  );
}

/** Lower-case words joined by hyphens, 1 to 64 characters. */
export const skuPattern = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;

/** The same in words, for people. */
export const skuWords = '1 to 64 letters a to z, digits and hyphens between them';

/** The most units of one product that can be in stock. */
export const onHandMax = 1_000_000_000_000;
