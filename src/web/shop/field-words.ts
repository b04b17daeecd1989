/**
 * What the shop says beside a field, in a shopper's terms: the API's own words speak of codes and JSON. The
 * controls carry these words too, so that scripts say the same.
 */

import { groupThousands } from '../../domain/money.ts';
import { quantityMax } from '../../domain/order.ts';
import type { ShopField } from './shop-fields.ts';

interface FieldWords {
  /** Nothing was typed or chosen. */
  readonly missing: string;
  /** The typed text is no value of this field. */
  readonly wrong: string;
}

const wholeNumber = `Enter a whole number from 1 to ${groupThousands(quantityMax)}.`;
const pickState = 'Choose a state from the list.';

export const fieldWords: Readonly<Partial<Record<ShopField, FieldWords>>> = {
  product_name: { missing: 'Choose a product first.', wrong: 'Choose a product from the list.' },
  quantity: { missing: wholeNumber, wrong: wholeNumber },
  customer_name: { missing: 'Enter your full name.', wrong: 'Enter your full name.' },
  street_address: { missing: 'Enter your street address.', wrong: 'Enter your street address.' },
  state: { missing: pickState, wrong: pickState },
  zip_code: { missing: 'Enter your ZIP code.', wrong: 'Enter 5 digits, or ZIP+4 such as 78701-1234.' },
  email: {
    missing: 'Enter an email address, or leave this empty.',
    wrong: 'Enter an address such as name@example.com, or leave this empty.',
  },
};

/** The codes whose own words fit a shopper: those about texts that are too long or can't be printed fit any field. */
const plainCodes: ReadonlySet<string> = new Set([
  'too_long',
  'control_character',
  'unknown_product',
  'invalid_email',
]);

/** @param code and @param detail as the API has them */
export function shopperWords(field: ShopField, code: string, detail: string): string {
  const words = fieldWords[field];
  if (words === undefined || plainCodes.has(code)) return detail;
  return code === 'required' ? words.missing : words.wrong;
}
