/** The rules for the texts of a product: any script, printable, each within its bound. */
import { composed } from './composed-text.ts';
import { type CustomerTextProblem, normalizeCustomerText } from './customer-text.ts';

/** Unicode code points of a product's name. */
export const productNameLengthMax = 200;

/** Unicode code points of a product's description, line breaks among them. */
export const productDescriptionLengthMax = 5_000;

/** Unicode code points of a category. */
export const productCategoryLengthMax = 100;

/** Unicode code points of the reference of a stock movement, and of its note. */
export const movementTextLengthMax = 200;

/** The category of a product that is given none. */
export const categoryDefault = 'Other';

/** C0 and C1 controls, separators, halves of surrogate pairs, and controls that turn the direction of text around. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** The same, but for line breaks and tabs. */
const unprintableInLines = /[^\P{Cc}\n\t]|[\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Unicode NFC, without white space and other invisible characters at either end. */
export const normalizeProductText: (typed: string) => string = normalizeCustomerText;

/** The mistake of an already normalized text of one line, or null when it has none. */
export function productTextProblem(text: string, lengthMax: number): CustomerTextProblem | null {
  if (text === '') return 'required';
  if (isLonger(text, lengthMax)) return 'too_long';
  if (unprintable.test(text)) return 'control_character';
  return visible.test(text) ? null : 'required';
}

/** Unicode NFC, lines end with LF alone, without blanks at either end. */
export function normalizeDescription(typed: string): string {
  return composed(typed.replaceAll(/\r\n?/g, '\n')).trim();
}

/** The mistake of an already normalized description, or null; it may be empty. */
export function descriptionProblem(text: string): Exclude<CustomerTextProblem, 'required'> | null {
  if (isLonger(text, productDescriptionLengthMax)) return 'too_long';
  return unprintableInLines.test(text) ? 'control_character' : null;
}

/** Counts code points no further than one beyond the bound. */
function isLonger(text: string, lengthMax: number): boolean {
  if (text.length <= lengthMax) return false;
  let count = 0;
  for (const _ of text) {
    count += 1;
    if (count > lengthMax) return true;
  }
  return false;
}
