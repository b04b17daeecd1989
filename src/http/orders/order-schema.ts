/**
 * What an order request must look like: the schemas that validate it, and that `/openapi.json` is made
 * from. The rules themselves are the domain's. `sentAs` in a schema's metadata is its JSON Schema in the
 * document, where what is sent differs from what it is parsed to.
 */
import { z } from 'zod';
import {
  customerTextLengthMax,
  customerTextProblem,
  normalizeCustomerText,
} from '../../domain/customer-text.ts';
import { emailLengthMax, emailProblem, optionalEmailPattern } from '../../domain/email-address.ts';
import { centsMax, currency } from '../../domain/money.ts';
import { lineCountMax, quantityMax } from '../../domain/order.ts';
import { skuPattern } from '../../domain/product.ts';
import { joinStreetAddress } from '../../domain/street-address.ts';
import { mergeLines, type OrderRequest, type RequestedLine } from '../../domain/submission.ts';
import { optionalTextPattern, requiredTextPattern } from '../../domain/text-pattern.ts';
import { isUsState, normalizeUsState, type UsState, usStates } from '../../domain/us-state.ts';
import { normalizeZipCode, zipCodePattern } from '../../domain/zip-code.ts';
import { pointerTo } from '../request/field-mistakes.ts';

/**
 * A text of the domain's rules, brought into its stored form first. The code of a mistake is in `params`. One check
 * does both, because an order pays for each check.
 */
export const checkedText = (normalize: (typed: string) => string, codeOf: (text: string) => string | null) =>
  z.string().check((payload) => {
    const text = normalize(payload.value);
    payload.value = text;
    const code = codeOf(text);
    if (code !== null) payload.issues.push({ code: 'custom', params: { code }, input: text });
  });

const requiredText = (description: string, example: string) =>
  checkedText(normalizeCustomerText, customerTextProblem).meta({
    description: `${description} Without blanks and invisible characters at its ends, in Unicode NFC.`,
    minLength: 1,
    maxLength: customerTextLengthMax,
    pattern: requiredTextPattern,
    examples: [example],
  });

/** Blank is as good as left out: forms and other people's programs send what was not filled in. */
const blankOr = (codeOf: (text: string) => string | null, meta: Record<string, unknown>) =>
  checkedText(normalizeCustomerText, (text) => (text === '' ? null : codeOf(text))).meta(meta);

function emailCode(text: string): string | null {
  const problem = emailProblem(text);
  return problem === null ? null : `email_${problem}`;
}

export const customerName = requiredText('Who receives it.', 'Ada Lovelace');
export const streetAddress = requiredText('Street and house number.', '12 Analytical Way');
export const addressLine2 = blankOr(customerTextProblem, {
  description: 'Second line of the street address: apartment, suite or unit.',
  maxLength: customerTextLengthMax,
  pattern: optionalTextPattern,
  examples: ['Apt 4'],
});
export const city = blankOr(customerTextProblem, {
  description: 'City or town.',
  maxLength: customerTextLengthMax,
  pattern: optionalTextPattern,
  examples: ['Austin'],
});
export const state = checkedText(normalizeUsState, (text) => (isUsState(text) ? null : 'unknown_state')).meta(
  {
    description:
      'A state, DC, a territory, a freely associated state or armed forces, by USPS code; in any case.',
    enum: usStates,
    examples: ['TX'],
  },
);
export const zipCode = checkedText(normalizeZipCode, (text) =>
  zipCodePattern.test(text) ? null : 'invalid_zip_code',
).meta({
  description: '5 digits or ZIP+4. Nine digits, a space or another dash become `12345-6789`.',
  pattern: zipCodePattern.source,
  examples: ['78701'],
});
export const email = blankOr(emailCode, {
  description: 'Where news of the order may go. Also taken: addresses in other scripts (RFC 6531).',
  maxLength: emailLengthMax,
  pattern: optionalEmailPattern,
  examples: ['ada@example.com'],
});
export const quantity = z
  .int()
  .min(1)
  .max(quantityMax)
  .meta({ description: 'Units.', examples: [2] });

const line = z.strictObject({
  sku: z
    .string()
    .regex(skuPattern, 'invalid_sku')
    .meta({ description: 'A product’s SKU, as `GET /api/v1/products` lists it.', examples: ['tent-4p'] }),
  quantity,
});

const expectedTotal = z
  .strictObject({
    amount: z
      .int('cents')
      .min(0, 'cents')
      .max(centsMax, 'cents')
      .meta({ description: 'In cents.', examples: [39_998] }),
    currency: z.literal(currency, 'unknown_currency'),
  })
  .meta({
    description:
      'The total that was shown to the shopper. When the order comes to another, it is not placed: 409 `price_changed` tells the new total. A repeated request may expect another total: its `Idempotency-Key` gives the first answer.',
  });

export const orderRequestSchema = z
  .strictObject({
    customer_name: customerName,
    street_address: streetAddress,
    address_line_2: addressLine2.nullish(),
    city: city.nullish(),
    state,
    zip_code: zipCode,
    email: email.nullish(),
    lines: z
      .array(line)
      .min(1)
      .max(lineCountMax)
      .check((payload) => {
        for (const index of overfullLines(payload.value)) {
          const path = [index, 'quantity'];
          payload.issues.push({
            code: 'custom',
            params: { code: 'merged_quantity' },
            path,
            input: payload.value,
          });
        }
      })
      .meta({ description: 'The ordered products. Lines with the same SKU are added up.' }),
    expected_total: expectedTotal.nullish(),
    if_repeated: z
      .enum(['ask', 'place'])
      .nullish()
      .meta({
        description:
          'For pages. With `ask`, the same order that this browser has placed within 10 minutes is not placed again: 409 `order_repeated` names the earlier one. With `place` it is placed. The browser is known by a cookie, which is set with either; without this field nothing is looked at.',
        examples: ['ask'],
      }),
  })
  .meta({ id: 'OrderRequest' });

export interface ParsedOrder {
  readonly request: OrderRequest;
  /** JSON pointer to each merged line's quantity, as the caller numbered the lines. */
  readonly pointerOfLine: (mergedIndex: number) => string;
}

export function toOrderRequest(body: z.output<typeof orderRequestSchema>): ParsedOrder {
  const lines = mergeLines(body.lines);
  const request: OrderRequest = {
    customerName: body.customer_name,
    streetAddress: streetAddressOf(body),
    city: body.city || null,
    state: body.state as UsState,
    zipCode: body.zip_code,
    email: body.email || null,
    lines,
    ...(body.expected_total == null ? {} : { expectedTotalCents: body.expected_total.amount }),
  };
  const pointerOfLine = (mergedIndex: number) => {
    const sku = lines[mergedIndex]?.sku;
    return pointerTo(['lines', body.lines.findIndex((asked) => asked.sku === sku)]);
  };
  return { request, pointerOfLine };
}

export function streetAddressOf(fields: {
  readonly street_address: string;
  readonly address_line_2?: string | null | undefined;
}): string {
  return joinStreetAddress({ street: fields.street_address, secondLine: fields.address_line_2 || null });
}

/** First lines of the products of which several lines together ask for more than one line may. */
function overfullLines(lines: readonly RequestedLine[]): readonly number[] {
  if (lines.length < 2) return [];
  const merged = mergeLines(lines);
  if (merged.length === lines.length) return [];
  return merged
    .filter((line) => line.quantity > quantityMax)
    .map((line) => lines.findIndex(({ sku }) => sku === line.sku));
}
