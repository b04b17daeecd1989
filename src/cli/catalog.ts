/** `nozama catalog`: the catalogue as a list, in and out. */
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exportProducts } from '../bulk/export-products.ts';
import { type ImportReport, importProducts } from '../bulk/import-products.ts';
import { type LoadedPicture, problemsListedMax } from '../bulk/import-run.ts';
import { describeResult } from '../bulk/import-words.ts';
import { takePicture } from '../bulk/product-picture.ts';
import type { ListFormat } from '../bulk/read-lines.ts';
import { hashInImagePath, imageBytesMax, imagePath } from '../domain/product-image.ts';
import { movementTextLengthMax, normalizeProductText, productTextProblem } from '../domain/product-text.ts';
import { OperatorError } from '../program/operator-error.ts';
import { databaseAt } from '../storage/engines.ts';
import type { OrderStore, StoreSettings } from '../storage/order-store.ts';
import { findImage } from '../web/assets.ts';
import { type Command, type CommandArguments, UsageError } from './command.ts';
import { auditOriginOfCommand } from './command-line-audit.ts';
import { counted, grouped } from './figures.ts';
import { loadConfig } from './load-config.ts';
import { pathBeside } from './path-beside.ts';
import { showProgress } from './progress.ts';

const usage = `Adds and changes products from a list, or writes the list of all products.

Usage: nozama catalog import FILE [--dry-run] [--skip-bad-lines] [--format csv|ndjson] [--reference TEXT]
       nozama catalog export > products.csv

FILE is a CSV or NDJSON file in UTF-8; - is standard input. The first line of a CSV names its columns, in any order:
sku, name and price, and those that you like of description, category, image, active and stock. Commas, semicolons and
tabs separate. A price is a decimal such as 19.99. An image is a PNG, JPEG, WebP or AVIF beside FILE. It is
served as it is, with the place and the camera that it may name (EXIF): remove them before. Products that the list does
not name stay as they are, and so does what has no column.

The stock column is received once: the same file again receives nothing, and neither does another with the same
--reference. Without a --reference it is received for products that the list adds, and a line with stock for another
product is refused. Together with --skip-bad-lines a list with stock needs a --reference.

  --dry-run         shows what would change, product by product, and changes nothing
  --skip-bad-lines  imports the good lines and lists the others; otherwise one wrong line stops all
  --format          when the file does not show it by its first character
  --reference       what the stock is received under, such as the number of the delivery note

An import into a database that has no products yet opens your own shop instead of the demo.
Exit codes: 0 done; 1 lines were wrong, or it failed; 2 wrong arguments or configuration.
`;

export const command: Command = {
  usage,
  options: {
    'dry-run': { type: 'boolean' },
    'skip-bad-lines': { type: 'boolean' },
    format: { type: 'string' },
    reference: { type: 'string' },
  },
  positionals: ['import|export', 'FILE'],
  async run({ values, positionals: [action, file] }) {
    if (action === 'export') {
      if (file !== undefined || Object.keys(values).length > 0)
        throw new UsageError('nozama catalog export takes nothing else: it writes to standard output.');
      return withStore(writeList);
    }
    if (action !== 'import') throw new UsageError('nozama catalog needs import or export.');
    if (file === undefined)
      throw new UsageError('nozama catalog import needs a file, or - for standard input.');
    const settings = { format: readFormat(values), reference: readReference(values) };
    return withStore((store) => importFile(store, file, values, settings), {
      pageCacheKib: importCacheKib,
    });
  },
};

function readFormat({ format }: CommandArguments['values']): ListFormat | null {
  if (format === undefined) return null;
  if (format !== 'csv' && format !== 'ndjson') throw new UsageError('--format must be csv or ndjson.');
  return format;
}

function readReference({ reference }: CommandArguments['values']): string | null {
  if (typeof reference !== 'string') return null;
  const text = normalizeProductText(reference);
  if (productTextProblem(text, movementTextLengthMax) !== null)
    throw new UsageError(`--reference must be one line of 1 to ${movementTextLengthMax} characters.`);
  return text;
}

/** In KiB, a quarter of a service's: ten thousand products fill it, so that a million take no more. */
const importCacheKib = 10_240;

