/** ZIP codes as people write them, and as they are stored. */

/** As it is stored: 5 digits, or ZIP+4 with a hyphen. */
export const zipCodePattern = /^\d{5}(-\d{4})?$/;

/** The longest text that {@link normalizeZipCode} looks at, in UTF-16 units. */
const typedLengthMax = 40;

/** What a reader takes for a hyphen; `ー` is what a Japanese keyboard types on the key of the hyphen. */
const dash = '[\\p{Dash}\\u30fc]';
const blank = '[\\p{White_Space}\\p{Default_Ignorable_Code_Point}\\u2800]';

const typedZipCode = new RegExp(`^${blank}*(\\d{5})(?:${blank}*${dash}?${blank}*(\\d{4}))?${blank}*$`, 'u');

/**
 * ` 12345 6789`, `123456789`, `12345–6789` and `１２３４５` become `12345-6789` and `12345`. A text that is no ZIP code
 * in any spelling comes back as it is: test the result with {@link zipCodePattern}.
 */
export function normalizeZipCode(typed: string): string {
  if (zipCodePattern.test(typed) || typed.length > typedLengthMax) return typed;
  const [, five, four] = typedZipCode.exec(typed.normalize('NFKC')) ?? [];
  if (five === undefined) return typed;
  return four === undefined ? five : `${five}-${four}`;
}

/** The first five digits of a ZIP code as it is stored. */
export function withoutZipAddOn(zipCode: string): string {
  return zipCode.slice(0, 5);
}

/** The four digits after the first five of a ZIP code as it is stored; null when it has none. */
export function zipAddOnOf(zipCode: string): string | null {
  return zipCode.length > 6 ? zipCode.slice(6) : null;
}
