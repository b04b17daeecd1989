/** One way through a list of products: a trial that checks it, or the import itself. */
import type {
  CatalogChange,
  CatalogOutcome,
  CatalogProblem,
  ProductResult,
} from '../domain/decide-catalog.ts';
import type { CatalogProduct, Product } from '../domain/product.ts';
import { imagesBytesMax, type ProductImage, placeholderImagePath } from '../domain/product-image.ts';
import { categoryDefault } from '../domain/product-text.ts';
import type { StockMovement } from '../domain/stock-movement.ts';
import type { AuditOrigin } from '../storage/audit-log.ts';
import type { OrderStore } from '../storage/order-store.ts';
import { stockWords } from './import-words.ts';
import { UnreadableListError } from './list-line.ts';
import { type LineProblem, type ProductLine, readProductLine } from './product-fields.ts';
import { type ListFormat, readLines } from './read-lines.ts';
import { createSeenSkus, type SeenSkus, type SkusPlace } from './seen-skus.ts';

/** Lines in one transaction: large enough for the disk, short enough for the orders that wait for it. */
export const linesPerChange = 100;

/** After each transaction a run rests for this part of the time that it took: then orders go first. */
export const restShare = 0.5;

/** How a run knows the time and lets it pass. */
export interface Pace {
  readonly nowMs: () => number;
  readonly rest: (ms: number) => Promise<void>;
}

