/**
 * The lines of a list of products, one at a time: a file of any length takes no more memory than its longest line. CSV
 * (RFC 4180, also with semicolons or tabs) by csv-parse, NDJSON by JSON.parse.
 */
import { Readable } from 'node:stream';
import { type CsvError, type Parser, parse } from 'csv-parse';
import { duplicateNamePointer } from '../program/duplicate-names.ts';
import { restored } from './formula-text.ts';
import {
  type Cells,
  type Column,
  columns,
  columnsNeeded,
  type LineProblem,
  shown,
} from './product-fields.ts';
import { strangeFileProblem } from './recognized-file.ts';

export type ListFormat = 'csv' | 'ndjson';

/** A line of the file: its cells by column, or why it can't be read. */
export type ReadLine =
  | { readonly line: number; readonly cells: Cells; readonly problem: null }
  | { readonly line: number; readonly cells: null; readonly problem: LineProblem };

/** The file can't be read as a list of products at all; the problem has the line and the remedy. */
export class UnreadableListError extends Error {
  override readonly name = 'UnreadableListError';
  readonly problem: LineProblem;

  constructor(line: number, code: string, detail: string, column: string | null = null) {
    super(detail);
    this.problem = { line, column, code, detail };
  }
}

/** The longest line, in bytes: a description of 5,000 characters and the rest several times over. */
export const lineBytesMax = 128 * 1024;

/** Characters that are parsed at once: of those behind a broken record no more are parsed than a few times as many. */
const pieceLength = 8 * 1024;

/** Bytes that are looked at to recognize the kind of a file. */
const headBytes = 512;

/**
 * @param format null: by the first character, as an NDJSON file begins with a brace
 * @throws UnreadableListError
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  format: ListFormat | null,
): AsyncGenerator<ReadLine> {
  const { head, all } = await peek(chunks);
  const strange = strangeFileProblem(head);
  if (strange !== null) throw new UnreadableListError(1, 'not_a_list', strange);
  const texts = decode(all);
  const found = format ?? (/^\ufeff?\s*\{/.test(Buffer.from(head).toString('utf8')) ? 'ndjson' : 'csv');
  yield* found === 'ndjson' ? readNdjson(texts) : readCsv(texts);
}

async function peek(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < headBytes) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    taken.push(value);
    bytes += value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* taken;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: Buffer.concat(taken).subarray(0, headBytes), all: all() };
}

/** UTF-8 without its byte order mark. */
async function* decode(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let lines = 1;
  try {
    for await (const chunk of chunks) {
      const text = decoder.decode(chunk, { stream: true });
      lines += countLineBreaks(text);
      if (text !== '') yield text;
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UnreadableListError(
      lines,
      'not_utf8',
      `At or soon after line ${lines} there are bytes that are not UTF-8. Save the file in UTF-8 (in a spreadsheet: Save as, “CSV UTF-8”).`,
    );
  }
}

function countLineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** The first line has to be whole before its separator can be seen. */
async function* readCsv(texts: AsyncGenerator<string>): AsyncGenerator<ReadLine> {
  let first = '';
  for (let isWhole = false; !isWhole; ) {
    const { value, done } = await texts.next();
    if (done === true) break;
    first += value;
    isWhole = /[\r\n]/.test(value) && /\S[^\r\n]*[\r\n]/.test(first);
    if (!isWhole && first.length > lineBytesMax) throw tooLong(1);
  }
  let broken: { readonly afterRecords: number; readonly error: CsvError } | null = null;
  // A broken record costs the parser as much as hundreds of good ones: the text ends with the first of them.
  async function* untilBroken(): AsyncGenerator<string> {
    for (let text: string | undefined = first; text !== undefined; text = await nextOf(texts)) {
      for (let at = 0; at < text.length && broken === null; at += pieceLength)
        yield text.slice(at, at + pieceLength);
      if (broken !== null) return;
    }
  }
  const separator = separatorOf(first);
  const parser: Parser = parse({
    delimiter: separator,
    raw: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: lineBytesMax,
    // Not to skip it, but to be given the records before it: what comes behind is read in the wrong way.
    skip_records_with_error: true,
    on_skip(error) {
      if (error !== undefined) broken ??= { afterRecords: parser.info.records, error };
    },
  });
  const source = Readable.from(untilBroken(), {
    objectMode: false,
    encoding: 'utf8',
    highWaterMark: pieceLength,
  });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let names: readonly Column[] | null = null;
  let breaks = 0;
  let records = 0;
  const isBroken = () => broken !== null && records > broken.afterRecords;
  try {
    for await (const { record, raw } of parser as AsyncIterable<CsvRecord>) {
      records += 1;
      if (isBroken()) break;
      const line = 1 + breaks + countLineEnds(/^[\r\n]*/.exec(raw)?.[0] ?? '');
      breaks += countLineEnds(raw);
      // Spreadsheets write separators alone where rows were emptied.
      if (record.every(isBlank)) continue;
      if (names === null) names = readHeader(record, separator);
      else yield toLine(line, record, names);
    }
  } finally {
    source.destroy();
  }
  const found = broken as { readonly error: CsvError } | null;
  if (found !== null) throw new UnreadableListError(1 + breaks, 'malformed_csv', csvErrorWords(found.error));
}

async function nextOf(texts: AsyncGenerator<string>): Promise<string | undefined> {
  const { value, done } = await texts.next();
  return done === true ? undefined : value;
}

interface CsvRecord {
  readonly record: readonly string[];
  /** The text of the record, from behind the line break before it; of CRLF at its end it has CR alone. */
  readonly raw: string;
}

const isBlank = (cell: string) => cell.trim() === '';

function countLineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}

