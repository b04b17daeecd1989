/** A list of products in NDJSON, one object on each line, by JSON.parse. */
import { duplicateNamePointer } from '../program/duplicate-names.ts';
import { lineBytesMax, type ReadLine, tooLong } from './list-line.ts';
import { type Column, columns, shown } from './product-fields.ts';

export async function* readNdjson(texts: AsyncGenerator<string>): AsyncGenerator<ReadLine> {
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
