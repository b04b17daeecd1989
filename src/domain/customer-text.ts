/**
 * The rules for a customer's name and address: any script, but one line of text that can be
 * printed on a label.
 */
import { composed } from './composed-text.ts';

/** The longest name, street or city, in Unicode code points. */
export const customerTextLengthMax = 200;

/**
 * C0 and C1 controls, line and paragraph separators, halves of surrogate pairs, and the controls that turn
 * the direction of text around and would reorder a printed label (UAX #9 §2.1, §2.2, §2.4).
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/**
 * Characters that no reader sees: white space, characters that are drawn as nothing (UAX #44: zero widths, the byte
 * order mark, soft hyphen, direction marks, Hangul fillers …), and the Braille pattern without dots.
 */
const invisible = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u;
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Invisible characters that change how the character before them looks: a kanji's variant, a flag's region. */
const variant = /[\p{Variation_Selector}\u{e0020}-\u{e007f}]/u;

export type CustomerTextProblem = 'required' | 'too_long' | 'control_character';

/** Unicode NFC (UAX #15), without white space and other invisible characters at either end. */
export function normalizeCustomerText(typed: string): string {
  return isPrintableAscii(typed.charCodeAt(0)) && isPrintableAscii(typed.charCodeAt(typed.length - 1))
    ? composed(typed)
    : trimInvisible(composed(typed));
}

/** From `!` to `~`, so neither invisible nor changed by NFC. */
function isPrintableAscii(codeUnit: number): boolean {
  return codeUnit >= 0x21 && codeUnit <= 0x7e;
}

/** Copied text brings them along, and they can't be seen. A variant of the last visible character stays. */
function trimInvisible(text: string): string {
  let start = 0;
  while (start < text.length) {
    const character = characterAt(text, start);
    if (!invisible.test(character)) break;
    start += character.length;
  }
  let end = text.length;
  for (let at = end; at > start; ) {
    const character = characterBefore(text, at);
    if (!invisible.test(character)) break;
    at -= character.length;
    if (!variant.test(character)) end = at;
  }
  return text.slice(start, end);
}

function characterAt(text: string, index: number): string {
  return String.fromCodePoint(text.codePointAt(index) ?? 0);
}

function characterBefore(text: string, index: number): string {
  const pair = index >= 2 ? characterAt(text, index - 2) : '';
  return pair.length === 2 ? pair : text.charAt(index - 1);
}

/** The mistake of an already normalized text, or null when it has none. */
export function customerTextProblem(text: string): CustomerTextProblem | null {
  if (text.length === 0) return 'required';
  if (text.length > customerTextLengthMax && codePointCount(text) > customerTextLengthMax) return 'too_long';
  if (unprintable.test(text)) return 'control_character';
  if (!visible.test(text)) return 'required';
  return null;
}

/** Stops counting past the bound, so that a long text costs no more than an allowed one. */
function codePointCount(text: string): number {
  let count = 0;
  for (const _ of text) {
    count += 1;
    if (count > customerTextLengthMax) break;
  }
  return count;
}
