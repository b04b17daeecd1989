/** What the audit log is told of a change of catalogue or stock: the same on every engine. */
import type {
  CatalogChange,
  CatalogOutcome,
  MovementResult,
  ProductResult,
} from '../domain/decide-catalog.ts';
import type { CatalogProduct } from '../domain/product.ts';
import type { AuditDraft, AuditOrigin } from './audit-log.ts';

/** More products or movements in one change are told together, with each changed price: an import has hundreds in each. */
export const catalogEntriesMax = 10;

/**
 * Changed prices in one entry of many products. A SKU of 64 characters and two prices take 103 as JSON, so that a third
 * of the entry is left for the rest.
 */
export const pricesPerEntry = 25;

/** Texts are told by their beginning: so many characters, and as JSON about twice as many, at the most. */
const textMax = 200;
const jsonMax = 2 * textMax + 2;

type Told = Pick<AuditDraft, 'action' | 'subject' | 'detail'>;

/** Empty when nothing was changed. @param origin null when no caller has made it, such as the demo catalogue */
export function auditOfCatalog(
  origin: AuditOrigin | null,
  change: CatalogChange,
  outcome: CatalogOutcome,
): readonly AuditDraft[] {
  if (origin === null || outcome.kind !== 'changed' || change.isTrial) return [];
  const told = [...tellProducts(outcome.products), ...tellMovements(change, outcome.movements)];
  return told.map(({ detail, ...entry }) => ({
    ...origin,
    ...entry,
    atMs: change.atMs,
    detail: { ...detail, ...origin.detail },
  }));
}

function tellProducts(results: readonly ProductResult[]): readonly Told[] {
  const written = results.filter(({ effect }) => effect !== 'unchanged');
  if (written.length <= catalogEntriesMax) return written.map(tellProduct);
  const skus = written.map(({ product }) => product.sku).sort();
  const added = written.filter(({ effect }) => effect === 'added').length;
  const counts = { added, changed: written.length - added, first_sku: skus[0], last_sku: skus.at(-1) };
  const [first = {}, ...rest] = tellPrices(written);
  const entry = { action: 'catalog.change', subject: 'catalog' };
  return [{ ...counts, ...first }, ...rest].map((detail) => ({ ...entry, detail }));
}

/** Each changed price as its SKU, what it was and what it is. */
function tellPrices(written: readonly ProductResult[]): readonly Told['detail'][] {
  const prices = written.flatMap(({ product: { sku, priceCents }, before }) =>
    before === null || before.priceCents === priceCents ? [] : [[sku, before.priceCents, priceCents]],
  );
  return Array.from({ length: Math.ceil(prices.length / pricesPerEntry) }, (_, nth) => ({
    price_cents: prices.slice(nth * pricesPerEntry, (nth + 1) * pricesPerEntry),
  }));
}

function tellProduct({ effect, product, before }: ProductResult): Told {
  const subject = `product:${product.sku}`;
  const now = described(product);
  const revision = product.revision;
  if (before === null) return { action: 'product.add', subject, detail: { revision, ...now } };
  const then = described(before);
  const names = Object.keys(now).filter(
    (name) => product[sources[name] ?? 'sku'] !== before[sources[name] ?? 'sku'],
  );
  const detail = Object.fromEntries(names.map((name) => [name, [then[name], now[name]]]));
  return {
    action: effect === 'added' ? 'product.add' : 'product.change',
    subject,
    detail: { revision, ...detail },
  };
}

/** Fields as the API names them. */
const sources: Readonly<Record<string, keyof CatalogProduct>> = {
  name: 'name',
  description: 'description',
  category: 'category',
  price_cents: 'priceCents',
  image_url: 'imageUrl',
  active: 'active',
};

function described(product: CatalogProduct): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, source]) => {
      const value = product[source];
      return [name, typeof value === 'string' ? beginningOf(value) : value];
    }),
  );
}

function beginningOf(text: string): string {
  let characters = Array.from(text).slice(0, textMax);
  // A control character takes six in JSON.
  while (JSON.stringify(characters.join('')).length > jsonMax)
    characters = characters.slice(0, Math.floor(characters.length / 2));
  return characters.join('');
}

function tellMovements({ movements }: CatalogChange, results: readonly MovementResult[]): readonly Told[] {
  const moved = movements.filter((_, at) => results[at]?.effect === 'moved');
  if (moved.length <= catalogEntriesMax) {
    return moved.map(({ sku, units, reason, reference }) => ({
      action: 'stock.move',
      subject: `product:${sku}`,
      detail: { units, reason, reference },
    }));
  }
  const units = moved.reduce((sum, movement) => sum + movement.units, 0);
  const references = [...new Set(moved.map(({ reference }) => reference))].slice(0, catalogEntriesMax);
  return [
    { action: 'stock.change', subject: 'stock', detail: { movements: moved.length, units, references } },
  ];
}
