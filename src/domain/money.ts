/** An amount of US dollars in integer cents, from 0 to {@link centsMax}. Never a float. */
export type Cents = number;

/** The largest sum we compute with: beyond it a JavaScript number no longer counts every cent. */
export const centsMax: Cents = Number.MAX_SAFE_INTEGER;

/** The one currency of the shop, ISO 4217. */
export const currency = 'USD';

/** `quantity` × `unitPrice` in cents, or null when the product leaves the safe integer range. */
export function multiplyCents(unitPrice: Cents, quantity: number): Cents | null {
  const product = unitPrice * quantity;
  return Number.isSafeInteger(product) ? product : null;
}

/** `a` + `b` in cents, or null when the sum leaves the safe integer range. */
export function addCents(a: Cents, b: Cents): Cents | null {
  const sum = a + b;
  return Number.isSafeInteger(sum) ? sum : null;
}

/** For people: `$1,234.50`. */
export function formatCents(cents: Cents): string {
  const dollars = Math.trunc(cents / 100);
  const rest = String(cents % 100).padStart(2, '0');
  return `$${groupThousands(dollars)}.${rest}`;
}

/** For people: `12,345`. Deterministic: no locale data of the machine is consulted. */
export function groupThousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
