/**
 * Adds and changes products from a list, line by line: a list of any length takes the memory of a few hundred lines.
 *
 * Always holds: unless wrong lines are skipped, the whole list is checked before anything is written, and nothing is
 * when a line is wrong. The list is then written in transactions of a hundred lines. After each, the import rests for half as
 * long as it took, so that an order that comes in meanwhile waits for one of them at most. An import that is cut off may be
 * run again, because a line that changes nothing writes nothing, and stock is received once by its reference. Without a
 * reference only products that the list adds are received, so that a corrected list does not bring its stock again.
 */
import { createHash } from 'node:crypto';
import { performRun } from './import-list.ts';
import { createImportRun, type ImportRun, type ImportStore, type RunOptions } from './import-run.ts';
import type { LineProblem } from './product-fields.ts';

export interface ImportOptions extends RunOptions {
  readonly isDryRun: boolean;
  readonly skipsBadLines: boolean;
  /** What the stock column is received under; null: made from the content of the list. */
  readonly reference: string | null;
}

export interface ImportReport {
  readonly lines: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Lines whose stock was received now, without those that the reference has brought before. */
  readonly received: number;
  readonly unitsReceived: number;
  readonly reference: string;
  /** The first of them, by line. */
  readonly problems: readonly LineProblem[];
  readonly problemCount: number;
  /** Whether the list was imported, or would be. */
  readonly isDone: boolean;
}

export async function importProducts(store: ImportStore, options: ImportOptions): Promise<ImportReport> {
  const { isDryRun, skipsBadLines } = options;
  const reference = options.reference ?? (await referenceOf(options.open()));
  // A list of which lines were skipped is mended and imported again: then no line tells whether it was received before.
  const withoutReference = skipsBadLines ? 'none' : 'added';
  const receives: ImportRun['receives'] = options.reference === null ? withoutReference : 'all';
  // Lines that are skipped are found while the others are written.
  const isChecked = !skipsBadLines;
  if (isDryRun || isChecked) {
    // Only a dry run tells what would change.
    const quiet = { ...options, onResult: () => undefined };
    const trial = { store, options: isDryRun ? options : quiet, reference, receives, isTrial: true };
    const checking = createImportRun(trial, false);
    await performRun(checking);
    const isSound = checking.problemCount === 0;
    if (isDryRun) return reportOf(checking, isSound || skipsBadLines);
    if (!isSound) return { ...reportOf(checking, false), ...nothing };
  }
  const importing = createImportRun({ store, options, reference, receives, isTrial: false }, isChecked);
  await performRun(importing);
  return reportOf(importing, true);
}

const nothing = { added: 0, changed: 0, unchanged: 0, received: 0, unitsReceived: 0 };

/** The same list is received once: its stock goes by the hash of its bytes. */
async function referenceOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of chunks) digest.update(chunk);
  return `import ${digest.digest('hex').slice(0, 32)}`;
}

function reportOf({ counts, reference, problems, problemCount }: ImportRun, isDone: boolean): ImportReport {
  const sorted = problems.toSorted((a, b) => a.line - b.line);
  return { ...counts, reference, problems: sorted, problemCount, isDone };
}