/** Of the first line, whose names hold none of them. */
function separatorOf(text: string): string {
  const [line = ''] = text.trimStart().split(/[\r\n]/, 1);
  const counts = [',', ';', '\t'].map((separator) => ({ separator, count: line.split(separator).length }));
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).separator;
}

function readHeader(record: readonly string[], separator: string): readonly Column[] {
  const names = withoutBlankEnd(record, 0).map((cell) => cell.trim().toLowerCase());
  const known: ReadonlySet<string> = new Set(columns);
  const refuse = (detail: string, column: string | null = null) => {
    throw new UnreadableListError(1, 'columns', detail, column);
  };
  const list = columns.join(', ');
  if (!names.some((name) => known.has(name))) {
    refuse(
      `The first line must name the columns, and has none of ours. Begin the file with ${list.replaceAll(', ', separator)}.`,
    );
  }
  for (const [index, name] of names.entries()) {
    if (name === '') refuse(`Column ${index + 1} has no name. Name it one of ${list}, or take it out.`);
    if (!known.has(name))
      refuse(
        `There is no column ${shown(record[index] ?? '')}. Name it one of ${list}, or take it out.`,
        name,
      );
    if (names.indexOf(name) !== index)
      refuse(`The column ${name} is there twice. Take one of the two out.`, name);
  }
  for (const name of columnsNeeded) {
    if (!names.includes(name))
      refuse(`The column ${name} is missing. Every product needs ${columnsNeeded.join(', ')}.`, name);
  }
  return names as Column[];
}

/** Spreadsheets add separators for columns that were emptied. @param lengthMin cells that stay */
function withoutBlankEnd(record: readonly string[], lengthMin: number): readonly string[] {
  let length = record.length;
  while (length > lengthMin && isBlank(record[length - 1] ?? '')) length -= 1;
  return record.slice(0, length);
}

function toLine(line: number, record: readonly string[], names: readonly Column[]): ReadLine {
  const given = withoutBlankEnd(record, names.length);
  if (given.length !== names.length) {
    const detail = `The line has ${given.length} cells, and the first line names ${names.length} columns. Put a cell that holds the separator or a line break in double quotes.`;
    return { line, cells: null, problem: { line, column: null, code: 'cell_count', detail } };
  }
  const cells: Partial<Record<Column, string>> = {};
  for (const [index, name] of names.entries()) cells[name] = restored(given[index] ?? '');
  return { line, cells, problem: null };
}