async function withStore(
  use: (store: OrderStore) => Promise<number>,
  settings: Partial<StoreSettings> = {},
): Promise<number> {
  const { databaseUrl, engineSettings } = loadConfig();
  const store = await databaseAt(databaseUrl, engineSettings).open(settings);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

async function writeList(store: OrderStore): Promise<number> {
  for await (const part of exportProducts(store)) {
    if (!process.stdout.write(part)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  return 0;
}

async function importFile(
  store: OrderStore,
  file: string,
  values: CommandArguments['values'],
  settings: { readonly format: ListFormat | null; readonly reference: string | null },
): Promise<number> {
  const spool = file === '-' ? await spoolStandardInput() : null;
  const path = spool?.path ?? file;
  const progress = showProgress();
  try {
    await assertReadable(path);
    const isDryRun = values['dry-run'] === true;
    const report = await importProducts(store, {
      ...settings,
      open: () => createReadStream(path),
      keepsSkusIn: 'file',
      isDryRun,
      skipsBadLines: values['skip-bad-lines'] === true,
      mayReceiveStock: true,
      actor: 'cli',
      origin: auditOriginOfCommand(),
      atMs: Date.now(),
      loadPicture: createPictureLoader(store, spool === null ? dirname(path) : process.cwd()),
      onProgress: (stage, lines) => progress.show(stage, `${grouped(lines)} lines`),
      ...(isDryRun ? { onResult: (result) => process.stdout.write(`${describeResult(result)}\n`) } : {}),
    });
    progress.end();
    process.stderr.write(describeProblems(report));
    process.stdout.write(describeReport(report, isDryRun));
    return report.problemCount === 0 ? 0 : 1;
  } finally {
    progress.end();
    spool?.remove();
  }
}

/** It is read several times. */
async function spoolStandardInput(): Promise<{ readonly path: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'nozama-import-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const path = join(folder, 'list');
  try {
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    return { path, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The list can't be read; the message is a sentence for the operator. */
class ListRefusedError extends OperatorError {
  override readonly name = 'ListRefusedError';
}

async function assertReadable(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (cause) {
    throw new ListRefusedError(`${path} can't be read: ${(cause as Error).message}. Is the name right?`, {
      cause,
    });
  }
  throw new ListRefusedError(`${path} is no file. Name a CSV or NDJSON file.`);
}

function createPictureLoader(store: OrderStore, folder: string) {
  return async (name: string): Promise<LoadedPicture> => {
    if (name.startsWith('/images/')) {
      const hash = hashInImagePath(name);
      const isServed =
        hash === null
          ? findImage(name.slice('/images/'.length)) !== null
          : (await store.findImage(hash)) !== null;
      return isServed
        ? { imageUrl: name, image: null }
        : {
            problem: `This shop serves no picture at ${name}. Name a file beside the list, or leave it empty.`,
          };
    }
    if (/^https?:/i.test(name))
      return {
        problem: `${name} is on another server, from which nothing is fetched. Save it beside the list and name its file, or leave it empty.`,
      };
    const path = pathBeside(folder, name);
    if (path === null)
      return { problem: `${name} is not beside the list. Put the picture into its folder, or one below.` };
    const found = await stat(path).catch(() => null);
    if (found?.isFile() !== true)
      return { problem: `There is no file ${name} beside the list. Is its name right?` };
    // Not read any further than it could be taken.
    if (found.size > imageBytesMax) return { problem: (await tooLarge()).detail };
    const taken = await takePicture(await readFile(path));
    return 'code' in taken ? { problem: taken.detail } : { imageUrl: imagePath(taken), image: taken };
  };
}

async function tooLarge(): Promise<{ readonly detail: string }> {
  const refused = await takePicture(new Uint8Array(imageBytesMax + 1));
  return 'code' in refused ? refused : { detail: '' };
}

function describeProblems({ problems, problemCount }: ImportReport): string {
  const lines = problems.map(
    ({ line, column, detail }) => `line ${line}${column === null ? '' : `, ${column}`}: ${detail}\n`,
  );
  const rest = problemCount - problems.length;
  return (
    lines.join('') +
    (rest > 0 ? `and ${grouped(rest)} more mistakes; the first ${problemsListedMax} are shown.\n` : '')
  );
}

function describeReport(report: ImportReport, isDryRun: boolean): string {
  const { lines, added, changed, unchanged, received, unitsReceived, problemCount, isDone } = report;
  const counts = `${grouped(added)} added, ${grouped(changed)} changed, ${grouped(unchanged)} unchanged`;
  const stock =
    received === 0 ? '' : `; ${counted(unitsReceived, 'unit')} of ${counted(received, 'product')} received`;
  const wrong = problemCount === 0 ? '' : ` ${counted(problemCount, 'mistake')}.`;
  if (!isDone) {
    const mend = problemCount === 1 ? 'Mend it' : 'Mend them';
    // Of a file that is no list no line was read.
    const remedy = lines === 0 ? `${mend}.` : `${mend}, or import the good lines with --skip-bad-lines.`;
    return `Nothing was imported of ${counted(lines, 'line')}.${wrong} ${remedy}\n`;
  }
  return isDryRun
    ? `It would be: ${counts}${stock}.${wrong} Nothing was changed.\n`
    : `Imported ${counted(lines, 'line')}: ${counts}${stock}.${wrong}\n`;
}
