/** Goes through a list of products, line by line, and imports it in parts. */
import { importPart } from './import-part.ts';
import { type ImportRun, type Pace, refuse } from './import-run.ts';
import { UnreadableListError } from './list-line.ts';
import { type LineProblem, type ProductLine, readProductLine } from './product-fields.ts';
import { readLines } from './read-lines.ts';

/** Lines in one transaction: large enough for the disk, short enough for the orders that wait for it. */
export const linesPerChange = 100;

/** After each transaction a run rests for this part of the time that it took: then orders go first. */
export const restShare = 0.5;

const realPace: Pace = {
  nowMs: () => performance.now(),
  rest: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Lines of a list; more are refused before anything is written. */
export const linesMax = 5_000_000;

export async function performRun(run: ImportRun): Promise<void> {
  const { options, counts, isTrial } = run;
  const pace = options.pace ?? realPace;
  let waiting: ProductLine[] = [];
  const flush = async () => {
    const startedMs = pace.nowMs();
    await importPart(run, waiting);
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
    if (!isTrial) await importPart(run, waiting);
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
