/** From the texts of a line to a product: each field checked, each mistake with its remedy. */
import { centsMax } from '../domain/money.ts';
import { onHandMax, skuPattern, skuWords } from '../domain/product.ts';
import {
  categoryDefault,
  descriptionProblem,
  normalizeDescription,
  normalizeProductText,
  productCategoryLengthMax,
  productDescriptionLengthMax,
  productNameLengthMax,
  productTextProblem,
} from '../domain/product-text.ts';

/** The columns that a file may have, in the order in which an export has them. */
export const columns = [
  'sku',
  'name',
  'description',
  'category',
  'price',
  'image',
  'active',
  'stock',
] as const;

export type Column = (typeof columns)[number];

export const columnsNeeded = ['sku', 'name', 'price'] as const satisfies readonly Column[];

export interface LineProblem {
  /** From 1; 1 is the line with the names of the columns. */
  readonly line: number;
  /** Null when it is about the whole line. */
  readonly column: string | null;
  /** Stable, for programs. */
  readonly code: string;
  /** The mistake and the remedy, for people. */
  readonly detail: string;
}

/** A line as it says; null where the file has no such column or the cell leaves it open. */
export interface ProductLine {
  readonly line: number;
  readonly sku: string;
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly priceCents: number;
  /** A path on this service, or the name of a file beside the list. */
  readonly image: string | null;
  readonly active: boolean | null;
  /** Units received with this line; 0 for none. */
  readonly stock: number;
}

export type Cells = Readonly<Partial<Record<Column, string>>>;

export function readProductLine(line: number, cells: Cells): ProductLine | readonly LineProblem[] {
  const problems: LineProblem[] = [];
  const wrong = (column: Column, code: string, detail: string) =>
    problems.push({ line, column, code, detail });
  const sku = readSku(cells.sku ?? '', wrong);
  const name = readName(cells.name ?? '', wrong);
  const description = cells.description === undefined ? null : readDescription(cells.description, wrong);
  const category = cells.category === undefined ? null : readCategory(cells.category, wrong);
  const priceCents = readPrice(cells.price ?? '', wrong);
  const image = (cells.image ?? '').trim() || null;
  if (image !== null && image.length > imageLengthMax)
    wrong(
      'image',
      'too_long',
      `The name of the picture is longer than ${imageLengthMax} characters. Shorten it.`,
    );
  const active = readActive(cells.active ?? '', wrong);
  const stock = readStock(cells.stock ?? '', wrong);
  if (problems.length > 0) return problems;
  return { line, sku, name, description, category, priceCents, image, active, stock };
}

/** UTF-16 units of a picture's path or file name. */
const imageLengthMax = 500;

type Wrong = (column: Column, code: string, detail: string) => void;

/** `4.01234e+12`, as a spreadsheet shows a long number. */
const shortened = /^\d+(?:[.,]\d+)?e\+\d+$/;

/** In lower case, because that is how SKUs are written here. */
function readSku(typed: string, wrong: Wrong): string {
  const sku = typed.trim().toLowerCase();
  if (sku === '') wrong('sku', 'required', 'The SKU is missing. Give each product one, such as tent-4p.');
  else if (shortened.test(sku)) {
    const detail = `${shown(typed)} is a number that a spreadsheet has shortened, and its digits are lost. Format the column as text, and fill it in again.`;
    wrong('sku', 'shortened_sku', detail);
  } else if (!skuPattern.test(sku)) {
    const near = sku
      .normalize('NFKD')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 64);
    const such = skuPattern.test(near) ? near : 'tent-4p';
    wrong('sku', 'invalid_sku', `${shown(typed)} is no SKU. Use ${skuWords}, such as ${such}.`);
  }
  return sku;
}

function readName(typed: string, wrong: Wrong): string {
  const name = normalizeProductText(typed);
  const problem = productTextProblem(name, productNameLengthMax);
  if (problem === 'required')
    wrong('name', problem, 'The name is missing. Say what shoppers should call it.');
  if (problem === 'too_long')
    wrong('name', problem, `The name is longer than ${productNameLengthMax} characters. Shorten it.`);
  if (problem === 'control_character')
    wrong(
      'name',
      problem,
      'The name has a line break or another character that can’t be printed. Take it out.',
    );
  return name;
}

function readDescription(typed: string, wrong: Wrong): string {
  const text = normalizeDescription(typed);
  const problem = descriptionProblem(text);
  if (problem === 'too_long') {
    const detail = `The description is longer than ${productDescriptionLengthMax} characters. Shorten it.`;
    wrong('description', problem, detail);
  }
  if (problem === 'control_character')
    wrong('description', problem, 'The description has a character that can’t be printed. Take it out.');
  return text;
}

function readCategory(typed: string, wrong: Wrong): string {
  const text = normalizeProductText(typed);
  const problem = text === '' ? null : productTextProblem(text, productCategoryLengthMax);
  if (problem === 'too_long')
    wrong(
      'category',
      problem,
      `The category is longer than ${productCategoryLengthMax} characters. Shorten it.`,
    );
  else if (problem !== null)
    wrong('category', problem, 'The category has a character that can’t be printed. Take it out.');
  return text === '' ? categoryDefault : text;
}

/** Cents of a decimal such as 19.99, exact; digits only, so that no float comes in between. */
function readPrice(typed: string, wrong: Wrong): number {
  const text = typed.trim();
  const [, whole, fraction = ''] = /^(\d{1,14})(?:\.(\d{1,2}))?$/.exec(text) ?? [];
  const cents = whole === undefined ? Number.NaN : Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
  if (text === '') wrong('price', 'required', 'The price is missing. Give it in dollars, such as 19.99.');
  else if (whole === undefined)
    wrong('price', 'invalid_price', `${shown(typed)} is no price. ${priceRemedy(text)}`);
  else if (cents > centsMax)
    wrong('price', 'out_of_range', `${shown(typed)} is too much. A price is ${centsMax} cents at most.`);
  return cents;
}

function priceRemedy(text: string): string {
  if (/^\d+\.\d{3,}$/.test(text)) return 'Round it to the cent, such as 19.99.';
  if (/^-/.test(text)) return 'A price is 0 or more, such as 19.99.';
  return 'Write it in dollars with a point before the cents and nothing else, such as 1999.95 or 5.';
}

const activeWords: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  1: true,
  false: false,
  no: false,
  0: false,
};

function readActive(typed: string, wrong: Wrong): boolean | null {
  const word = typed.trim().toLowerCase();
  if (word === '') return null;
  const active = Object.hasOwn(activeWords, word) ? activeWords[word] : undefined;
  if (active === undefined)
    wrong(
      'active',
      'not_allowed',
      `${shown(typed)} is neither true nor false. Write true for sold, false for retired.`,
    );
  return active ?? null;
}

function readStock(typed: string, wrong: Wrong): number {
  const text = typed.trim();
  if (text === '') return 0;
  const units = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(units) || units > onHandMax) {
    wrong(
      'stock',
      'out_of_range',
      `${shown(typed)} is no number of units received. Write a whole number from 0 to ${onHandMax}; nozama stock adjust takes units away.`,
    );
    return 0;
  }
  return units;
}

const shownLengthMax = 40;

/** A cell in a message: short, and on one line. */
export function shown(typed: string): string {
  const text = Array.from(typed.replaceAll(/\s+/g, ' '));
  return `"${text.length > shownLengthMax ? `${text.slice(0, shownLengthMax).join('')}…` : text.join('')}"`;
}
