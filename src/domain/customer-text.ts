/**
 * The rules for what a customer types about themselves: any script, but one line of text that can be
 * printed on a label.
 */

/** The longest name, street or city, in Unicode code points. */
export const customerTextLengthMax = 200;

/**
 * C0 and C1 controls, line and paragraph separators, halves of surrogate pairs, and the controls that turn
 * the direction of text around and would reorder a printed label (UAX #9 §2.1, §2.2, §2.4).
 */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u;

/** Anything a reader would see: not white space, and not a character that is drawn as nothing (UAX #44). */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}]/u;

export type CustomerTextProblem = 'required' | 'too_long' | 'control_character';

/** Unicode NFC (UAX #15), without white space at either end. */
export function normalizeCustomerText(typed: string): string {
  return typed.normalize('NFC').trim();
}

/** What is wrong with an already normalized text, or null when nothing is. */
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

/** 5 digits or ZIP+4. */
export const zipCodePattern = /^\d{5}(-\d{4})?$/;

/** One @, something on both sides, no white space or unprintable; whether it exists only a mail can tell. */
export const emailPattern =
  /^[^\s@\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]+@[^\s@\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]+$/u;

/** RFC 5321 §4.5.3.1.3: a path of 256 octets, less its angle brackets. */
export const emailLengthMax = 254;
