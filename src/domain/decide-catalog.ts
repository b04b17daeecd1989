/**
 * Decides a change of the catalogue and of the stock: pure, and the same on every engine. All of a change is done, or
 * nothing of it.
 */
import {
  type CatalogProduct,
  composedName,
  isSameDescription,
  onHandMax,
  type StoredProduct,
} from './product.ts';
import { hashInImagePath } from './product-image.ts';
import { type StockMovement, type UnitsProblem, unitsProblem } from './stock-movement.ts';

export interface ProductChange {
  readonly product: CatalogProduct;
  /** The revision that the product must have; 0: there must be no such product; null: either is fine. */
  readonly expectedRevision: number | null;
}

export interface CatalogChange {
  /** When it is made, in milliseconds since the Unix epoch. */
  readonly atMs: number;
  /** Added, or changed to be so. */
  readonly products: readonly ProductChange[];
  /** Decided after the products, which they may be about. */
  readonly movements: readonly StockMovement[];
  /** Nothing is done in a shop that has a product. */
  readonly onlyIfEmpty: boolean;
  /**
   * Only products that this change adds are moved. A movement of another product is refused with `reference_required`,
   * unless its reference has made it before.
   */
  readonly movesAddedOnly?: boolean;
  /** Decided as if it were made, and not made. */
  readonly isTrial: boolean;
}

/** A movement in the ledger, as far as one that is asked for under its reference has to be the same. */
export type EarlierMovement = Pick<StockMovement, 'units' | 'reason'>;

/** What a decision needs to know. */
export interface CatalogSnapshot {
  /** Whether the catalogue has no product at all. */
  readonly isEmpty: boolean;
  /** The products of the change that there are, by SKU. */
  readonly products: ReadonlyMap<string, StoredProduct>;
  /** Units on hand of these products, by SKU. */
  readonly onHand: ReadonlyMap<string, number>;
  /** The movements that have the references of this change, by {@link referenceId}. */
  readonly movementsByReference: ReadonlyMap<string, EarlierMovement>;
}

export interface ProductResult {
  readonly effect: 'added' | 'changed' | 'unchanged';
  readonly product: StoredProduct;
  /** The product as it was; null for a new one. */
  readonly before: StoredProduct | null;
}

export const productFields = ['name', 'price', 'category', 'description', 'image', 'active'] as const;

export type ProductField = (typeof productFields)[number];

/** The fields that a change has changed, by their columns; none of a product that it has added. */
export function changedFields({ product, before }: ProductResult): readonly ProductField[] {
  if (before === null) return [];
  const isChanged: Readonly<Record<ProductField, boolean>> = {
    name: before.name !== product.name,
    price: before.priceCents !== product.priceCents,
    category: before.category !== product.category,
    description: before.description !== product.description,
    image: before.imageUrl !== product.imageUrl,
    active: before.active !== product.active,
  };
  return productFields.filter((field) => isChanged[field]);
}

export interface MovementResult {
  /** `repeated`: it was made before, by its reference. */
  readonly effect: 'moved' | 'repeated';
  /** Units on hand after it. */
  readonly onHand: number;
}

/** Why a change can't be made. `index` counts from 0 in the list of its kind. */
export type CatalogProblem =
  | {
      readonly of: 'product';
      readonly index: number;
      readonly code: 'stale';
      readonly current: StoredProduct | null;
    }
  | {
      readonly of: 'movement';
      readonly index: number;
      readonly code: 'unknown_product' | 'reference_required' | UnitsProblem;
    }
  | {
      readonly of: 'movement';
      readonly index: number;
      readonly code: 'below_zero' | 'above_max';
      /** Before the movement. */
      readonly onHand: number;
    }
  | {
      readonly of: 'movement';
      readonly index: number;
      readonly code: 'reference_reused';
      /** The movement that has this reference. */
      readonly earlier: EarlierMovement;
    };

export type CatalogOutcome =
  | {
      readonly kind: 'changed';
      /** `products[i]` answers the change's `products[i]`. */
      readonly products: readonly ProductResult[];
      readonly movements: readonly MovementResult[];
    }
  | { readonly kind: 'not_empty' }
  | { readonly kind: 'refused'; readonly problems: readonly CatalogProblem[] };

/** What a change writes. */
export interface CatalogWriteSet {
  /** Each SKU once; a revision of 1 is a new product. */
  readonly products: readonly StoredProduct[];
  readonly movements: readonly StockMovement[];
  /** To be added to the units on hand, by SKU; never 0 for all its movements together unless they cancel out. */
  readonly unitsMoved: ReadonlyMap<string, number>;
  /** Hashes of kept pictures that a product does not name any more; others may. */
  readonly imagesGivenUp: readonly string[];
}

export interface CatalogDecision {
  readonly outcome: CatalogOutcome;
  /** Empty unless the outcome is `changed`. */
  readonly writeSet: CatalogWriteSet;
}

