/**
 * How orders were read before invisible characters were dropped at the ends of texts, and before an email had to be one
 * that mail can reach. A key that made an order then has the fingerprint of those texts, so that a retry is compared
 * with this reading, too. Whether a text was allowed then need not be known: the order was taken.
 */
import { z } from 'zod';
import { composed } from '../../domain/composed-text.ts';
import { mergeLines, type OrderRequest } from '../../domain/submission.ts';
import type { UsState } from '../../domain/us-state.ts';

const text = z.string().transform((typed) => composed(typed).trim());

/** No other field was known. */
const address = {
  customer_name: text,
  street_address: text,
  city: text.nullish(),
  state: z.string(),
  email: text.nullish(),
};

const earlierOrder = z.strictObject({
  ...address,
  zip_code: z.string(),
  lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })),
});

const earlierOriginal = z.object({
  ...address,
  zip_code: z.union([
    z.string().transform((typed) => typed.trim()),
    z.int().transform((digits) => String(digits).padStart(5, '0')),
  ]),
  quantity: z.union([
    z.int(),
    z
      .string()
      .regex(/^\s*\d{1,9}\s*$/)
      .transform(Number),
  ]),
});

/** Null for a body that no earlier version would have taken. @param json of the API, as sent */
export function readByEarlierRules(json: unknown): OrderRequest | null {
  const { data } = earlierOrder.safeParse(json);
  return data === undefined ? null : { ...addressOf(data), lines: mergeLines(data.lines) };
}

/** @param fields of the original contract as sent: JSON, or a form whose empty fields are left out */
export function readOriginalByEarlierRules(fields: unknown, sku: string): OrderRequest | null {
  const { data } = earlierOriginal.safeParse(fields);
  return data === undefined ? null : { ...addressOf(data), lines: [{ sku, quantity: data.quantity }] };
}

function addressOf(read: z.output<typeof earlierOriginal> | z.output<typeof earlierOrder>) {
  return {
    customerName: read.customer_name,
    streetAddress: read.street_address,
    city: read.city ?? null,
    state: read.state as UsState,
    zipCode: read.zip_code,
    email: read.email ?? null,
  };
}
