/** What one way through a list of products knows and counts: a trial that checks it, or the import itself. */
import type { ProductResult } from '../domain/decide-catalog.ts';
import type { ProductImage } from '../domain/product-image.ts';
import type { AuditOrigin } from '../storage/audit-log.ts';
import type { OrderStore } from '../storage/order-store.ts';
import type { LineProblem } from './product-fields.ts';
import type { ListFormat } from './read-lines.ts';
import { createSeenSkus, type SeenSkus, type SkusPlace } from './seen-skus.ts';

/** How a run knows the time and lets it pass. */
export interface Pace {
  readonly nowMs: () => number;
  readonly rest: (ms: number) => Promise<void>;
}

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

/** Counts problems, and lists the first of them. */
export function refuse(run: ImportRun, found: readonly LineProblem[]): void {
  run.problemCount += found.length;
  run.problems.push(...found.slice(0, Math.max(problemsListedMax - run.problems.length, 0)));
}