/** A reference together with its product, as one string; unambiguous because a SKU holds no space. */
export function referenceId(sku: string, reference: string): string {
  return `${sku} ${reference}`;
}

const nothing: CatalogWriteSet = { products: [], movements: [], unitsMoved: new Map(), imagesGivenUp: [] };

export function decideCatalogChange(snapshot: CatalogSnapshot, change: CatalogChange): CatalogDecision {
  if (change.onlyIfEmpty && !snapshot.isEmpty) return { outcome: { kind: 'not_empty' }, writeSet: nothing };
  const { results: products, saved, problems: stale } = decideProducts(snapshot, change);
  const known = (sku: string) => snapshot.products.has(sku) || saved.has(sku);
  const stock = decideMovements(snapshot, change, known);
  const problems = [...stale, ...stock.problems];
  if (problems.length > 0) return { outcome: { kind: 'refused', problems }, writeSet: nothing };
  return {
    outcome: { kind: 'changed', products, movements: stock.results },
    writeSet: {
      products: [...saved.values()],
      movements: stock.made,
      unitsMoved: stock.unitsMoved,
      imagesGivenUp: imagesGivenUp(snapshot, saved),
    },
  };
}

function imagesGivenUp(
  { products }: CatalogSnapshot,
  saved: ReadonlyMap<string, StoredProduct>,
): readonly string[] {
  const hashes = Array.from(saved.values(), ({ sku, imageUrl }) => {
    const before = products.get(sku)?.imageUrl ?? imageUrl;
    return before === imageUrl ? null : hashInImagePath(before);
  });
  return [...new Set(hashes)].filter((hash) => hash !== null);
}

function decideProducts(snapshot: CatalogSnapshot, { products, atMs }: CatalogChange) {
  const results: ProductResult[] = [];
  const problems: CatalogProblem[] = [];
  const saved = new Map<string, StoredProduct>();
  for (const [index, { product: given, expectedRevision }] of products.entries()) {
    const before = saved.get(given.sku) ?? snapshot.products.get(given.sku) ?? null;
    if (expectedRevision !== null && expectedRevision !== (before?.revision ?? 0)) {
      problems.push({ of: 'product', index, code: 'stale', current: before });
      continue;
    }
    const { sku, description, category, priceCents, imageUrl, active } = given;
    const name = composedName(given.name);
    const described = { sku, name, description, category, priceCents, imageUrl, active };
    if (before !== null && isSameDescription(before, described)) {
      results.push({ effect: 'unchanged', product: before, before });
      continue;
    }
    const product: StoredProduct = {
      ...described,
      revision: (before?.revision ?? 0) + 1,
      createdAtMs: before?.createdAtMs ?? atMs,
    };
    saved.set(product.sku, product);
    results.push({ effect: before === null ? 'added' : 'changed', product, before });
  }
  return { results, problems, saved };
}

function decideMovements(
  snapshot: CatalogSnapshot,
  { movements, movesAddedOnly = false }: CatalogChange,
  isKnown: (sku: string) => boolean,
) {
  const results: MovementResult[] = [];
  const problems: CatalogProblem[] = [];
  const made: StockMovement[] = [];
  const unitsMoved = new Map<string, number>();
  const byReference = new Map(snapshot.movementsByReference);
  for (const [index, movement] of movements.entries()) {
    const { sku, units, reason, reference } = movement;
    const wrong = isKnown(sku) ? unitsProblem(movement) : 'unknown_product';
    if (wrong !== null) {
      problems.push({ of: 'movement', index, code: wrong });
      continue;
    }
    const onHand = (snapshot.onHand.get(sku) ?? 0) + (unitsMoved.get(sku) ?? 0);
    const earlier = reference === null ? undefined : byReference.get(referenceId(sku, reference));
    if (earlier !== undefined) {
      if (earlier.units === units && earlier.reason === reason) results.push({ effect: 'repeated', onHand });
      else problems.push({ of: 'movement', index, code: 'reference_reused', earlier });
      continue;
    }
    if (movesAddedOnly && snapshot.products.has(sku)) {
      problems.push({ of: 'movement', index, code: 'reference_required' });
      continue;
    }
    if (onHand + units < 0 || onHand + units > onHandMax) {
      const code = units < 0 ? 'below_zero' : 'above_max';
      problems.push({ of: 'movement', index, code, onHand });
      continue;
    }
    if (reference !== null) byReference.set(referenceId(sku, reference), { units, reason });
    unitsMoved.set(sku, (unitsMoved.get(sku) ?? 0) + units);
    made.push(movement);
    results.push({ effect: 'moved', onHand: onHand + units });
  }
  return { results, problems, made, unitsMoved };
}

/** Every SKU that a change is about, once. */
export function skusOf({ products, movements }: CatalogChange): readonly string[] {
  return [...new Set([...products.map(({ product }) => product.sku), ...movements.map(({ sku }) => sku)])];
}