const realPace: Pace = {
  nowMs: () => performance.now(),
  rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Lines of a list; more are refused before anything is written. */
export const linesMax = 5_000_000;

/** Problems that a report lists; more are counted. */
export const problemsListedMax = 100;

export type ImportStage = 'checking' | 'importing';

export type LoadedPicture =
  | { readonly imageUrl: string; readonly image: ProductImage | null }
  | { readonly problem: string };

export interface RunOptions {
  /** The bytes of the list, from its beginning each time. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Null: as its first character says. */
  readonly format: ListFormat | null;
  /** Whether the caller may receive stock; otherwise a line with stock is wrong. */
  readonly mayReceiveStock: boolean;
  readonly actor: string;
  /** For the audit log. */
  readonly origin: AuditOrigin;
  readonly atMs: number;
  /** The picture that a line names, or the sentence why there is none. Not called for the one that the product has. */
  readonly loadPicture: (name: string) => Promise<LoadedPicture>;
  readonly keepsSkusIn: SkusPlace;
  /** Told for each product that is added or changed, or would be. */
  readonly onResult?: (result: ProductResult) => void;
  /** Asked before each part but the first: a list that takes longer than it may is read no further. */
  readonly isOverdue?: () => boolean;
  /** That of the clock, unless told. */
  readonly pace?: Pace;
  /** Told with the number of lines after each part that is done. */
  readonly onProgress?: (stage: ImportStage, lines: number) => void;
}

export type ImportStore = Pick<OrderStore, 'changeCatalog' | 'findProductsBySku' | 'saveImages'>;

export interface ImportRun {
  readonly store: ImportStore;
  readonly options: RunOptions;
  /** What the stock is received under. */
  readonly reference: string;
  /** Which products are received: without a reference of the caller's, a list that was edited is another list. */
  readonly receives: 'all' | 'added' | 'none';
  /** Nothing is written. */
  readonly isTrial: boolean;
  readonly counts: Record<'lines' | 'added' | 'changed' | 'unchanged' | 'received' | 'unitsReceived', number>;
  /** The first {@link problemsListedMax} that were found. */
  readonly problems: LineProblem[];
  problemCount: number;
  /** Null when each SKU is known to stand on one line only. */
  readonly seen: SeenSkus | null;
}

/** @param isChecked whether another run has gone through the same list, and found nothing wrong */
export function createImportRun(
  given: Pick<ImportRun, 'store' | 'options' | 'reference' | 'receives' | 'isTrial'>,
  isChecked: boolean,
): ImportRun {
  const counts = { lines: 0, added: 0, changed: 0, unchanged: 0, received: 0, unitsReceived: 0 };
  return {
    ...given,
    counts,
    problems: [],
    problemCount: 0,
    seen: isChecked ? null : createSeenSkus(given.options.keepsSkusIn),
  };
}

export async function performRun(run: ImportRun): Promise<void> {
  const { options, counts, isTrial } = run;
  const pace = options.pace ?? realPace;
  let waiting: ProductLine[] = [];
  const flush = async () => {
    const startedMs = pace.nowMs();
    await importLines(run, waiting);
    if (!isTrial) await pace.rest(restShare * (pace.nowMs() - startedMs));
    waiting = [];
    options.onProgress?.(isTrial ? 'checking' : 'importing', counts.lines);
  };
  try {
    for await (const { line, cells, problem } of readLines(options.open(), options.format)) {
      counts.lines += 1;
      if (counts.lines > linesMax) throw tooManyLines(line);
      const isNewPart = counts.lines > 1 && counts.lines % linesPerChange === 1;
      if (isNewPart && options.isOverdue?.() === true) throw outOfTime(line);
      const read = problem === null ? readProductLine(line, cells) : [problem];
      const wrong = 'sku' in read ? forbidden(run, read) : read;
      if (wrong.length > 0) refuse(run, wrong);
      else if ('sku' in read) waiting.push(read);
      if (waiting.length === linesPerChange) await flush();
    }
    await flush();
  } catch (error) {
    if (!(error instanceof UnreadableListError)) throw error;
    // The good lines before it were asked for.
    if (!isTrial) await importLines(run, waiting);
    refuse(run, [error.problem]);
  } finally {
    run.seen?.close();
  }
  if (counts.lines === 0 && run.problemCount === 0) refuse(run, [noLines]);
}

const noLines: LineProblem = {
  line: 2,
  column: null,
  code: 'no_products',
  detail: 'The list names columns and has no product below them. Add a line for each product.',
};

function tooManyLines(line: number): UnreadableListError {
  const detail = `The list has more than ${linesMax} products. Import it in several files.`;
  return new UnreadableListError(line, 'too_many_lines', detail);
}

function outOfTime(line: number): UnreadableListError {
  const detail =
    'The time of one request was over before this line: it and the lines behind it were not read. Send the list in parts, or import it with nozama catalog import.';
  return new UnreadableListError(line, 'out_of_time', detail);
}

function refuse(run: ImportRun, found: readonly LineProblem[]): void {
  run.problemCount += found.length;
  run.problems.push(...found.slice(0, Math.max(problemsListedMax - run.problems.length, 0)));
}

/** Why a line that can be read is not taken. */
function forbidden(
  { seen, options, receives }: ImportRun,
  { line, sku, stock }: ProductLine,
): readonly LineProblem[] {
  const earlier = seen?.add(sku, line) ?? null;
  if (earlier !== null) {
    const detail = `The SKU ${sku} stands on line ${earlier}, too. Keep one of the two lines.`;
    return [{ line, column: 'sku', code: 'repeated_sku', detail }];
  }
  if (stock === 0) return [];
  if (receives === 'none') {
    const detail =
      'The stock of a list with skipped lines needs a reference (--reference, or ?reference=): without one, the list that is mended and imported again would bring the stock of its good lines twice.';
    return [{ line, column: 'stock', code: 'reference_required', detail }];
  }
  if (options.mayReceiveStock) return [];
  const detail =
    'The key may not receive stock. Use one with the scope stock:write, or leave the stock empty.';
  return [{ line, column: 'stock', code: 'insufficient_scope', detail }];
}

/** A line together with the product that it makes of the one there is. */
interface PreparedLine {
  readonly given: ProductLine;
  readonly product: CatalogProduct;
  /** Of the product that there is; 0 when there is none. */
  readonly revision: number;
}

async function importLines(run: ImportRun, lines: readonly ProductLine[]): Promise<void> {
  const { store } = run;
  let prepared = await prepare(run, lines);
  while (prepared.length > 0) {
    const change = toChange(run, prepared);
    const outcome = await store.changeCatalog(change, run.options.origin);
    if (outcome.kind === 'changed') return count(run, outcome, change);
    if (outcome.kind !== 'refused') throw new Error(`an import ended as ${outcome.kind}`);
    prepared = await preparedAgain(run, prepared, change, outcome.problems);
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

/** Without the lines that are refused; those whose product somebody else has changed meanwhile are read anew. */
async function preparedAgain(
  run: ImportRun,
  prepared: readonly PreparedLine[],
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
  const again = await prepare(
    run,
    good.filter(isStale).map(({ given }) => given),
  );
  return [...good.filter((line) => !isStale(line)), ...again];
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
