/** Imports a part of a list: lines that can be read, in one transaction of the store. */
import type { CatalogChange, CatalogOutcome, CatalogProblem } from '../domain/decide-catalog.ts';
import type { CatalogProduct, Product } from '../domain/product.ts';
import { imagesBytesMax, type ProductImage, placeholderImagePath } from '../domain/product-image.ts';
import { categoryDefault } from '../domain/product-text.ts';
import type { StockMovement } from '../domain/stock-movement.ts';
import { type ImportRun, type LoadedPicture, refuse } from './import-run.ts';
import { stockWords } from './import-words.ts';
import type { ProductLine } from './product-fields.ts';

/** A line together with the product that it makes of the one there is. */
interface PreparedLine {
  readonly given: ProductLine;
  readonly product: CatalogProduct;
  /** Of the product that there is; 0 when there is none. */
  readonly revision: number;
}

/** How often a part is tried whose products somebody else changes meanwhile; then their lines are refused. */
export const triesMax = 20;

/** Without the lines that are refused. */
export async function importPart(run: ImportRun, lines: readonly ProductLine[]): Promise<void> {
  const { store } = run;
  let prepared = await prepare(run, lines);
  for (let tries = 1; prepared.length > 0; tries += 1) {
    const change = toChange(run, prepared);
    const outcome = await store.changeCatalog(change, run.options.origin);
    if (outcome.kind === 'changed') return count(run, outcome, change);
    if (outcome.kind !== 'refused') throw new Error(`an import ended as ${outcome.kind}`);
    prepared = await preparedAgain(run, prepared, tries < triesMax, change, outcome.problems);
  }
}

/** Saves their pictures; without the lines whose picture can't be taken. */
async function prepare(run: ImportRun, lines: readonly ProductLine[]): Promise<readonly PreparedLine[]> {
  const found = await run.store.findProductsBySku(lines.map(({ sku }) => sku));
  const prepared: PreparedLine[] = [];
  let unsaved: ProductImage[] = [];
  const save = async () => {
    await run.store.saveImages(unsaved);
    unsaved = [];
  };
  // One picture after the other, so that no more than a portion of them is in memory.
  for (const given of lines) {
    const before = found.get(given.sku) ?? null;
    const picture = given.image === null ? null : await pictureOf(run, given.image, before);
    if (picture !== null && 'problem' in picture) {
      refuse(run, [{ line: given.line, column: 'image', code: 'invalid_image', detail: picture.problem }]);
      continue;
    }
    prepared.push(preparedLine(given, before, picture?.imageUrl ?? null));
    const image = picture?.image ?? null;
    if (image === null || run.isTrial) continue;
    if (bytesOf([...unsaved, image]) > imagesBytesMax) await save();
    unsaved.push(image);
  }
  if (unsaved.length > 0) await save();
  return prepared;
}

function preparedLine(given: ProductLine, before: Product | null, imageUrl: string | null): PreparedLine {
  const { sku, name, priceCents } = given;
  const product: CatalogProduct = {
    sku,
    name,
    description: given.description ?? before?.description ?? '',
    category: given.category ?? before?.category ?? categoryDefault,
    priceCents,
    imageUrl: imageUrl ?? before?.imageUrl ?? placeholderImagePath,
    active: given.active ?? before?.active ?? true,
  };
  return { given, product, revision: before?.revision ?? 0 };
}

function bytesOf(images: readonly ProductImage[]): number {
  return images.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** An export writes the picture that a product has. */
async function pictureOf(
  { options }: ImportRun,
  given: string,
  before: Product | null,
): Promise<LoadedPicture> {
  return given === before?.imageUrl ? { imageUrl: given, image: null } : options.loadPicture(given);
}

function toChange(
  { options: { actor, atMs }, reference, receives, isTrial }: ImportRun,
  prepared: readonly PreparedLine[],
): CatalogChange {
  const received = prepared.filter(({ given }) => given.stock > 0);
  return {
    atMs,
    products: prepared.map(({ product, revision }) => ({ product, expectedRevision: revision })),
    movements: received.map(
      ({ given: { sku, stock } }): StockMovement => ({
        sku,
        units: stock,
        reason: 'receipt',
        note: null,
        reference,
        actor,
        atMs,
      }),
    ),
    onlyIfEmpty: false,
    movesAddedOnly: receives === 'added',
    isTrial,
  };
}

/**
 * Without the lines that are refused; those whose product somebody else has changed meanwhile are read anew.
 * @param isTriedAgain false: such lines are refused, too
 */
async function preparedAgain(
  run: ImportRun,
  prepared: readonly PreparedLine[],
  isTriedAgain: boolean,
  { products, movements }: CatalogChange,
  refused: readonly CatalogProblem[],
): Promise<readonly PreparedLine[]> {
  const wrong = new Set<string>();
  const stale = new Set<string>();
  for (const problem of refused) {
    if (problem.of === 'product') {
      stale.add(products[problem.index]?.product.sku ?? '');
      continue;
    }
    const sku = movements[problem.index]?.sku ?? '';
    const { line = 0, stock = 0 } = prepared.find(({ given }) => given.sku === sku)?.given ?? {};
    const detail = stockWords(problem, stock, run.reference);
    wrong.add(sku);
    refuse(run, [{ line, column: 'stock', code: problem.code, detail }]);
  }
  const good = prepared.filter(({ given: { sku } }) => !wrong.has(sku));
  const isStale = ({ given: { sku } }: PreparedLine) => stale.has(sku);
  const staleLines = good.filter(isStale).map(({ given }) => given);
  const rest = good.filter((line) => !isStale(line));
  if (isTriedAgain) return [...rest, ...(await prepare(run, staleLines))];
  for (const { line, sku } of staleLines) {
    const detail = `The product ${sku} was changed by somebody else, or by another line, each of the ${triesMax} times that the import read it. Import the line again.`;
    refuse(run, [{ line, column: null, code: 'changed_meanwhile', detail }]);
  }
  return rest;
}

function count(
  { counts, options }: ImportRun,
  outcome: Extract<CatalogOutcome, { kind: 'changed' }>,
  { movements }: CatalogChange,
): void {
  for (const result of outcome.products) {
    counts[result.effect] += 1;
    if (result.effect !== 'unchanged') options.onResult?.(result);
  }
  for (const [index, { effect }] of outcome.movements.entries()) {
    if (effect !== 'moved') continue;
    counts.received += 1;
    counts.unitsReceived += movements[index]?.units ?? 0;
  }
}
