import type { Cents } from './money.ts';
import { lineCountMax, quantityMax } from './order.ts';
import type { UsState } from './us-state.ts';

/** One line of a submission: a SKU and its units. */
export interface RequestedLine {
  readonly sku: string;
  readonly quantity: number;
}

/** Ties repeated requests together (draft-ietf-httpapi-idempotency-key-header-07). */
export interface Idempotency {
  /** The owner of the key; keys of different scopes never meet. */
  readonly scope: string;
  /** 1 to 255 visible ASCII characters, chosen by the caller. */
  readonly key: string;
  /** Equal exactly when the normalized order requests are equal: a digest of {@link fingerprintText}. */
  readonly fingerprint: string;
}

/** A key together with its scope, as one string; unambiguous because a key holds no space. */
export function idempotencyId({ scope, key }: Pick<Idempotency, 'scope' | 'key'>): string {
  return `${scope} ${key}`;
}

/** A well-formed wish for an order. Every field is normalized; prices and stock are not known yet. */
export interface Submission {
  /** UUIDv7 made when the request came in, so that handing the submission in twice is harmless. */
  readonly orderId: string;
  readonly placedAtMs: number;
  readonly customerName: string;
  /** One line, or two (see {@link joinStreetAddress}). */
  readonly streetAddress: string;
  readonly city: string | null;
  readonly state: UsState;
  readonly zipCode: string;
  readonly email: string | null;
  /** 1 to 50 lines, no SKU twice (see {@link mergeLines}). */
  readonly lines: readonly RequestedLine[];
  /**
   * The total that the shopper has seen: at another total the order is not placed. Left out when any is welcome.
   * It says nothing about the order itself, so a key replays its order whatever total was expected.
   */
  readonly expectedTotalCents?: Cents;
  readonly idempotency: Idempotency | null;
}

/**
 * The text a fingerprint is a digest of: every field that the order will have, in a fixed order. It never changes for
 * the same order: keys are replayed across versions.
 */
export function fingerprintText(request: OrderRequest): string {
  const { customerName, streetAddress, city, state, zipCode, email, lines } = request;
  const flatLines = lines.map((line) => [line.sku, line.quantity]);
  return JSON.stringify([customerName, streetAddress, city, state, zipCode, email, flatLines]);
}

/** The content of a submission, before it has an id, a time and a key. */
export type OrderRequest = Omit<Submission, 'orderId' | 'placedAtMs' | 'idempotency'>;

/** The lines with equal SKUs added up, in the order of their first appearance. */
export function mergeLines(lines: readonly RequestedLine[]): readonly RequestedLine[] {
  if (lines.length === 1) return lines;
  const quantities = new Map<string, number>();
  for (const line of lines) quantities.set(line.sku, (quantities.get(line.sku) ?? 0) + line.quantity);
  if (quantities.size === lines.length) return lines;
  return Array.from(quantities, ([sku, quantity]) => ({ sku, quantity }));
}

/** Crashes on a submission no parser should have let through: the other side of that boundary. */
export function assertSubmission(submission: Submission): void {
  const { lines } = submission;
  if (lines.length < 1 || lines.length > lineCountMax) {
    throw new RangeError(`a submission has ${lines.length} lines, not 1 to ${lineCountMax}`);
  }
  if (lines.length > 1 && new Set(lines.map(({ sku }) => sku)).size < lines.length) {
    throw new RangeError('a submission names a SKU twice: its stock would be checked line by line');
  }
  for (const { quantity } of lines) {
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > quantityMax) {
      throw new RangeError(`a line asks for ${quantity} units, not 1 to ${quantityMax}`);
    }
  }
}