const notFurther = 'What comes behind this line was not read.';

function csvErrorWords({ code, message }: CsvError): string {
  switch (code) {
    case 'CSV_MAX_RECORD_SIZE':
      return `The line is longer than ${lineBytesMax} bytes. Is a double quote missing at the end of a cell? ${notFurther}`;
    case 'CSV_QUOTE_NOT_CLOSED':
      return `A cell begins with a double quote and never ends with one. Close it. ${notFurther}`;
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return `A double quote stands inside a cell. Put the cell in double quotes, and write the one inside twice. ${notFurther}`;
    default:
      return `The line is no CSV: ${message}. ${notFurther}`;
  }
}

function tooLong(line: number): UnreadableListError {
  const detail = `Line ${line} is longer than ${lineBytesMax} bytes. Is this a list with one product on each line?`;
  return new UnreadableListError(line, 'line_too_long', detail);
}

async function* readNdjson(texts: AsyncGenerator<string>): AsyncGenerator<ReadLine> {
  let line = 0;
  let rest = '';
  for await (const text of texts) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const each of lines) {
      line += 1;
      yield* toLineOfJson(line, each);
    }
    if (rest.length > lineBytesMax) throw tooLong(line + 1);
  }
  yield* toLineOfJson(line + 1, rest);
}

/** None for a blank line. */
function* toLineOfJson(line: number, text: string): Generator<ReadLine> {
  if (text.trim() === '') return;
  const wrong = (code: string, detail: string, column: string | null = null): ReadLine => ({
    line,
    cells: null,
    problem: { line, column, code, detail },
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return yield wrong(
      'malformed_json',
      'The line is no JSON. Write one object on each line, such as {"sku":"tent-4p","name":"Tent","price":"199.99"}.',
    );
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return yield wrong('malformed_json', 'The line is no JSON object. Write one object on each line.');
  const repeated = duplicateNamePointer(text, json)?.split('/')[1];
  if (repeated !== undefined)
    return yield wrong(
      'repeated_field',
      `The field ${shown(repeated)} has two values. Keep one of them.`,
      repeated.slice(0, 100),
    );
  const cells: Partial<Record<Column, string>> = {};
  for (const [name, value] of Object.entries(json)) {
    const column = columns.find((each) => each === name);
    if (column === undefined)
      return yield wrong(
        'unknown_field',
        `There is no field ${shown(name)}. Name it one of ${columns.join(', ')}, or take it out.`,
        name.slice(0, 100),
      );
    if (typeof value === 'number' && losesDigits(column, value))
      return yield wrong(
        'wrong_type',
        `The field ${column} is a number, which loses zeros before it and digits beyond 15. Write it in quotes, as a text.`,
        column,
      );
    const cell = cellOf(column, value);
    if (cell === null)
      return yield wrong(
        'wrong_type',
        `The field ${column} is neither a text nor a number. Write it as a text.`,
        column,
      );
    if (value !== null) cells[column] = cell;
  }
  yield { line, cells, problem: null };
}

/** A SKU is what other systems call a product, to the last digit. */
function losesDigits(column: Column, value: number): boolean {
  return column === 'sku' || (Number.isInteger(value) && !Number.isSafeInteger(value));
}

/** A number as it is written; a price also as the API gives it, in cents. Null for what is none of this. */
function cellOf(column: Column, value: unknown): string | null {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const { amount, currency } = value as { readonly amount?: unknown; readonly currency?: unknown };
  if (column !== 'price' || currency !== 'USD' || !Number.isSafeInteger(amount) || Number(amount) < 0)
    return null;
  const cents = String(amount).padStart(3, '0');
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`;
}
