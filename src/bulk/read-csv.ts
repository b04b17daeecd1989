/** A list of products in CSV (RFC 4180, also with semicolons or tabs), line by line, by csv-parse. */
import { Readable } from 'node:stream';
import { type CsvError, type Parser, parse } from 'csv-parse';
import { restored } from './formula-text.ts';
import { lineBytesMax, type ReadLine, tooLong, UnreadableListError } from './list-line.ts';
import { type Column, columns, columnsNeeded, shown } from './product-fields.ts';

/** Characters that are parsed at once: of those behind a broken record no more are parsed than a few times as many. */
const pieceLength = 8 * 1024;

/** The first line has to be whole before its separator can be seen. */
export async function* readCsv(texts: AsyncGenerator<string>): AsyncGenerator<ReadLine> {
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
