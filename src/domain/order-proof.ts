/** The proof by which somebody without the order's link shows that an order is theirs: its ZIP code or its email. */
import { normalizeCustomerText } from './customer-text.ts';
import { isSameEmail } from './email-address.ts';
import { hasErasure, type OrderHistory, orderAt } from './order-event.ts';
import { normalizeZipCode, zipCodePattern } from './zip-code.ts';

export type OrderProof =
  | { readonly kind: 'zip_code'; readonly zipCode: string }
  | { readonly kind: 'email'; readonly email: string };

/** @param typed one of both, as people write them; null when it is neither */
export function readOrderProof(typed: string): OrderProof | null {
  const text = normalizeCustomerText(typed);
  if (text.includes('@')) return { kind: 'email', email: text };
  const zipCode = normalizeZipCode(text);
  return zipCodePattern.test(zipCode) ? { kind: 'zip_code', zipCode } : null;
}

/**
 * American Samoa, the U.S. Virgin Islands, and Guam, the Northern Marianas, Palau, Micronesia and the Marshall Islands, by the
 * prefixes of USPS (Domestic Mail Manual, L002): 1 to 16 ZIP codes each. All others have dozens or more.
 */
const zipCodesOfFewInState = /^(?:96799|008|969)/;

/** Whether the state, which is no secret, gives the proof away within a few tries. */
export function isGuessable(proof: OrderProof): boolean {
  return proof.kind === 'zip_code' && zipCodesOfFewInState.test(proof.zipCode);
}

/**
 * Capitals of an email don't count. Where one of two ZIP codes has no +4, the first five digits do. An erased order has no
 * proof: its ZIP code stays, and must open nothing.
 */
export function provesOrder(proof: OrderProof, history: OrderHistory): boolean {
  if (hasErasure(history.events)) return false;
  const { zipCode, email } = orderAt(history);
  if (proof.kind === 'email') return email !== null && isSameEmail(email, proof.email);
  const length = Math.min(zipCode.length, proof.zipCode.length);
  return zipCode.slice(0, length) === proof.zipCode.slice(0, length);
}

/** The longest text that {@link readOrderNumber} looks at, in UTF-16 units. */
const numberTextLengthMax = 40;

/** ` #1,047 `, `Order 1047` and `１０４７` are 1047; null for a text that is no number. */
export function readOrderNumber(typed: string): number | null {
  if (typed.length > numberTextLengthMax) return null;
  const text = normalizeCustomerText(typed.normalize('NFKC'));
  const digits = /^(?:order\s*)?(?:number|no\.?|nr\.?)?\s*#?\s*(\d[\d,.\s]*)$/i.exec(text)?.[1];
  const plain = digits?.replaceAll(/[,.\s]/g, '') ?? '';
  return /^\d{1,15}$/.test(plain) ? Number(plain) : null;
}
