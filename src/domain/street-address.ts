/**
 * A street address of one or two lines as one text, with a line feed between them: this is what HTML's
 * `autocomplete="street-address"` and a vCard (RFC 6350 §6.3.1) hold, too. Stored so, an address of one line is what it
 * always was, for every engine, backup and earlier version. A line itself has no line feed: `customerTextProblem`
 * refuses it.
 */

export interface StreetAddressLines {
  /** Street and house number. */
  readonly street: string;
  /** Apartment, suite or unit; null when there is none. */
  readonly secondLine: string | null;
}

export function joinStreetAddress({ street, secondLine }: StreetAddressLines): string {
  return secondLine === null ? street : `${street}\n${secondLine}`;
}

export function splitStreetAddress(streetAddress: string): StreetAddressLines {
  const end = streetAddress.indexOf('\n');
  if (end === -1) return { street: streetAddress, secondLine: null };
  return { street: streetAddress.slice(0, end), secondLine: streetAddress.slice(end + 1) };
}
